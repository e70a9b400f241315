//! Attributes that hold any JSON: [`Json`] of a serde type, and JSON trees.

use std::ops::{Deref, DerefMut};

use instant_core::{Value, json::Reader, schema::CheckedType};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{AttrValue, json_error::check_numbers, merge, serializer::to_json};
use crate::{BuildError, DecodeError};

/// A JSON attribute that holds any serde type.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     tags: Json<Vec<String>>,
/// }
///
/// let goal = Goal::create(NewGoal { tags: Json(vec!["health".to_owned()]) });
/// assert!(goal.to_json().unwrap().to_string().ends_with(r#"{"tags":["health"]}]]"#));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Json<T>(pub T);

/// The type of an attribute that `merge` can change: JSON.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "todos")]
/// struct Todo {
///     id: Id<Todo>,
///     meta: Json<Vec<String>>,
/// }
///
/// let write = Todo::merge(Id::new(), |t| t.meta, json!(["new"]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`merge` works on JSON attributes, but this one is `{Self}`",
    label = "not a JSON attribute",
    note = "use `.set(..)` to replace the value, or declare the field as `Json<T>`"
)]
pub trait IsJson: sealed::Sealed {
    /// Returns an error if an attribute of this type certainly cannot contain what `patch` adds.
    #[doc(hidden)]
    fn check_merge(patch: &Value) -> Result<(), BuildError> {
        check_numbers(patch).map_err(|error| BuildError::new(error.to_string()))
    }
}

impl<T: DeserializeOwned> IsJson for Json<T> {
    fn check_merge(patch: &Value) -> Result<(), BuildError> {
        merge::check::<T>(patch)
    }
}

impl IsJson for Value {}
impl IsJson for serde_json::Value {}

impl<T: IsJson> IsJson for Option<T> {
    fn check_merge(patch: &Value) -> Result<(), BuildError> {
        T::check_merge(patch)
    }
}

impl<T: Serialize + DeserializeOwned> AttrValue for Json<T> {
    const CHECKED: Option<CheckedType> = None;

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        serde_json::from_str(reader.skip()?).map(Self).map_err(|error| {
            DecodeError::new(format!("the JSON is not a valid `{}`: {error}", short_name::<T>()))
        })
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        to_json(&self.0).map_err(|error| BuildError::new(error.to_string()))
    }
}

/// Returns the name of a type without its path.
pub(super) fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    if name.contains('<') { name } else { name.rsplit("::").next().unwrap_or(name) }
}

impl AttrValue for Value {
    const CHECKED: Option<CheckedType> = None;

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(reader.value()?)
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        check_numbers(self).map_err(|error| BuildError::new(error.to_string()))?;
        Ok(self.clone())
    }
}

impl AttrValue for serde_json::Value {
    const CHECKED: Option<CheckedType> = None;

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(reader.value()?.into())
    }

    fn to_value(&self) -> Result<Value, BuildError> {
        Ok(self.clone().into())
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

mod sealed {
    use super::{Json, Value};

    pub trait Sealed {}

    impl<T> Sealed for Json<T> {}
    impl Sealed for Value {}
    impl Sealed for serde_json::Value {}
    impl<T: Sealed> Sealed for Option<T> {}
}
