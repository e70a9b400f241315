//! The values that an attribute can be compared with ([`Operand`]) and set to ([`Assign`]).

use instant_core::Value;

use super::AttrValue;
use crate::{BuildError, attr::IsIndexed};

/// The type of an attribute that can be compared: any but JSON.
///
/// ```
/// use instant_client::{prelude::*, value::Scalar};
///
/// #[derive(InstantValue)]
/// struct Slug(String);
///
/// fn can_be_compared<V: Scalar>() {}
/// can_be_compared::<Slug>();
/// can_be_compared::<Timestamp>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an attribute of type `{Self}` cannot be compared",
    label = "not a string, number, boolean, date, id or `InstantValue`",
    note = "Instant cannot compare JSON: use `is_null()` or `is_not_null()`, or store the value to filter by in an attribute of its own"
)]
pub trait Scalar: AttrValue {}

/// The type of an attribute that rows can be ordered by: a [`Scalar`] or an `Option` of one.
///
/// ```
/// use instant_client::{prelude::*, value::Ordered};
///
/// fn can_be_ordered_by<V: Ordered>() {}
/// can_be_ordered_by::<Option<Timestamp>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an attribute of type `{Self}` cannot be ordered by",
    label = "not a string, number, boolean, date, id or `InstantValue`"
)]
pub trait Ordered {}

impl<V: Scalar> Ordered for V {}
impl<V: Scalar> Ordered for Option<V> {}

/// The type of a string attribute of `E`, for `like`. `K` tells whether the attribute is indexed.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let query = User::query().filter(|u| u.email.like("ada@%"));
/// assert_eq!(
///     query.to_json().unwrap().to_string(),
///     r#"{"$users":{"$":{"where":{"email":{"$like":"ada@%"}}}}}"#
/// );
/// ```
#[diagnostic::on_unimplemented(
    message = "`like` and `ilike` work on string attributes, but this one is `{Self}`",
    label = "not a string attribute"
)]
pub trait Text<E, K> {}

impl<E, K: IsIndexed<E>> Text<E, K> for String {}
impl<E, K: IsIndexed<E>> Text<E, K> for Option<String> {}

/// The type of an attribute that can lack a value: an `Option`.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let write = User::update(Id::new()).unset(|u| u.image_url);
/// ```
#[diagnostic::on_unimplemented(
    message = "this attribute is required, so it cannot be unset",
    label = "`{Self}` is not an `Option`",
    note = "declare the field as `Option<{Self}>` if an entity can lack a value"
)]
pub trait IsOptional: sealed::Sealed {}

impl<T> IsOptional for Option<T> {}

/// A value that an attribute of type `V` can be compared with: a `V`, a `&V`, or a `&str` for
/// strings.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let own = String::from("ada@example.com");
/// let conditions = [User::FIELDS.email.eq("ada@example.com"), User::FIELDS.email.eq(&own), User::FIELDS.email.eq(own)];
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot compare an attribute of type `{V}` with `{Self}`",
    label = "expected a value of type `{V}`",
    note = "compare an attribute with a value of its type or a reference to one; for an `Option<T>`, with a `T`",
    note = "to test for null, use `is_null()` or `is_not_null()`; Instant cannot compare JSON"
)]
pub trait Operand<V> {
    /// Converts the operand to JSON.
    #[doc(hidden)]
    fn into_value(self) -> Result<Value, BuildError>;
}

/// A value that an attribute of type `V` can be set to: a `V`, a `&V`, a `&str` for strings, or the
/// content of an `Option`.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let own = String::from("ada@example.com");
/// let write = User::update(Id::new()).set(|u| u.email, &own).set(|u| u.r#type, Some("user".to_owned()));
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot set an attribute of type `{V}` to `{Self}`",
    label = "expected a value of type `{V}`",
    note = "set an attribute to a value of its type or a reference to one; an `Option<T>` also to a `T`"
)]
pub trait Assign<V> {
    /// Converts the value to JSON.
    #[doc(hidden)]
    fn into_value(self) -> Result<Value, BuildError>;
}

macro_rules! conversions {
    ($($trait:ident $bound:ident)*) => {$(
        #[diagnostic::do_not_recommend]
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

mod sealed {
    pub trait Sealed {}

    impl<T> Sealed for Option<T> {}
}
