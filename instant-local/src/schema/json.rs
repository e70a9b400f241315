//! Formats attributes for clients: grouped by namespace, or as a list.

use instant_core::{Object, Value, schema::Attr};
use jiff::Timestamp;

use crate::catalog::{Attribute, Catalog, DeletedAttribute, is_hidden};

/// Returns the visible attributes of a catalog, grouped.
pub(crate) fn grouped(catalog: &Catalog, key: impl Fn([&str; 4]) -> String) -> Value {
    let seen = catalog.attributes().into_iter().filter(|attribute| !is_hidden(attribute));
    group(seen.map(|attribute| (&attribute.attr, grouped_attr(attribute))), key)
}

/// Returns a list of all attributes, including hidden ones.
pub(crate) fn listed(catalog: &Catalog) -> Value {
    catalog.attributes().into_iter().map(|attribute| raw(attribute)).collect()
}

/// The number of days in which a soft-deleted attribute can be restored.
const RESTORE_DAYS: i64 = 2;

/// Returns the recently deleted attributes, with the names that deletion gave them, and how long
/// they can be restored. `now` is in milliseconds since 1970.
pub(crate) fn soft_deleted(catalog: &Catalog, now: i64) -> Object {
    let lately =
        |deleted: &&DeletedAttribute| now.saturating_sub(deleted.at) < RESTORE_DAYS * 24 * 60 * 60 * 1000;
    let attrs = catalog.deleted().iter().filter(lately).map(|deleted| {
        let mut out = raw(&deleted.attribute);
        let attr = &deleted.attribute.attr;
        for key in ["forward-identity", "reverse-identity"] {
            if let Some(Value::Array(parts)) = out.get_mut(key) {
                for name in parts.iter_mut().skip(1) {
                    *name = format!("{}_deleted${}", attr.id, name.as_str().unwrap_or_default()).into();
                }
            }
        }
        let id_attr = catalog.resolve(&attr.forward.namespace, "id").map(|label| label.attribute.attr.id);
        let mut before = Object::new();
        before.insert("is_indexed", attr.index);
        before.insert("is_required", if attr.required { Value::Bool(true) } else { Value::Null });
        before.insert("id_attr_id", id_attr.map_or(Value::Null, Value::from));
        out.insert("metadata", Object::from_iter([("soft_delete_snapshot".to_owned(), before.into())]));
        let at = Timestamp::from_second(deleted.at.div_euclid(1000)).unwrap_or_default();
        out.insert("deletion-marked-at", at.to_string());
        out.insert("index?", false);
        out.insert("required?", false);
        out
    });
    let mut out = Object::new();
    out.insert("attrs", attrs.collect::<Value>());
    out.insert("grace-period-days", RESTORE_DAYS);
    out
}

/// Returns the attributes of a declared schema, which have no ids.
pub(crate) fn declared(attrs: &[Attr]) -> Value {
    let nameless = |attr: &Attr| {
        let mut out = payload(attr, &["inferred-types"]);
        out.insert("id", Value::Null);
        for key in ["forward-identity", "reverse-identity"] {
            if let Some(Value::Array(parts)) = out.get_mut(key)
                && let Some(id) = parts.first_mut()
            {
                *id = Value::Null;
            }
        }
        if !attr.is_link() {
            out.insert("catalog", "user");
        }
        out
    };
    group(attrs.iter().map(|attr| (attr, nameless(attr))), bracketed)
}

/// Returns the key of a link in responses: its four names as a formatted list.
pub(crate) fn bracketed(names: [&str; 4]) -> String {
    format!("[{}]", names.map(|name| Value::from(name).to_string()).join(" "))
}

/// Returns an attribute as steps contain it. A link always has its cascades.
pub(super) fn payload(attr: &Attr, without: &[&str]) -> Object {
    let mut out = object(attr);
    for key in without {
        out.remove(key);
    }
    if attr.is_link() {
        for key in ["on-delete", "on-delete-reverse"] {
            if out.get(key).is_none() {
                out.insert(key, Value::Null);
            }
        }
    }
    out
}

/// Groups attributes: `refs` by the result of `key` for their four names, `blobs` by namespace and
/// label.
fn group<'a>(attrs: impl Iterator<Item = (&'a Attr, Object)>, key: impl Fn([&str; 4]) -> String) -> Value {
    let (mut refs, mut blobs) = (Object::new(), Object::new());
    for (attr, json) in attrs {
        let forward = &attr.forward;
        if let Some(reverse) = &attr.reverse {
            let names = [&forward.namespace, &forward.label, &reverse.namespace, &reverse.label];
            refs.insert(key(names.map(String::as_str)), json);
            continue;
        }
        if blobs.get(&forward.namespace).is_none() {
            blobs.insert(&*forward.namespace, Object::new());
        }
        if let Some(Value::Object(labels)) = blobs.get_mut(&forward.namespace) {
            labels.insert(&*forward.label, json);
        }
    }
    Object::from_iter([("refs".to_owned(), refs.into()), ("blobs".to_owned(), Value::from(blobs))]).into()
}

/// Returns an attribute as the grouped form contains it.
fn grouped_attr(attribute: &Attribute) -> Object {
    let mut out = raw(attribute);
    // A file's address is computed on request, so it is never missing.
    if (attribute.attr.forward.namespace.as_str(), attribute.label()) == ("$files", "url") {
        out.insert("required?", true);
    }
    out
}

/// Returns an attribute as it is stored.
fn raw(attribute: &Attribute) -> Object {
    let mut out = object(&attribute.attr);
    out.insert("catalog", if attribute.system { "system" } else { "user" });
    out
}

fn object(attr: &Attr) -> Object {
    match attr.to_json() {
        Value::Object(members) => members,
        _ => Object::new(),
    }
}
