//! The values of an entity, collected for a write or as JSON.

use instant_core::{
    Id, Object, Value,
    steps::{EntityRef, LinkTargets},
};

use super::Draft;
use crate::{BuildError, decode::slot::AttrCodec};

/// Collects attributes by their wire names, and required links.
#[derive(Debug, Default)]
pub struct Values {
    members: Object,
    links: Vec<LinkTargets>,
    error: Option<BuildError>,
}

/// An attribute with its value, of whatever type.
#[doc(hidden)]
pub trait AddTo {
    fn add_to(&self, values: &mut Values);
}

/// The value of an attribute, and how to write it.
#[doc(hidden)]
#[derive(Debug)]
pub struct AttrWithValue<'a, V> {
    pub(crate) codec: AttrCodec<V>,
    pub(crate) value: &'a V,
}

impl<V> AddTo for AttrWithValue<'_, V> {
    fn add_to(&self, values: &mut Values) {
        values.add(self.codec.schema.label, (self.codec.write)(self.value));
    }
}

#[doc(hidden)]
impl Values {
    /// Adds attributes, each with its value.
    pub fn attrs(&mut self, attrs: &[&dyn AddTo]) {
        for attr in attrs {
            attr.add_to(self);
        }
    }

    /// Adds a link to one entity.
    pub fn link<E>(&mut self, label: &'static str, to: Id<E>) {
        self.links.push(LinkTargets { label: label.to_owned(), targets: vec![EntityRef::Id(*to.as_uuid())] });
    }

    /// Adds the content of a link in a row.
    pub fn loaded(&mut self, label: &'static str, loaded: Result<Option<Value>, BuildError>) {
        match loaded {
            Ok(None) => {}
            Ok(Some(value)) => self.add(label, Ok(value)),
            Err(error) => self.add(label, Err(error)),
        }
    }

    pub(crate) fn add(&mut self, label: &'static str, value: Result<Value, BuildError>) {
        match value {
            Ok(value) => drop(self.members.insert(label, value)),
            Err(error) => drop(self.error.get_or_insert(error.within(label))),
        }
    }

    pub(crate) fn into_value(self) -> Result<Value, BuildError> {
        self.error.map_or(Ok(self.members.into()), Err)
    }

    pub(super) fn move_to(self, draft: &mut Draft) {
        draft.values = self.members;
        draft.links = self.links;
        if let Some(error) = self.error {
            draft.fail(error);
        }
    }
}
