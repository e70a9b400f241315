//! Conversions between [`Value`] and Rust's types, `serde_json` and serde.

use serde::{
    de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor},
    ser::{Serialize, Serializer},
};

use super::{Number, Object, Value};

macro_rules! from {
    ($($type:ty => |$value:ident| $into:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self { $into }
        }
    )*};
}
from! {
    bool => |value| Self::Bool(value);
    i8 => |value| Self::Number(Number::Int(value.into()));
    i16 => |value| Self::Number(Number::Int(value.into()));
    i32 => |value| Self::Number(Number::Int(value.into()));
    i64 => |value| Self::Number(Number::Int(value));
    u8 => |value| Self::Number(Number::Int(value.into()));
    u16 => |value| Self::Number(Number::Int(value.into()));
    u32 => |value| Self::Number(Number::Int(value.into()));
    u64 => |value| Self::Number(Number::from(value));
    f32 => |value| Self::Number(Number::Float(decimal(value)));
    f64 => |value| Self::Number(Number::Float(value));
    Number => |value| Self::Number(value);
    &str => |value| Self::String(value.to_owned());
    String => |value| Self::String(value);
    &String => |value| Self::String(value.clone());
    Object => |value| Self::Object(value);
    uuid::Uuid => |value| Self::String(value.to_string());
}

/// Returns the double of the shortest decimal that reads back as `value`, so that 0.1 stays 0.1.
fn decimal(value: f32) -> f64 {
    match value.to_string().parse::<f64>() {
        // The double of the decimal may lie on the border to the next `f32`.
        Ok(double) if double as f32 == value => double,
        _ => value.into(),
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::Big(value.to_string().into()), Self::Int)
    }
}

impl<E> From<crate::Id<E>> for Value {
    fn from(id: crate::Id<E>) -> Self {
        Self::String(id.to_string())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, T::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::from_iter(items)
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::from_iter(items)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Array(items.into_iter().map(T::into).collect())
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Number::Int(value),
                (None, Some(value)) => Number::from(value),
                (None, None) => Number::Float(number.as_f64().unwrap_or(f64::NAN)),
            }),
            serde_json::Value::String(text) => Self::String(text),
            serde_json::Value::Array(items) => Self::from_iter(items),
            serde_json::Value::Object(members) => {
                Self::Object(members.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

/// Converts an integer that does not fit into 64 bits to the nearest double, since
/// `serde_json::Value` holds no larger integers.
impl From<Value> for serde_json::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(Number::Int(value)) => value.into(),
            Value::Number(Number::Big(digits)) => match digits.parse::<u64>() {
                Ok(value) => value.into(),
                Err(_) => Number::Big(digits).as_f64().into(),
            },
            Value::Number(Number::Float(value)) => value.into(),
            Value::String(text) => Self::String(text),
            Value::Array(items) => items.into_iter().map(Self::from).collect(),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(Number::Int(value)) => serializer.serialize_i64(*value),
            Self::Number(Number::Big(digits)) => match digits.parse::<i128>() {
                Ok(value) => serializer.serialize_i128(value),
                Err(_) => serializer.serialize_f64(Number::Big(digits.clone()).as_f64()),
            },
            Self::Number(Number::Float(value)) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter()),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f32<E: de::Error>(self, value: f32) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Value>()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, Value>()? {
            members.push(member);
        }
        Ok(Value::Object(Object::from_iter(members)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn f32_becomes_its_shortest_decimal() {
        for (value, want) in [
            (0.1, 0.1),
            (-0.3, -0.3),
            (1.0, 1.0),
            (1.1e-7, 1.1e-7),
            (16_777_216.0, 16_777_216.0),
            (1e-45, 1e-45),
            (f32::MAX, 3.402_823_5e38),
            (0.1 + 0.2, 0.3),
            (f32::INFINITY, f64::INFINITY),
        ] {
            assert_eq!(Value::from(value), Value::from(want));
        }
        let from_serde = Value::deserialize(de::value::F32Deserializer::<de::value::Error>::new(0.1));
        assert_eq!(from_serde, Ok(Value::from(0.1_f64)));
    }

    proptest! {
        #[test]
        fn f32_reads_back(bits: u32) {
            let value = f32::from_bits(bits);
            let Value::Number(number) = Value::from(value) else { panic!("a float is a number") };
            prop_assert!(number.as_f64() as f32 == value || value.is_nan());
        }
    }
}
