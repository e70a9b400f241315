//! The values of expressions: what they are, when two are equal, and how they look as JSON.

use std::{cmp::Ordering, fmt, sync::Arc};

use instant_core::{Number, Object, Value};

use super::time;

/// A value. Cloning one copies no text and no list.
#[derive(Debug, Clone, Default)]
pub(crate) enum Val {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    /// A stored whole number beyond 64 bits: equal to itself and good for nothing else.
    Big(Arc<str>),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    List(Arc<[Val]>),
    /// A map that an expression made: a missing key is an error.
    Map(Arc<[(Val, Val)]>),
    /// A list or an object of JSON, stored or passed: a missing key is null.
    Json(Arc<Value>),
    /// Nanoseconds since 1970.
    Timestamp(i128),
    /// Nanoseconds.
    Duration(i128),
    Type(&'static str),
    Subject(Subject),
    Request,
    RateLimits,
    /// One of the buckets of `$rateLimits`.
    Bucket(Arc<str>),
}

/// What a rule is about, which is only read as far as the rule looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Data,
    NewData,
    LinkedData,
    Auth,
    RuleParams,
    Actions,
}

impl Val {
    /// A value of JSON text, as documents hold it.
    pub(crate) fn from_text(json: &str) -> Self {
        match json.as_bytes() {
            [] => Self::Null,
            [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Self::Text(json[1..json.len() - 1].into()),
            b"true" => Self::Bool(true),
            b"false" => Self::Bool(false),
            _ => Value::parse(json).map(Self::from_json).unwrap_or_default(),
        }
    }

    /// A value of JSON.
    pub(crate) fn from_json(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(Number::Int(number)) => Self::Int(number),
            Value::Number(Number::Float(number)) => Self::Double(number),
            Value::Number(Number::Big(digits)) => Self::Big((*digits).into()),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(_) | Value::Object(_) => Self::Json(Arc::new(value)),
        }
    }

    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    /// Whether a rule with this value allows.
    pub(crate) fn allows(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    /// What `type()` answers. Stored lists are not of the type of lists.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::Big(_) => "bigint",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Json(json) if json.as_array().is_some() => "stored list",
            Self::Map(_) | Self::Json(_) | Self::Subject(_) | Self::RateLimits => "map",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Type(_) => "type",
            Self::Request => "request",
            Self::Bucket(_) => "rate limit",
        }
    }

    /// `==`: values of different kinds are not equal, but numbers are compared by what they are.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b))
            | (Self::Big(a), Self::Big(b))
            | (Self::Bucket(a), Self::Bucket(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) | (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Type(a), Self::Type(b)) => a == b,
            (Self::Subject(a), Self::Subject(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => {
                let in_b = |(key, value): &(Val, Val)| find(b, key).is_some_and(|other| value.same(other));
                a.len() == b.len() && a.iter().all(in_b)
            }
            (Self::Json(a), Self::Json(b)) => same_json(a, b),
            (Self::Json(json), Self::Map(map)) | (Self::Map(map), Self::Json(json)) => match &**json {
                Value::Object(object) => {
                    let in_object = |(key, value): &(Val, Val)| match key {
                        Self::Text(key) => {
                            object.get(key).is_some_and(|other| value.same(&Self::from_json(other.clone())))
                        }
                        _ => false,
                    };
                    object.len() == map.len() && map.iter().all(in_object)
                }
                _ => false,
            },
            (a, b) if a.is_list() && b.is_list() => {
                let (a, b) = (a.items(), b.items());
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            (a, b) => a.compare_numbers(b) == Some(Ordering::Equal),
        }
    }

    /// Numbers of any kind, by value; none if one is no number, or not a number.
    pub(super) fn compare_numbers(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Uint(a), Self::Uint(b)) => a.cmp(b),
            (Self::Int(a), Self::Uint(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Self::Uint(a), Self::Int(b)) => i128::from(*a).cmp(&i128::from(*b)),
            (Self::Double(a), Self::Double(b)) => return a.partial_cmp(b),
            (Self::Int(a), Self::Double(b)) => compare_whole(i128::from(*a), *b)?,
            (Self::Uint(a), Self::Double(b)) => compare_whole(i128::from(*a), *b)?,
            (Self::Double(_), Self::Int(_) | Self::Uint(_)) => other.compare_numbers(self)?.reverse(),
            _ => return None,
        })
    }

    pub(super) fn is_list(&self) -> bool {
        match self {
            Self::List(_) => true,
            Self::Json(json) => json.as_array().is_some(),
            _ => false,
        }
    }

    /// The items of a list, the keys of a map; nothing of other values.
    pub(super) fn items(&self) -> Arc<[Val]> {
        match self {
            Self::List(items) => Arc::clone(items),
            Self::Map(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
            Self::Json(json) => match &**json {
                Value::Array(items) => items.iter().cloned().map(Self::from_json).collect(),
                Value::Object(members) => members.keys().map(Self::text).collect(),
                _ => Arc::default(),
            },
            _ => Arc::default(),
        }
    }

    /// The value as debug answers show it; none if JSON has nothing like it.
    pub(crate) fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(number) => (*number).into(),
            Self::Double(number) if number.is_nan() => "NaN".into(),
            Self::Double(number) => Value::Number(Number::Float(*number)),
            Self::Big(digits) => Value::parse(digits).ok()?,
            Self::Text(text) => Value::String((**text).to_owned()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_json).collect::<Option<_>>()?),
            Self::Map(entries) => {
                let member = |(key, value): &(Val, Val)| Some((key.as_key()?, value.to_json()?));
                Value::Object(entries.iter().map(member).collect::<Option<Object>>()?)
            }
            Self::Json(json) => Value::clone(json),
            Self::Timestamp(nanos) => time::timestamp_text(*nanos).into(),
            Self::Duration(nanos) => time::duration_text(*nanos).into(),
            Self::RateLimits => Value::Object(Object::new()),
            Self::Uint(_)
            | Self::Bytes(_)
            | Self::Type(_)
            | Self::Subject(_)
            | Self::Request
            | Self::Bucket(_) => return None,
        })
    }

    fn as_key(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some((**text).to_owned()),
            Self::Null => Some("NULL_VALUE".to_owned()),
            other => other.to_json().map(|json| json.to_string()),
        }
    }
}

impl fmt::Display for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Uint(number) => write!(f, "{number}"),
            other => match other.to_json() {
                Some(json) => json.fmt(f),
                None => f.write_str(other.type_name()),
            },
        }
    }
}

/// The value at a key of a map: a whole double finds the integer that it is, no integer finds a double.
pub(super) fn find<'a>(entries: &'a [(Val, Val)], key: &Val) -> Option<&'a Val> {
    let matches = |own: &Val| match (own, key) {
        (Val::Double(_), Val::Int(_) | Val::Uint(_)) => false,
        _ => own.same(key),
    };
    entries.iter().find(|(own, _)| matches(own)).map(|(_, value)| value)
}

fn compare_whole(whole: i128, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    // Beyond any 64 bit number; below that the truncated double is exact.
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
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same_json(a, b)))
        }
        _ => a == b,
    }
}
