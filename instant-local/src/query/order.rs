//! The order of strings and values: that of the store, which decides the content of pages, and that
//! of a returned list (`docs/protocol/instaql.md`, "6.4 Two-stage sorting").

use std::{borrow::Cow, cmp::Ordering};

use instant_core::{Number, Value, dates};

use super::json_text;
use crate::clock::now_micros;

/// Compares strings in conditions and pages: by code point. The keys of indexes have the same
/// order, so that a change of it must change [`crate::layout::FORMAT`].
pub(super) fn collate(a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

/// Compares strings in a returned list: by UTF-16 code unit.
fn by_code_unit(a: &str, b: &str) -> Ordering {
    let differing = a.bytes().zip(b.bytes()).find(|(a, b)| a != b);
    match differing {
        // Surrogates sort before the last code units of 16 bits.
        Some((a, b)) if (a >= 0xf0) != (b >= 0xf0) && a.min(b) >= 0xee => b.cmp(&a),
        Some((a, b)) => a.cmp(&b),
        None => a.len().cmp(&b.len()),
    }
}

/// A value by which a returned list is ordered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ListKey<'a> {
    /// Null or missing.
    Null,
    Bool(bool),
    Number(Number),
    Date(i64),
    Text(Cow<'a, str>),
    Array(Vec<Value>),
    /// An object, or a date in a format that lists cannot be ordered by.
    Unorderable,
}

impl<'a> ListKey<'a> {
    /// Parses a stored value. `date` is set if the attribute is a date.
    pub(super) fn new(raw: Option<&'a str>, date: bool) -> Self {
        let Some(raw) = raw.filter(|raw| *raw != "null") else { return Self::Null };
        if date {
            let micros = match json_text::text(raw) {
                Some(text) => dates::operand_text(&text),
                None => dates::stored(raw, now_micros),
            };
            return micros.map_or(Self::Unorderable, Self::Date);
        }
        if let Some(text) = json_text::text(raw) {
            return Self::Text(text);
        }
        match Value::parse(raw) {
            Ok(Value::Bool(value)) => Self::Bool(value),
            Ok(Value::Number(number)) => Self::Number(number),
            Ok(Value::Array(items)) => Self::Array(items),
            _ => Self::Unorderable,
        }
    }

    /// Compares two values. Returns `None` if they have no order.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.compare(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => by_code_unit(a, b),
            (Self::Array(a), Self::Array(b)) => return arrays(a, b),
            _ => return None,
        })
    }
}

/// Compares arrays by length, then item by item.
fn arrays(a: &[Value], b: &[Value]) -> Option<Ordering> {
    let length = a.len().cmp(&b.len());
    if length.is_ne() {
        return Some(length);
    }
    for (a, b) in a.iter().zip(b) {
        let order = match (a, b) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Null, _) => Ordering::Less,
            (_, Value::Null) => Ordering::Greater,
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Number(a), Value::Number(b)) => a.compare(b),
            (Value::String(a), Value::String(b)) => by_code_unit(a, b),
            (Value::Array(a), Value::Array(b)) => arrays(a, b)?,
            _ => return None,
        };
        if order.is_ne() {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_sort_by_utf16_code_unit() {
        for (a, b) in
            [("a", "b"), ("Z", "a"), ("", "a"), ("é", "ﬀ"), ("😀", "ﬀ"), ("中", "😀"), ("x😀", "xﬀ")]
        {
            assert_eq!(by_code_unit(a, b), a.encode_utf16().cmp(b.encode_utf16()), "{a} {b}");
            assert_eq!(by_code_unit(b, a), b.encode_utf16().cmp(a.encode_utf16()), "{b} {a}");
        }
    }

    #[test]
    fn values_of_one_type_are_ordered() {
        let order = |a, b| ListKey::new(Some(a), false).compare(&ListKey::new(Some(b), false));
        for (a, b) in [
            ("null", "false"),
            ("false", "true"),
            ("1", "1.5"),
            ("9007199254740992", "9007199254740993"),
            ("\"a\"", "\"b\""),
            ("[9]", "[1,1]"),
            ("[1,\"a\"]", "[1,\"b\"]"),
        ] {
            assert_eq!(order(a, b), Some(Ordering::Less), "{a} {b}");
        }
        for (a, b) in [("1", "\"a\""), ("true", "1"), ("{}", "{}")] {
            assert_eq!(order(a, b), None, "{a} {b}");
        }
    }
}
