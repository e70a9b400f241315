//! Attributes as clients see them: grouped by namespace, or one after the other.

use instant_core::{Object, Value, schema::Attr};
use jiff::Timestamp;

use crate::catalog::{Attribute, Catalog, DeletedAttribute, is_hidden};

/// What clients see of a catalog.
pub(crate) fn grouped(catalog: &Catalog, key: impl Fn([&str; 4]) -> String) -> Value {
    let seen = catalog.attributes().into_iter().filter(|attribute| !is_hidden(attribute));
    group(seen.map(|attribute| (&attribute.attr, shown(attribute))), key)
}

/// All attributes, hidden ones as well.
pub(crate) fn listed(catalog: &Catalog) -> Value {
    catalog.attributes().into_iter().map(|attribute| raw(attribute)).collect()
}

/// How long a soft-deleted attribute can be restored, in days.
const GRACE: i64 = 2;

/// The attributes that were deleted lately, under the names that deleting gave them, and how long they can be restored. `now` in
/// milliseconds since 1970.
pub(crate) fn soft_deleted(catalog: &Catalog, now: i64) -> Object {
    let lately = |deleted: &&DeletedAttribute| now.saturating_sub(deleted.at) < GRACE * 24 * 60 * 60 * 1000;
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
    out.insert("grace-period-days", GRACE);
    out
}

/// What was understood of a declared schema: nothing in it has an id.
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

/// The key of a link in answers: its four names as a printed list.
pub(crate) fn bracketed(names: [&str; 4]) -> String {
    format!("[{}]", names.map(|name| Value::from(name).to_string()).join(" "))
}

/// The attribute as steps have it: a link's cascades are always there.
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

/// `refs` by what `key` makes of their four names, `blobs` by namespace and label.
fn group<'a>(attrs: impl Iterator<Item = (&'a Attr, Object)>, key: impl Fn([&str; 4]) -> String) -> Value {
    let (mut refs, mut blobs) = (Object::new(), Object::new());
    for (attr, shown) in attrs {
        let forward = &attr.forward;
        if let Some(reverse) = &attr.reverse {
            let names = [&forward.namespace, &forward.label, &reverse.namespace, &reverse.label];
            refs.insert(key(names.map(String::as_str)), shown);
            continue;
        }
        if blobs.get(&forward.namespace).is_none() {
            blobs.insert(&*forward.namespace, Object::new());
        }
        if let Some(Value::Object(labels)) = blobs.get_mut(&forward.namespace) {
            labels.insert(&*forward.label, shown);
        }
    }
    Object::from_iter([("refs".to_owned(), refs.into()), ("blobs".to_owned(), Value::from(blobs))]).into()
}

/// The attribute in the grouped form.
fn shown(attribute: &Attribute) -> Object {
    let mut out = raw(attribute);
    // A file's address is made when it is asked for, so that it is never missing.
    if (attribute.attr.forward.namespace.as_str(), attribute.label()) == ("$files", "url") {
        out.insert("required?", true);
    }
    out
}

/// The attribute as it is kept.
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
