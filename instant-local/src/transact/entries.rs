//! Entries of the index: when values are the same, and how an entry is found again.

use instant_core::{Uuid, Value, schema::CheckedType};

use crate::{
    catalog::Attribute,
    failure::Failure,
    index, layout,
    store::{Direction, Transaction},
};

/// Whether an attribute's values are dates, of which several spellings share a key.
pub(super) fn is_date(attribute: &Attribute) -> bool {
    attribute.attr.checked_type == Some(CheckedType::Date)
}

/// Words such as `now` mean another moment each time, so that the entry of one has to be searched.
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

/// Whether the database takes two values for equal.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.same_value(b),
        (a, b) => a == b,
    }
}

/// Reads a stored value.
pub(super) fn parse(json: &str) -> Result<Value, Failure> {
    Value::parse(json).map_err(|error| Failure::damaged(format!("a value: {error}")))
}
