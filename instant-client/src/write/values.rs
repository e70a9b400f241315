//! The values of an entity, collected for a write or as JSON.

use instant_core::{
    Id, Object, Value,
    steps::{EntityRef, LinkTargets},
};

use super::Draft;
use crate::{BuildError, attr::Attr};

/// Collects attributes by their wire names, and required links.
#[derive(Debug, Default)]
pub struct Values {
    members: Object,
    links: Vec<LinkTargets>,
    error: Option<BuildError>,
}

#[doc(hidden)]
impl Values {
    /// Adds an attribute.
    pub fn attr<E, T, K>(&mut self, attr: Attr<E, T, K>, value: &T) {
        self.add(attr.label(), attr.write(value));
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
