//! Index entries: equality of values, and finding the entry of a value.

use instant_core::{Uuid, Value, schema::CheckedType};

use crate::{
    catalog::Attribute,
    failure::Failure,
    index, layout,
    store::{Direction, Transaction},
};

/// Returns whether the values of an attribute are dates, so that different values can have the same
/// key.
pub(super) fn is_date(attribute: &Attribute) -> bool {
    attribute.attr.checked_type == Some(CheckedType::Date)
}

/// The key of a word such as `now` depends on the time of the write, so that its entry is found by
/// a search.
pub(super) fn remove_index_entry(
    transaction: &mut Transaction,
    attribute: &Attribute,
    id: &Uuid,
    value: &Value,
) -> Result<(), Failure> {
    let key = layout::index_entry(attribute.no, &index::key(attribute, value), id);
    if !is_date(attribute) || transaction.get(&key)?.is_some() {
        transaction.remove(&key);
        return Ok(());
    }
    let mut found = None;
    for entry in transaction.scan(&layout::index(attribute.no), Direction::Ascending)? {
        let (key, _) = entry?;
        if layout::last_id(&key) == *id {
            found = Some(key.to_vec());
            break;
        }
    }
    if let Some(key) = found {
        transaction.remove(&key);
    }
    Ok(())
}

/// Returns whether two values are equal in the database.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.same_value(b),
        (a, b) => a == b,
    }
}

/// Parses a stored value.
pub(super) fn parse(json: &str) -> Result<Value, Failure> {
    Value::parse(json).map_err(|error| Failure::damaged(format!("a value: {error}")))
}
