//! JSON as Instant's wire has it: integers of any size, objects that keep their order, and a pull [`Reader`] that
//! decodes rows without a tree in between.
//!
//! Why not `serde_json::Value`: it keeps the digits of a large integer only with a feature that changes every other
//! crate in a user's build, refuses lone surrogates and text after the value, and sorts keys, all of which Instant's
//! server does differently. Conversions both ways are in this module.

mod convert;
mod number;
mod object;
mod reader;
mod token;
mod write;

pub use number::Number;
pub use object::Object;
pub use reader::{Kind, Reader, SyntaxError};
pub use write::{write_number, write_string};

/// A JSON value.
///
/// ```
/// use instant_core::Value;
///
/// let value = Value::parse(r#"{"title": "Get fit", "priority": 12345678901234567890}"#).unwrap();
/// assert_eq!(value.get("title").and_then(Value::as_str), Some("Get fit"));
/// assert_eq!(value.to_string(), r#"{"title":"Get fit","priority":12345678901234567890}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object; the order of its keys is kept.
    Object(Object),
}

impl Value {
    /// Parses one JSON text.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] with the byte at which the text stops being JSON; text after the value counts.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }

    /// Parses the JSON value that `text` begins with, and ignores what follows, as Instant's server does.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] with the byte at which the text stops being JSON.
    pub fn parse_prefix(text: &str) -> Result<Self, SyntaxError> {
        Reader::new(text).value()
    }

    /// The member `key`, when this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, when this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, when this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number as a 64-bit integer, when it is written without fraction and exponent and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(Number::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The items, when this is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, when this is an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The wire's word for this kind of value: `string number boolean null array object`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Whether the wire's optional flags read this as set: everything but `null` and `false`.
    pub fn is_truthy(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }
}
