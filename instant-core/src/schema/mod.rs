//! Schemas in both encodings of the wire (`docs/protocol/schema-and-platform.md`, "3.4 The two
//! schema encodings").
//!
//! Clients declare a [`Schema`]. Servers store a list of [`Attr`]s; [`Schema::from_attrs`] converts
//! it back to a schema.

mod attr;
mod definition;
mod from_attrs;

pub use attr::{Attr, Cardinality, Identity, ValueType, is_valid_name};
pub use definition::{AttrDef, EntityDef, LinkDef, LinkEnd, Schema};

use crate::Value;

/// The type that a server checks an attribute's values against.
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
    /// A number of milliseconds since 1970, or a string that parses as a date.
    Date,
}

impl CheckedType {
    /// Returns the wire's name of the type.
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

    /// Parses the wire's name of a type. Returns `None` for any other name, which means that values
    /// are not checked.
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
