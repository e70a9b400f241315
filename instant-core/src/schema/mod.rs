//! Schemas in the wire's two encodings (`schema-and-platform.md` 3.4): the [`Schema`] that a client declares, and the
//! [`Attr`]s that a server keeps.

mod attr;
mod definition;
mod from_attrs;

pub use attr::{Attr, Cardinality, Identity, ValueType, is_valid_name};
pub use definition::{AttrDef, EntityDef, LinkDef, LinkEnd, Schema};

use crate::Value;

/// The type that the server checks an attribute's values against.
///
/// ```
/// use instant_core::schema::CheckedType;
///
/// assert_eq!(CheckedType::parse("date"), Some(CheckedType::Date));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckedType {
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// A JSON boolean.
    Boolean,
    /// Milliseconds since 1970, or a text that reads as a date.
    Date,
}

impl CheckedType {
    /// The wire's word.
    ///
    /// ```
    /// use instant_core::schema::CheckedType;
    ///
    /// assert_eq!(CheckedType::Boolean.as_str(), "boolean");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }

    /// Reads the wire's word; every other word means "not checked".
    ///
    /// ```
    /// use instant_core::schema::CheckedType;
    ///
    /// assert_eq!(CheckedType::parse("json"), None);
    /// ```
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "string" => Some(Self::String),
            "number" => Some(Self::Number),
            "boolean" => Some(Self::Boolean),
            "date" => Some(Self::Date),
            _ => None,
        }
    }
}

impl From<CheckedType> for Value {
    fn from(checked: CheckedType) -> Self {
        checked.as_str().into()
    }
}
