//! The Rust types of attributes, and the values that they can be compared with and set to.

mod dates;
mod json;
mod json_error;
mod merge;
mod operand;
mod scalar;
mod serializer;

use instant_core::{
    Value,
    json::{Kind, Reader},
    schema::CheckedType,
};

pub use json::{IsJson, Json};
pub use operand::{Assign, IsOptional, Operand, Ordered, Scalar, Text};
pub use scalar::{read_variant, read_variant_or_other, write_variant};

use crate::{BuildError, DecodeError};

/// A Rust type that an attribute can have.
///
/// Implemented for strings, booleans, numbers, dates, [`Uuid`](crate::Uuid), [`Id`](crate::Id),
/// [`Json`], `serde_json::Value` and `Option`s of these. `#[derive(InstantValue)]` implements it
/// for enums and newtypes.
///
/// ```
/// use instant_client::{AttrValue, BuildError, DecodeError, Value, prelude::*, schema::CheckedType};
/// use instant_core::json::Reader;
///
/// /// Whole cents, kept as a number.
/// #[derive(Debug, PartialEq)]
/// struct Money(u32);
///
/// impl AttrValue for Money {
///     const CHECKED: Option<CheckedType> = Some(CheckedType::Number);
///
///     fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
///         u32::read(reader).map(Money)
///     }
///
///     fn to_value(&self) -> Result<Value, BuildError> {
///         self.0.to_value()
///     }
/// }
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "orders")]
/// struct Purchase {
///     id: Id<Purchase>,
///     total: Money,
/// }
///
/// let write = Purchase::create(NewPurchase { total: Money(1250) });
/// assert!(write.to_json().unwrap().to_string().ends_with(r#"{"total":1250}]]"#));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of an Instant attribute",
    label = "not the type of an attribute",
    note = "use `String` for text, integers and floats for numbers, and `Timestamp` for dates, or the types of \
            `chrono` or `time` with the feature of that name",
    note = "wrap it as `Json<{Self}>`, which cannot be compared or ordered by, or derive `InstantValue` for an enum \
            or a newtype",
    note = "`Many<T>` and `One<T>` are links: mark the field with `#[instant(link(reverse = ..))]`"
)]
pub trait AttrValue: Sized {
    /// The type that the server checks values against; `None` for any JSON.
    const CHECKED: Option<CheckedType>;

    /// Whether an entity can lack a value.
    const OPTIONAL: bool = false;

    /// Reads the next value.
    ///
    /// ```
    /// use instant_client::AttrValue;
    /// use instant_core::json::Reader;
    ///
    /// assert_eq!(u8::read(&mut Reader::new("7")), Ok(7));
    /// assert_eq!(u8::read(&mut Reader::new("300")).unwrap_err().message(), "expected a whole number (u8), found 300");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not of this type.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Converts the value to JSON.
    ///
    /// ```
    /// use instant_client::AttrValue;
    ///
    /// assert_eq!(7_u8.to_value().unwrap().to_string(), "7");
    /// assert!((u64::MAX).to_value().is_err(), "JSON cannot carry it exactly");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if JSON cannot represent the value exactly.
    fn to_value(&self) -> Result<Value, BuildError>;

    /// Returns the value that represents a missing one, or `None` if there is no such value.
    ///
    /// ```
    /// use instant_client::AttrValue;
    ///
    /// assert_eq!(u8::missing(), None);
    /// assert_eq!(Option::<u8>::missing(), Some(None));
    /// ```
    fn missing() -> Option<Self> {
        None
    }
}

impl<T: AttrValue> AttrValue for Option<T> {
    const CHECKED: Option<CheckedType> = T::CHECKED;
    const OPTIONAL: bool = true;

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.null()? {
            return Ok(None);
        }
        T::read(reader).map(Some)
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        self.as_ref().map_or(Ok(Value::Null), T::to_value)
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

/// Checks the kind of the next value.
fn expect(reader: &mut Reader<'_>, kind: Kind, expected: &str) -> Result<(), DecodeError> {
    if reader.peek()? == kind { Ok(()) } else { Err(DecodeError::expected(expected, reader)) }
}
