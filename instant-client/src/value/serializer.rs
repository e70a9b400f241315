//! Converts serde types to JSON trees, for [`Json`](super::Json).
//!
//! `serde_json` writes a NaN or an infinite number as null, which then cannot be read back. This
//! serializer rejects them and names their path.

use instant_core::{Number, Object, Value};
use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::json_error::{JsonError, not_finite};

/// Converts a value to JSON.
pub(super) fn to_json(value: &(impl Serialize + ?Sized)) -> Result<Value> {
    value.serialize(ToJson)
}

/// The prefix of the structs through which `serde_json` passes JSON text: `RawValue`, and numbers
/// with its feature `arbitrary_precision`.
const SERDE_JSON: &str = "$serde_json::private::";

struct ToJson;

type Result<T> = std::result::Result<T, JsonError>;

macro_rules! convert {
    ($($method:ident $type:ty)*) => {$(
        fn $method(self, value: $type) -> Result<Value> {
            Ok(value.into())
        }
    )*};
}

impl ser::Serializer for ToJson {
    type Ok = Value;
    type Error = JsonError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    convert! {
        serialize_bool bool
        serialize_i8 i8  serialize_i16 i16  serialize_i32 i32  serialize_i64 i64
        serialize_u8 u8  serialize_u16 u16  serialize_u32 u32  serialize_u64 u64
        serialize_str &str
    }

    fn serialize_i128(self, value: i128) -> Result<Value> {
        let small = i64::try_from(value);
        Ok(small.map_or_else(|_| Number::Big(value.to_string().into()), Number::Int).into())
    }

    fn serialize_u128(self, value: u128) -> Result<Value> {
        let small = i64::try_from(value);
        Ok(small.map_or_else(|_| Number::Big(value.to_string().into()), Number::Int).into())
    }

    fn serialize_f32(self, value: f32) -> Result<Value> {
        if value.is_finite() { Ok(value.into()) } else { Err(not_finite(value)) }
    }

    fn serialize_f64(self, value: f64) -> Result<Value> {
        if value.is_finite() { Ok(value.into()) } else { Err(not_finite(value)) }
    }

    fn serialize_char(self, value: char) -> Result<Value> {
        Ok(value.to_string().into())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value> {
        Ok(value.iter().copied().collect())
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value> {
        let value = to_json(value).map_err(|error| error.at_key(variant))?;
        Ok(named(variant, value))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items> {
        Ok(Items::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items> {
        Ok(Items::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items> {
        Ok(Items::default())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Items> {
        Ok(Items { variant: Some(variant), ..Items::default() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members> {
        Ok(Members::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members> {
        Ok(Members::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members> {
        Ok(Members { variant: Some(variant), ..Members::default() })
    }
}

fn named(variant: &str, value: Value) -> Value {
    Object::from_iter([(variant.to_owned(), value)]).into()
}

/// The items of an array. An enum's data is wrapped in an object with the name of its variant.
#[derive(Default)]
pub(super) struct Items {
    items: Vec<Value>,
    variant: Option<&'static str>,
}

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<()> {
        let item = to_json(item).map_err(|error| {
            let error = error.at_index(self.items.len());
            self.variant.into_iter().fold(error, JsonError::at_key)
        })?;
        self.items.push(item);
        Ok(())
    }

    fn finish(self) -> Result<Value> {
        let items = Value::Array(self.items);
        Ok(match self.variant {
            Some(variant) => named(variant, items),
            None => items,
        })
    }
}

macro_rules! items {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait for Items {
            type Ok = Value;
            type Error = JsonError;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<()> {
                self.push(item)
            }

            fn end(self) -> Result<Value> {
                self.finish()
            }
        }
    )*};
}
items! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

/// The members of an object. An enum's data is wrapped in an object with the name of its variant.
#[derive(Default)]
pub(super) struct Members {
    members: Vec<(String, Value)>,
    variant: Option<&'static str>,
    /// The key of the next value of a map.
    key: String,
    /// JSON text that stands for the whole struct.
    text: Option<Value>,
}

impl Members {
    fn insert<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        let value = to_json(value).map_err(|error| {
            let error = error.at_key(key);
            self.variant.into_iter().fold(error, JsonError::at_key)
        })?;
        match &value {
            Value::String(text) if key.starts_with(SERDE_JSON) => {
                self.text = Some(Value::parse(text).map_err(ser::Error::custom)?);
            }
            _ => self.members.push((key.to_owned(), value)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Value> {
        let value = self.text.unwrap_or_else(|| Object::from_iter(self.members).into());
        Ok(match self.variant {
            Some(variant) => named(variant, value),
            None => value,
        })
    }
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl $trait for Members {
            type Ok = Value;
            type Error = JsonError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<()> {
                self.insert(key, value)
            }

            fn end(self) -> Result<Value> {
                self.finish()
            }
        }
    )*};
}
structs! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Members {
    type Ok = Value;
    type Error = JsonError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = match to_json(key)? {
            Value::String(key) => key,
            key @ (Value::Number(_) | Value::Bool(_)) => key.to_string(),
            other => {
                let found = other.type_name();
                return Err(JsonError::new(format!(
                    "a key of a JSON object must be a string, found {found}"
                )));
            }
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = std::mem::take(&mut self.key);
        self.insert(&key, value)
    }

    fn end(self) -> Result<Value> {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::{Expect, expect};
    use serde::ser::SerializeStruct;

    use super::*;

    #[derive(serde::Serialize)]
    enum Shape {
        Empty,
        Circle(f64),
        Line(f32, f32),
        Box { side: f64, label: Option<&'static str> },
    }

    #[derive(serde::Serialize)]
    struct Unit;

    /// What `serde_json`'s `RawValue` passes to a serializer.
    struct Raw(&'static str);

    impl Serialize for Raw {
        fn serialize<S: ser::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
            let mut out = serializer.serialize_struct("$serde_json::private::RawValue", 1)?;
            out.serialize_field("$serde_json::private::RawValue", self.0)?;
            out.end()
        }
    }

    #[track_caller]
    fn check(value: impl Serialize, want: &Expect) {
        want.assert_eq(&to_json(&value).map_or_else(|error| error.to_string(), |value| value.to_string()));
    }

    /// Compares with what `serde_json` writes.
    #[track_caller]
    fn same(value: impl Serialize) {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(to_json(&value).unwrap(), Value::parse(&text).unwrap());
    }

    #[test]
    fn json_is_that_of_serde_json() {
        same((1_u8, -1_i64, u64::MAX, 0.1_f32, 1e300, 'é', "a\"b", true, (), Unit, None::<u8>, Some(2)));
        same([
            Shape::Empty,
            Shape::Circle(1.0),
            Shape::Line(0.1, 2.0),
            Shape::Box { side: 1.5, label: None },
        ]);
        same(BTreeMap::from([(1_u8, "a"), (2, "b")]));
        same(BTreeMap::from([(true, BTreeMap::from([('x', [0.5])]))]));
        same((u128::MAX, i128::MIN));
        same(serde_json::json!({"b": [1, {"c": null}], "a": 2.5}));
        check(Raw(r#"{"a": [1]}"#), &expect![[r#"{"a":[1]}"#]]);
    }

    #[test]
    fn numbers_that_json_lacks_are_named_by_their_path() {
        check(f64::NAN, &expect!["the number NaN cannot be written as JSON"]);
        check([1.0, f64::INFINITY], &expect!["[1]: the number inf cannot be written as JSON"]);
        check(Some(f32::NEG_INFINITY), &expect!["the number -inf cannot be written as JSON"]);
        check(
            BTreeMap::from([("a", vec![Shape::Box { side: f64::NAN, label: None }])]),
            &expect!["a[0].Box.side: the number NaN cannot be written as JSON"],
        );
        check(Shape::Circle(f64::NAN), &expect!["Circle: the number NaN cannot be written as JSON"]);
        check(Shape::Line(0.0, f32::NAN), &expect!["Line[1]: the number NaN cannot be written as JSON"]);
        check(BTreeMap::from([([1], 2)]), &expect!["a key of a JSON object must be a string, found array"]);
    }
}
