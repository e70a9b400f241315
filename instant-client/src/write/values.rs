//! The values that an entity, or a new one, tells about itself.

use instant_core::{
    Id, Object, Value,
    steps::{EntityRef, LinkTargets},
};

use super::Draft;
use crate::{BuildError, attr::Attr};

/// Collects attributes by their names on the wire, and required links.
#[derive(Debug, Default)]
pub struct Values {
    members: Object,
    links: Vec<LinkTargets>,
    error: Option<BuildError>,
}

#[doc(hidden)]
impl Values {
    /// An attribute.
    pub fn attr<E, T, K>(&mut self, attr: Attr<E, T, K>, value: &T) {
        self.add(attr.label(), attr.write(value));
    }

    /// A link to one entity.
    pub fn link<E>(&mut self, label: &'static str, to: Id<E>) {
        self.links.push(LinkTargets { label: label.to_owned(), targets: vec![EntityRef::Id(*to.as_uuid())] });
    }

    /// What a row holds of a link.
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
