//! Comparison of values, and their representation as JSON.

use std::{cmp::Ordering, collections::HashMap, fmt, sync::Arc};

use instant_core::{Number, Object, Value};

use super::time;
use crate::CelValue;

impl CelValue {
    /// Returns the name that `type()` returns. Stored lists have a type of their own.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::BigInt(_) => "bigint",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Json(json) if json.as_array().is_some() => "stored list",
            Self::Map(_) | Self::Json(_) | Self::Record(_) | Self::RateLimits => "map",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Type(_) => "type",
            Self::Request => "request",
            Self::RateLimit(_) => "rate limit",
        }
    }

    /// Returns the result of `==`. Numbers are compared by value; other values of different types
    /// are unequal.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::String(a), Self::String(b))
            | (Self::BigInt(a), Self::BigInt(b))
            | (Self::RateLimit(a), Self::RateLimit(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) | (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Type(a), Self::Type(b)) => a == b,
            (Self::Record(a), Self::Record(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => {
                let in_b = |(key, value): &(CelValue, CelValue)| {
                    find(b, key).is_some_and(|other| value.equals(other))
                };
                a.len() == b.len() && a.iter().all(in_b)
            }
            (Self::Json(a), Self::Json(b)) => same_json(a, b),
            (Self::Json(json), Self::Map(map)) | (Self::Map(map), Self::Json(json)) => match &**json {
                Value::Object(object) => {
                    let in_object = |(key, value): &(CelValue, CelValue)| match key {
                        Self::String(key) => {
                            object.get(key).is_some_and(|other| value.equals(&Self::from_json(other.clone())))
                        }
                        _ => false,
                    };
                    object.len() == map.len() && map.iter().all(in_object)
                }
                _ => false,
            },
            (a, b) if a.is_list() && b.is_list() => {
                let (a, b) = (a.items(), b.items());
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b))
            }
            (a, b) => a.compare_numbers(b) == Some(Ordering::Equal),
        }
    }

    /// Compares two numbers of any type by value; `None` if one is NaN or not a number.
    pub(crate) fn compare_numbers(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Uint(a), Self::Uint(b)) => a.cmp(b),
            (Self::Int(a), Self::Uint(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Self::Uint(a), Self::Int(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Self::Double(a), Self::Double(b)) => return a.partial_cmp(b),
            (Self::Int(a), Self::Double(b)) => compare_with_double(i128::from(*a), *b)?,
            (Self::Uint(a), Self::Double(b)) => compare_with_double(i128::from(*a), *b)?,
            (Self::Double(_), Self::Int(_) | Self::Uint(_)) => other.compare_numbers(self)?.reverse(),
            _ => return None,
        })
    }

    pub(crate) fn is_list(&self) -> bool {
        match self {
            Self::List(_) => true,
            Self::Json(json) => json.as_array().is_some(),
            _ => false,
        }
    }

    /// Returns the items of a list or the keys of a map, and no items for other values.
    pub(crate) fn items(&self) -> Arc<[CelValue]> {
        match self {
            Self::List(items) => Arc::clone(items),
            Self::Map(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
            Self::Json(json) => match &**json {
                Value::Array(items) => items.iter().cloned().map(Self::from_json).collect(),
                Value::Object(members) => members.keys().map(Self::string).collect(),
                _ => Arc::default(),
            },
            _ => Arc::default(),
        }
    }

    /// Returns the value as JSON, or `None` if JSON cannot represent it.
    pub fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(number) => (*number).into(),
            Self::Double(number) if number.is_nan() => "NaN".into(),
            Self::Double(number) => Value::Number(Number::Float(*number)),
            Self::BigInt(digits) => Value::parse(digits).ok()?,
            Self::String(text) => Value::String((**text).to_owned()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?),
            Self::Map(entries) => {
                let member = |(key, value): &(CelValue, CelValue)| Some((key.as_key()?, value.to_json()?));
                Value::Object(entries.iter().map(member).collect::<Option<Object>>()?)
            }
            Self::Json(json) => Value::clone(json),
            Self::Timestamp(nanos) => time::timestamp_text(*nanos).into(),
            Self::Duration(nanos) => time::duration_text(*nanos).into(),
            Self::RateLimits => Value::Object(Object::new()),
            Self::Uint(_)
            | Self::Bytes(_)
            | Self::Type(_)
            | Self::Record(_)
            | Self::Request
            | Self::RateLimit(_) => return None,
        })
    }

    fn as_key(&self) -> Option<String> {
        match self {
            Self::String(text) => Some((**text).to_owned()),
            Self::Null => Some("NULL_VALUE".to_owned()),
            other => other.to_json().map(|json| json.to_string()),
        }
    }
}

/// Shows a string without quotes, and other values as JSON where possible.
impl fmt::Display for CelValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => f.write_str(text),
            Self::Uint(number) => write!(f, "{number}"),
            other => match other.to_json() {
                Some(json) => json.fmt(f),
                None => f.write_str(other.type_name()),
            },
        }
    }
}

/// Returns the value of a key in a map. A double finds the equal integer; an integer does not find
/// a double.
pub(crate) fn find<'a>(entries: &'a [(CelValue, CelValue)], key: &CelValue) -> Option<&'a CelValue> {
    let matches = |own: &CelValue| match (own, key) {
        (CelValue::Double(_), CelValue::Int(_) | CelValue::Uint(_)) => false,
        _ => own.equals(key),
    };
    entries.iter().find(|(own, _)| matches(own)).map(|(_, value)| value)
}

fn compare_with_double(whole: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // Larger than any 64-bit integer. Below that, the truncated double is exact.
    if double.abs() >= 2e19 {
        return Some(if double > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    Some(whole.cmp(&(double.trunc() as i128)).then(0.0_f64.partial_cmp(&double.fract())?))
}

fn same_json(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.same_value(b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let index = HashMap::<&str, &Value>::from_iter(b.iter());
            a.len() == b.len() && a.iter().all(|(key, a)| index.get(key).is_some_and(|b| same_json(a, b)))
        }
        _ => a == b,
    }
}
