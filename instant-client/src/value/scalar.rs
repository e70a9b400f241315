//! Strings, booleans, numbers and ids as attributes.

use instant_core::{
    Id, Number, Uuid, Value,
    json::{Kind, Reader},
    schema::CheckedType,
};

use super::{AttrValue, Scalar, expect};
use crate::{BuildError, DecodeError};

impl AttrValue for String {
    const CHECKED: Option<CheckedType> = Some(CheckedType::String);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect(reader, Kind::String, "a string")?;
        Ok(reader.string()?.into_owned())
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        Ok(self.into())
    }
}

impl AttrValue for bool {
    const CHECKED: Option<CheckedType> = Some(CheckedType::Boolean);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        expect(reader, Kind::Bool, "a boolean")?;
        Ok(reader.bool()?)
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        Ok((*self).into())
    }
}

/// The greatest integer up to which every integer is a double, the only number type of other
/// Instant clients.
const EXACT: i128 = 1 << 53;

/// Reads a number and returns it if it is an integer, such as `1.0`.
fn whole(reader: &mut Reader<'_>) -> Result<Option<i128>, DecodeError> {
    expect(reader, Kind::Number, "a whole number")?;
    Ok(match reader.number()? {
        Number::Int(value) => Some(value.into()),
        Number::Big(digits) => digits.parse().ok(),
        // The conversion is exact within these bounds.
        Number::Float(value) if value.fract() == 0.0 && value.abs() <= EXACT as f64 => Some(value as i128),
        Number::Float(_) => None,
    })
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        impl AttrValue for $type {
            const CHECKED: Option<CheckedType> = Some(CheckedType::Number);

            fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let at = reader.clone();
                match whole(reader)?.and_then(|value| Self::try_from(value).ok()) {
                    Some(value) => Ok(value),
                    None => Err(DecodeError::expected(concat!("a whole number (", stringify!($type), ")"), &at)),
                }
            }

            fn to_value(&self) -> Result<Value, BuildError> {
                let value = i128::from(*self);
                if value.abs() > EXACT {
                    return Err(BuildError::new(format!(
                        "the number {value} exceeds 2^53, up to which JSON numbers are exact; store it as a string",
                    )));
                }
                Ok((*self).into())
            }
        }

        impl Scalar for $type {}
    )*};
}
integers! { i8 i16 i32 i64 u8 u16 u32 u64 }

macro_rules! floats {
    ($($type:ident)*) => {$(
        impl AttrValue for $type {
            const CHECKED: Option<CheckedType> = Some(CheckedType::Number);

            fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                let at = reader.clone();
                expect(reader, Kind::Number, "a number")?;
                let value = reader.number()?.as_f64() as $type;
                match value.is_finite() {
                    true => Ok(value),
                    false => Err(DecodeError::expected(concat!("a number (", stringify!($type), ")"), &at)),
                }
            }

            fn to_value(&self) -> Result<Value, BuildError> {
                if !self.is_finite() {
                    return Err(BuildError::new(format!("the number {self} cannot be written as JSON")));
                }
                Ok((*self).into())
            }
        }

        impl Scalar for $type {}
    )*};
}
floats! { f32 f64 }

fn uuid(reader: &mut Reader<'_>, expected: &str) -> Result<Uuid, DecodeError> {
    let at = reader.clone();
    expect(reader, Kind::String, expected)?;
    match Uuid::try_parse(&reader.string()?) {
        Ok(uuid) => Ok(uuid),
        Err(_) => Err(DecodeError::expected(expected, &at)),
    }
}

impl AttrValue for Uuid {
    const CHECKED: Option<CheckedType> = Some(CheckedType::String);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        uuid(reader, "a UUID")
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        Ok((*self).into())
    }
}

impl<E> AttrValue for Id<E> {
    const CHECKED: Option<CheckedType> = Some(CheckedType::String);

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        uuid(reader, "an id").map(Self::from_uuid)
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        Ok((*self).into())
    }
}

impl Scalar for String {}
impl Scalar for bool {}
impl Scalar for Uuid {}
impl<E> Scalar for Id<E> {}

/// Reads a variant's name and returns its index, for an enum that derives `InstantValue`.
#[doc(hidden)]
pub fn read_variant(reader: &mut Reader<'_>, words: &[&str]) -> Result<usize, DecodeError> {
    let at = reader.clone();
    let expected = || {
        let quoted = Vec::from_iter(words.iter().map(|word| format!("\"{word}\"")));
        DecodeError::expected(&format!("one of {}", quoted.join(", ")), &at)
    };
    if reader.clone().peek()? != Kind::String {
        return Err(expected());
    }
    read_variant_or_other(reader, words)?.map_err(|_| expected())
}

/// Reads a string and returns the index of the variant with this name, or the string itself if there
/// is none, for an enum with a variant that is marked `other`.
#[doc(hidden)]
pub fn read_variant_or_other(
    reader: &mut Reader<'_>,
    words: &[&str],
) -> Result<Result<usize, String>, DecodeError> {
    expect(reader, Kind::String, "a string")?;
    let text = reader.string()?;
    Ok(words.iter().position(|word| *word == text).ok_or_else(|| text.into_owned()))
}

/// Writes a variant's name.
#[doc(hidden)]
pub fn write_variant(words: &[&str], index: usize) -> Result<Value, BuildError> {
    Ok(words.get(index).copied().unwrap_or_default().into())
}
