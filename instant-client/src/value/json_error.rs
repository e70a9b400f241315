//! The error for values that JSON cannot represent, such as a NaN.

use std::fmt;

use instant_core::{Number, Value};
use serde::ser;

/// A value that JSON cannot represent, and its path.
#[derive(Debug)]
pub(super) struct JsonError {
    /// Innermost segment first, because callers append while the error propagates.
    path: Vec<String>,
    message: String,
}

impl JsonError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: message.into() }
    }

    pub(super) fn at_key(mut self, key: &str) -> Self {
        self.path.push(format!(".{key}"));
        self
    }

    pub(super) fn at_index(mut self, index: usize) -> Self {
        self.path.push(format!("[{index}]"));
        self
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.iter().rev().map(String::as_str).collect::<String>();
        match path.strip_prefix('.').unwrap_or(&path) {
            "" => f.write_str(&self.message),
            path => write!(f, "{path}: {}", self.message),
        }
    }
}

impl std::error::Error for JsonError {}

impl ser::Error for JsonError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

/// Checks that JSON can represent every number in `value`.
pub(super) fn check_numbers(value: &Value) -> Result<(), JsonError> {
    match value {
        Value::Number(Number::Float(number)) if !number.is_finite() => Err(not_finite(*number)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_numbers(item).map_err(|error| error.at_index(index))),
        Value::Object(members) => members
            .iter()
            .try_for_each(|(key, member)| check_numbers(member).map_err(|error| error.at_key(key))),
        _ => Ok(()),
    }
}

pub(super) fn not_finite(number: impl fmt::Display) -> JsonError {
    JsonError::new(format!("the number {number} cannot be written as JSON"))
}
