//! JSON the way Instant's server reads and writes it.
//!
//! | To | Use |
//! |---|---|
//! | hold any JSON | [`Value`] |
//! | hold an object in the order of its keys | [`Object`] |
//! | hold a number with all its digits | [`Number`] |
//! | decode JSON into your own types without a tree | [`Reader`] |
//!
//! # Why not `serde_json::Value`?
//!
//! Instant's server keeps every digit of an integer, reports errors in the order of an object's
//! keys, reads a lone surrogate as `?`, and ignores text after a value. `serde_json` keeps digits
//! and key order only with features that affect every crate of a build, and rejects the other two.
//! [`Value`] converts from and to [`serde_json::Value`], and implements serde's traits.

mod containers;
mod convert;
mod number;
mod object;
mod reader;
mod syntax;
mod token;
mod write;

pub use number::Number;
pub use object::Object;
pub use reader::Reader;
pub use syntax::{Kind, SyntaxError};
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
    /// An object, in the order of its keys.
    Object(Object),
}

impl Value {
    /// Parses a JSON text.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// assert_eq!(Value::parse("[1, 2]").unwrap().to_string(), "[1,2]");
    /// assert!(Value::parse("[1, 2] and more").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`SyntaxError`] with the offset of the first unexpected byte. Text after the value
    /// is an error; see [`parse_prefix`](Self::parse_prefix) to allow it.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }

    /// Parses the JSON value at the start of `text` and ignores the rest, as Instant's server does.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// assert_eq!(Value::parse_prefix("[1, 2] and more").unwrap().to_string(), "[1,2]");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`SyntaxError`] with the offset of the first unexpected byte.
    pub fn parse_prefix(text: &str) -> Result<Self, SyntaxError> {
        Reader::new(text).value()
    }

    /// Returns the value of `key` if this is an object that has it.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// let value = Value::parse(r#"{"a": 1}"#).unwrap();
    /// assert_eq!(value.get("a").and_then(Value::as_i64), Some(1));
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// Returns whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the string, or `None` if this is another kind of value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the boolean, or `None` if this is another kind of value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the number if it is written as an integer, without fraction or exponent, and fits
    /// into 64 bits.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// assert_eq!(Value::parse("7").unwrap().as_i64(), Some(7));
    /// assert_eq!(Value::parse("7.0").unwrap().as_i64(), None);
    /// ```
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(Number::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// Returns the items, or `None` if this is not an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the object, or `None` if this is another kind of value.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the wire's name of this kind of value: `string`, `number`, `boolean`, `null`,
    /// `array` or `object`.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// let value = Value::parse("[]").unwrap();
    /// assert_eq!(value.type_name(), "array");
    /// ```
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

    /// Returns whether the server treats this as true: every value except `null` and `false`.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// assert!(Value::from(0).is_truthy());
    /// assert!(!Value::from(false).is_truthy() && !Value::Null.is_truthy());
    /// ```
    pub fn is_truthy(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }
}
