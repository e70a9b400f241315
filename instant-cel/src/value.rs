//! The values of expressions.

use std::sync::Arc;

use instant_core::{Number, Value};

use crate::Record;

/// A value of an expression. Cloning one copies no text and no list.
///
/// ```
/// use instant_cel::CelValue;
/// use instant_core::Value;
///
/// let stored = CelValue::from_json(Value::parse(r#"{"kinds": ["loam", "clay"]}"#)?);
/// assert!(matches!(stored, CelValue::Json(_)));
/// assert!(stored.allows());
/// assert!(!CelValue::Null.allows());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum CelValue {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer, such as `1u`.
    Uint(u64),
    /// A floating point number.
    Double(f64),
    /// The digits of a stored integer beyond 64 bits, which supports no operator but `==`.
    BigInt(Arc<str>),
    /// A string.
    String(Arc<str>),
    /// Bytes, such as `b'abc'`.
    Bytes(Arc<[u8]>),
    /// A list that an expression or a host creates.
    List(Arc<[CelValue]>),
    /// A map that an expression creates. Reading a missing key is an error.
    Map(Arc<[(CelValue, CelValue)]>),
    /// A stored JSON list or object. Reading a missing key returns null.
    Json(Arc<Value>),
    /// Nanoseconds since 1970.
    Timestamp(i128),
    /// Nanoseconds.
    Duration(i128),
    /// The name of a type, as `type()` returns it.
    Type(&'static str),
    /// A record, whose keys are read from the host.
    Record(Record),
    /// `request`.
    Request,
    /// `rateLimit`.
    RateLimits,
    /// The rate limit of that name.
    RateLimit(Arc<str>),
}

impl CelValue {
    /// Creates a value from JSON text. Text that is not valid JSON becomes null.
    pub fn from_json_text(json: &str) -> Self {
        match json.as_bytes() {
            [] => Self::Null,
            [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Self::string(&json[1..json.len() - 1]),
            b"true" => Self::Bool(true),
            b"false" => Self::Bool(false),
            _ => Value::parse(json).map(Self::from_json).unwrap_or_default(),
        }
    }

    /// Creates a value from JSON.
    pub fn from_json(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(Number::Int(number)) => Self::Int(number),
            Value::Number(Number::Float(number)) => Self::Double(number),
            Value::Number(Number::Big(digits)) => Self::BigInt((*digits).into()),
            Value::String(text) => Self::String(text.into()),
            Value::Array(_) | Value::Object(_) => Self::Json(Arc::new(value)),
        }
    }

    /// Creates a string.
    pub fn string(text: impl AsRef<str>) -> Self {
        Self::String(text.as_ref().into())
    }

    /// Returns whether a rule with this value allows the action: all values do but null and
    /// `false`.
    pub fn allows(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }
}
