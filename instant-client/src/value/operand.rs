//! What an attribute can be compared with ([`Operand`]) and set to ([`Assign`]).

use instant_core::Value;

use super::AttrValue;
use crate::BuildError;

/// The type of an attribute that can be compared: all but JSON.
#[diagnostic::on_unimplemented(
    message = "an attribute of type `{Self}` cannot be compared",
    label = "not a string, number, boolean, date, id or `InstantValue`",
    note = "Instant compares no JSON; ask `is_null()` or `is_not_null()`, or give what you filter by an attribute of its own"
)]
pub trait Scalar: AttrValue {}

/// The type of an attribute that can be ordered by: a [`Scalar`], or an `Option` of one.
#[diagnostic::on_unimplemented(
    message = "an attribute of type `{Self}` cannot be ordered by",
    label = "not a string, number, boolean, date, id or `InstantValue`"
)]
pub trait Ordered {}

impl<V: Scalar> Ordered for V {}
impl<V: Scalar> Ordered for Option<V> {}

/// The type of an attribute that `like` works on.
#[diagnostic::on_unimplemented(
    message = "`like` and `ilike` work on string attributes, and this one is `{Self}`",
    label = "not a string attribute"
)]
pub trait Text {}

impl Text for String {}
impl Text for Option<String> {}

/// The type of an attribute that can be without a value.
#[diagnostic::on_unimplemented(
    message = "this attribute is required, so it cannot be unset",
    label = "`{Self}` is not an `Option`",
    note = "declare the field as `Option<{Self}>` if entities can be without it"
)]
pub trait IsOptional {}

impl<T> IsOptional for Option<T> {}

/// What an attribute of type `V` can be compared with: a `V`, a `&V`, and `&str` for strings.
#[diagnostic::on_unimplemented(
    message = "cannot compare an attribute of type `{V}` with `{Self}`",
    label = "expected something that converts to `{V}`",
    note = "an optional attribute is compared with what is in it, null is asked for by `is_null()`, and JSON cannot be compared"
)]
pub trait Operand<V> {
    /// The operand as JSON.
    #[doc(hidden)]
    fn into_value(self) -> Result<Value, BuildError>;
}

/// What an attribute of type `V` can be set to: a `V`, a `&V`, `&str` for strings, and for an `Option` what is in it.
#[diagnostic::on_unimplemented(
    message = "cannot set an attribute of type `{V}` to `{Self}`",
    label = "expected something that converts to `{V}`"
)]
pub trait Assign<V> {
    /// The value as JSON.
    #[doc(hidden)]
    fn into_value(self) -> Result<Value, BuildError>;
}

macro_rules! conversions {
    ($($trait:ident $bound:ident)*) => {$(
        impl<V: $bound> $trait<V> for V {
            fn into_value(self) -> Result<Value, BuildError> {
                self.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: $bound> $trait<V> for &V {
            fn into_value(self) -> Result<Value, BuildError> {
                self.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: $bound> $trait<Option<V>> for V {
            fn into_value(self) -> Result<Value, BuildError> {
                self.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<V: $bound> $trait<Option<V>> for &V {
            fn into_value(self) -> Result<Value, BuildError> {
                self.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl $trait<String> for &str {
            fn into_value(self) -> Result<Value, BuildError> {
                Ok(self.into())
            }
        }

        #[diagnostic::do_not_recommend]
        impl $trait<Option<String>> for &str {
            fn into_value(self) -> Result<Value, BuildError> {
                Ok(self.into())
            }
        }
    )*};
}
conversions! { Operand Scalar  Assign AttrValue }
