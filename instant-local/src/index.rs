//! Index keys of values, for writers and for queries.

use instant_core::{Value, dates, schema::CheckedType};

use crate::{catalog::Attribute, clock::now_micros, layout::OrderKey};

/// Returns the order key of a value of an attribute, see [`layout::index_value`](crate::layout).
///
/// All spellings of one date have the same key. A string that is not a date keeps its own key; the
/// type check rejects such strings before they are stored.
pub(crate) fn key(attribute: &Attribute, value: &Value) -> Vec<u8> {
    if attribute.attr.checked_type == Some(CheckedType::Date) {
        let micros = match value {
            Value::String(text) => dates::stored_text(text, now_micros),
            Value::Number(_) => dates::stored(&value.to_string(), now_micros),
            _ => None,
        };
        if let Some(micros) = micros {
            return OrderKey::Date(micros).to_bytes();
        }
    }
    OrderKey::of(value).to_bytes()
}
