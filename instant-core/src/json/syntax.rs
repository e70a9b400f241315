//! The kinds of JSON values, and the error of parsing them.

use std::fmt;

/// A kind of JSON value, as [`Reader::peek`](super::Reader::peek) returns it.
///
/// ```
/// use instant_core::json::{Kind, Reader};
///
/// assert_eq!(Reader::new(" [7]").peek(), Ok(Kind::Array));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// The error of parsing JSON: the offset, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    pub(super) offset: usize,
    pub(super) expected: &'static str,
}

impl SyntaxError {
    /// Returns the offset of the first unexpected byte.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// assert_eq!(Value::parse("[1,]").unwrap_err().offset(), 3);
    /// ```
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Returns whether the text nests deeper than the reader allows. It may be valid JSON.
    ///
    /// ```
    /// use instant_core::Value;
    ///
    /// assert!(Value::parse(&"[".repeat(2000)).unwrap_err().is_too_deep());
    /// ```
    pub fn is_too_deep(&self) -> bool {
        self.expected == TOO_DEEP
    }
}

pub(super) const TOO_DEEP: &str = "no deeper nesting";

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for SyntaxError {}
