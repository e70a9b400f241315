//! Normalizes values as the server's database does, and formats them as its errors do.
//!
//! `constraints` checks whether an attribute accepts a value.

use std::{
    cmp::Ordering,
    fmt::{self, Write},
};

use instant_core::{Number, Object, Uuid, Value, json::write_string, steps::parse_uuid};

/// A normalized value.
#[derive(Debug, Clone)]
pub(super) struct StoredValue {
    pub(super) value: Value,
    /// The value as compact JSON.
    pub(super) json: Box<str>,
    /// `true` if it contains a string with a NUL, which the server rejects.
    pub(super) has_nul: bool,
    /// The number of characters of its longest string.
    pub(super) longest_text: usize,
}

/// Properties of the strings in a value.
#[derive(Default)]
struct Texts {
    has_nul: bool,
    longest: usize,
}

impl StoredValue {
    pub(super) fn new(value: Value) -> Self {
        let mut texts = Texts::default();
        let value = normalize(value, &mut texts);
        let json = value.to_string().into();
        Self { value, json, has_nul: texts.has_nul, longest_text: texts.longest }
    }

    /// Creates a stored value from one that is normalized already.
    pub(super) fn from_normalized(value: Value) -> Self {
        let json = value.to_string().into();
        Self { value, json, has_nul: false, longest_text: 0 }
    }

    pub(super) fn null() -> Self {
        Self { value: Value::Null, json: "null".into(), has_nul: false, longest_text: 0 }
    }

    /// Converts an id.
    pub(super) fn id(id: &Uuid) -> Self {
        let text = id.to_string();
        let json = format!("\"{text}\"").into();
        Self { value: Value::String(text), json, has_nul: false, longest_text: 0 }
    }

    /// Returns its type in `inferred-types`. Null has none.
    pub(super) fn kind(&self) -> Option<&'static str> {
        match self.value {
            Value::Null => None,
            Value::String(_) => Some("string"),
            Value::Number(_) => Some("number"),
            Value::Bool(_) => Some("boolean"),
            Value::Array(_) | Value::Object(_) => Some("json"),
        }
    }

    /// Returns its id, if it is one as a string.
    pub(super) fn as_id(&self) -> Option<Uuid> {
        self.value.as_str().and_then(parse_uuid)
    }
}

/// Converts ids to lower case and numbers outside the range of doubles to strings, and sorts the
/// keys of objects.
fn normalize(value: Value, texts: &mut Texts) -> Value {
    match value {
        Value::String(text) => Value::String(normalize_text(text, texts)),
        Value::Number(Number::Float(number)) if number.is_infinite() => {
            Value::from(if number > 0.0 { "Infinity" } else { "-Infinity" })
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| normalize(item, texts)).collect()),
        Value::Object(members) => {
            let mut sorted = Vec::with_capacity(members.len());
            for (key, value) in members {
                sorted.push((normalize_text(key, texts), normalize(value, texts)));
            }
            Value::Object(sort_keys(Object::from_iter(sorted)))
        }
        other => other,
    }
}

/// Compares keys as the database does, shorter ones first. Equal objects then have equal JSON.
pub(super) fn sort_keys(members: Object) -> Object {
    if members.keys().is_sorted_by(|a, b| key_order(a, b).is_le()) {
        return members;
    }
    let mut sorted = Vec::from_iter(members);
    sorted.sort_by(|a, b| key_order(&a.0, &b.0));
    sorted.into_iter().collect()
}

pub(super) fn key_order(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn normalize_text(text: String, texts: &mut Texts) -> String {
    texts.has_nul |= text.as_bytes().contains(&0);
    if text.len() > texts.longest {
        texts.longest = texts.longest.max(text.chars().count());
    }
    match parse_uuid(&text) {
        Some(id) => id.to_string(),
        None => text,
    }
}

/// Formats JSON as the database does, with a space after each comma and colon.
pub(super) fn database_text(value: &Value) -> String {
    Notation { between: ", ", behind_key: ": ", plain: |out, value| write!(out, "{value}") }.print(value)
}

/// Formats a value as the server's messages about lookups do.
pub(super) fn server_notation(value: &Value) -> String {
    let plain = |out: &mut String, value: &Value| match value {
        Value::Null => write!(out, "nil"),
        Value::String(text) if parse_uuid(text).is_some() => write!(out, "#uuid \"{text}\""),
        value => write!(out, "{value}"),
    };
    Notation { between: " ", behind_key: " ", plain }.print(value)
}

/// A notation for values: its separators, and its format of scalars.
struct Notation {
    between: &'static str,
    behind_key: &'static str,
    plain: fn(&mut String, &Value) -> fmt::Result,
}

impl Notation {
    fn print(&self, value: &Value) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out, value);
        out
    }

    fn write(&self, out: &mut String, value: &Value) -> fmt::Result {
        match value {
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index > 0 { self.between } else { "" });
                    self.write(out, item)?;
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    write_string(out, key)?;
                    out.push_str(self.behind_key);
                    self.write(out, value)?;
                }
                out.push('}');
            }
            plain => (self.plain)(out, plain)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_normalized_as_by_the_server() {
        let id = "ABCDEF00-1111-2222-3333-444455556666";
        for (json, want) in [
            ("\"ABCDEF00-1111-2222-3333-444455556666\"", "\"abcdef00-1111-2222-3333-444455556666\""),
            ("\"000000001-0001-0001-0001-00000000001\"", "\"00000001-0001-0001-0001-000000000001\""),
            ("\" abcdef00-1111-2222-3333-44445555666\"", "\" abcdef00-1111-2222-3333-44445555666\""),
            ("{\"bb\":1,\"a\":[1e400,-1e400]}", "{\"a\":[\"Infinity\",\"-Infinity\"],\"bb\":1}"),
            (
                &format!("{{\"{id}\":1,\"{}\":2}}", id.to_lowercase()),
                &format!("{{\"{}\":2}}", id.to_lowercase()),
            ),
            ("{\"b\":-0.0,\"a\":1e3}", "{\"a\":1000.0,\"b\":0.0}"),
        ] {
            let plain = StoredValue::new(Value::parse(json).unwrap());
            assert_eq!((&*plain.json, plain.has_nul), (want, false), "{json}");
        }
        assert!(StoredValue::new(Value::parse("{\"a\":[\"\\u0000\"]}").unwrap()).has_nul);
    }

    #[test]
    fn errors_print_values_in_two_notations() {
        let value = Value::parse("{\"a\":[1,null,\"x\",true],\"b\":{}}").unwrap();
        assert_eq!(database_text(&value), "{\"a\": [1, null, \"x\", true], \"b\": {}}");
        assert_eq!(server_notation(&value), "{\"a\" [1 nil \"x\" true], \"b\" {}}");
    }
}
