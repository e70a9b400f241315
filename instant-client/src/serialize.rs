//! Serialization of rows for entities with `#[instant(serialize)]`: wire names, and the links that
//! were loaded.

use instant_core::Value;
use serde::{Serialize, Serializer, ser::Error};

use crate::{
    BuildError,
    entity::Entity,
    link::NotLoaded,
    write::{TargetName, Values},
};

/// A row, or the content of a link in a row, that converts to JSON.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be serialized",
    note = "add `#[instant(serialize)]` to the entity of this row"
)]
pub trait ToJson {
    /// Converts to JSON. Returns `None` for a link that was not loaded.
    fn to_json(&self) -> Result<Option<Value>, BuildError>;
}

impl<L> ToJson for NotLoaded<L> {
    fn to_json(&self) -> Result<Option<Value>, BuildError> {
        Ok(None)
    }
}

impl<T: ToJson> ToJson for Option<T> {
    fn to_json(&self) -> Result<Option<Value>, BuildError> {
        Ok(Some(self.as_ref().map_or(Ok(None), T::to_json)?.unwrap_or_default()))
    }
}

impl<T: ToJson> ToJson for Vec<T> {
    fn to_json(&self) -> Result<Option<Value>, BuildError> {
        let items = self.iter().map(|item| Ok(item.to_json()?.unwrap_or_default()));
        Ok(Some(Value::Array(items.collect::<Result<_, BuildError>>()?)))
    }
}

/// Converts an entity to JSON, with the links that `links` adds.
#[doc(hidden)]
pub fn row_json<E: Entity>(entity: &E, links: impl FnOnce(&mut Values)) -> Result<Option<Value>, BuildError> {
    let mut values = Values::default();
    values.add("id", entity.name().map(TargetName::into_value));
    entity.fill(&mut values);
    links(&mut values);
    values.into_value().map(Some)
}

/// Serializes `row` by its JSON.
#[doc(hidden)]
pub fn serialize<T: ToJson, S: Serializer>(row: &T, serializer: S) -> Result<S::Ok, S::Error> {
    row.to_json().map_err(S::Error::custom)?.serialize(serializer)
}
