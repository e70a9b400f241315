//! Loads and saves the catalog: one entry per user attribute, one per namespace, and the version.

use std::sync::atomic::{AtomicU64, Ordering};

use instant_core::{Object, Value, schema::Attr};

use super::{Attribute, Catalog, DeletedAttribute};
use crate::{
    failure::Failure,
    ids::AttrNo,
    layout::{self, MetaKey},
    store::{Direction, Snapshot, StoreError, Transaction},
};

/// Returns the version of a snapshot's catalog. The store's mark is a copy of it.
pub(crate) fn version(snapshot: &Snapshot) -> Result<u64, StoreError> {
    if snapshot.mark() > 0 {
        return Ok(snapshot.mark());
    }
    Ok(snapshot
        .get(&layout::meta(MetaKey::Catalog))?
        .and_then(|bytes| Some(u64::from_be_bytes((*bytes).try_into().ok()?)))
        .unwrap_or(0))
}

/// Loads the catalog of a snapshot.
pub(crate) fn load(snapshot: &Snapshot) -> Result<Catalog, Failure> {
    let mut catalog = Catalog::new();
    for entry in snapshot.scan(&layout::namespaces(), Direction::Ascending)? {
        let (key, name) = entry?;
        let no = layout::namespace_of(&key);
        catalog.open_namespace(text(&name)?, no);
        catalog.next_namespace = catalog.next_namespace.max(no.0 + 1);
    }
    for entry in snapshot.scan(&layout::attributes(), Direction::Ascending)? {
        let (key, json) = entry?;
        let json =
            Value::parse(text(&json)?).map_err(|error| Failure::damaged(format!("an attribute: {error}")))?;
        let attribute = parse_attribute(&mut catalog, layout::attribute_of(&key), &json)
            .ok_or_else(|| Failure::damaged("a malformed attribute"))?;
        match json.get("deleted").and_then(Value::as_i64) {
            None => drop(catalog.put(attribute)),
            Some(at) => {
                catalog.next_attr = catalog.next_attr.max(attribute.no.0 + 1);
                catalog.deleted.push(DeletedAttribute { attribute, at });
            }
        }
    }
    catalog.version = version(snapshot)?;
    Ok(catalog)
}

/// Writes the entries of `catalog` that differ from the stored ones. If there are any, the catalog
/// gets a new version.
pub(crate) fn save(transaction: &mut Transaction, catalog: &mut Catalog) -> Result<(), StoreError> {
    let mut changed = Vec::new();
    let mut put = |key: Vec<u8>, value: String| -> Result<(), StoreError> {
        if transaction.get(&key)?.is_none_or(|known| *known != *value.as_bytes()) {
            changed.push((key, value));
        }
        Ok(())
    };
    for (name, namespace) in &catalog.namespaces {
        if !name.starts_with('$') {
            put(layout::namespace(namespace.no), name.clone())?;
        }
    }
    for attribute in catalog.attributes.values().filter(|attribute| !attribute.system) {
        put(layout::attribute(attribute.no), format_attribute(attribute, None))?;
    }
    for deleted in &catalog.deleted {
        put(layout::attribute(deleted.attribute.no), format_attribute(&deleted.attribute, Some(deleted.at)))?;
    }
    if changed.is_empty() {
        return Ok(());
    }
    for (key, value) in changed {
        transaction.insert(&key, value.as_bytes());
    }
    catalog.version = next_version(version(transaction)?);
    transaction.insert(&layout::meta(MetaKey::Catalog), &catalog.version.to_be_bytes());
    transaction.set_mark(catalog.version);
    Ok(())
}

/// Returns a version after `current`. Versions are unique in the process, because a cache may still
/// have the catalog of a commit that failed.
fn next_version(current: u64) -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let next = |last: u64| Some(last.max(current) + 1);
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap_or(current);
    last.max(current) + 1
}

fn format_attribute(attribute: &Attribute, deleted: Option<i64>) -> String {
    let mut out = Object::new();
    out.insert("attr", attribute.attr.to_json());
    if let Some(at) = deleted {
        out.insert("deleted", at);
    }
    Value::from(out).to_string()
}

fn parse_attribute(catalog: &mut Catalog, no: AttrNo, json: &Value) -> Option<Attribute> {
    let json = json.get("attr")?;
    let mut attr = Attr::parse_stored(json).ok()?;
    attr.inferred_types = json
        .get("inferred-types")
        .and_then(Value::as_array)
        .map(|kinds| kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let forward = catalog.namespace_no(&attr.forward.namespace);
    let reverse = attr.reverse.as_ref().map(|reverse| reverse.namespace.clone());
    let reverse = reverse.map(|namespace| catalog.namespace_no(&namespace));
    Some(Attribute { no, attr, system: false, forward, reverse })
}

fn text(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes).map_err(|_| Failure::damaged("a string that is not UTF-8"))
}
