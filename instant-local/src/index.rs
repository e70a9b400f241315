//! The key under which an index holds a value: one rule for whoever writes it and whoever looks it up.

use instant_core::{Value, schema::CheckedType};

use crate::{catalog::Attribute, dates, layout::OrderKey};

/// The bytes for a value of an attribute. Dates in every spelling of one instant share a key; a text that is no date, which a type
/// check lets through to nobody, keeps its own.
pub(crate) fn key(attribute: &Attribute, value: &Value) -> Vec<u8> {
    if attribute.attr.checked_type == Some(CheckedType::Date) {
        let micros = match value {
            Value::String(text) => dates::stored_text(text),
            Value::Number(_) => dates::stored(&value.to_string()),
            _ => None,
        };
        if let Some(micros) = micros {
            return OrderKey::Date(micros).to_bytes();
        }
    }
    OrderKey::of(value).to_bytes()
}
