//! JSON as Instant's wire has it: integers of any size, objects that keep their order, and a pull [`Reader`] that
//! decodes rows without a tree in between.
//!
//! Why not `serde_json::Value`: it keeps the digits of a large integer only with a feature that changes every other
//! crate in a user's build, refuses lone surrogates and text after the value, and sorts keys, all of which Instant's
//! server does differently. Conversions both ways are in this module.

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
    /// An object; the order of its keys is kept.
    Object(Object),
}

impl Value {
    /// Parses one JSON text.
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
    /// [`SyntaxError`] with the byte at which the text stops being JSON; text after the value counts.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }

    /// Parses the JSON value that `text` begins with, and ignores what follows, as Instant's server does.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// assert_eq!(Value::parse_prefix("[1, 2] and more").unwrap().to_string(), "[1,2]");
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] with the byte at which the text stops being JSON.
    pub fn parse_prefix(text: &str) -> Result<Self, SyntaxError> {
        Reader::new(text).value()
    }

    /// The member `key`, when this is an object that has it.
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

    /// Whether this is `null`.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// let value = Value::parse("null").unwrap();
    /// assert!(value.is_null());
    /// ```
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, when this is a string.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// let value = Value::parse(r#""fit""#).unwrap();
    /// assert_eq!(value.as_str(), Some("fit"));
    /// ```
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, when this is one.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// let value = Value::parse("true").unwrap();
    /// assert_eq!(value.as_bool(), Some(true));
    /// ```
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number as a 64-bit integer, when it is written without fraction and exponent and fits.
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

    /// The items, when this is an array.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// let value = Value::parse("[1, 2]").unwrap();
    /// assert_eq!(value.as_array().map(<[Value]>::len), Some(2));
    /// ```
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, when this is an object.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// let value = Value::parse(r#"{"a": 1}"#).unwrap();
    /// assert!(value.as_object().is_some_and(|members| members.len() == 1));
    /// ```
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The wire's word for this kind of value: `string number boolean null array object`.
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

    /// Whether the wire's optional flags read this as set: everything but `null` and `false`.
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
