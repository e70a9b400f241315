//! The entities that a transaction has read or changed.

use std::collections::{HashMap, hash_map::Entry};

use instant_core::Uuid;

use crate::{
    catalog::{AttrNo, Attribute, NamespaceNo},
    document::{Document, Draft},
    failure::Failure,
    layout,
    store::Transaction,
};

pub(super) type Entities = HashMap<(NamespaceNo, Uuid), LoadedEntity>;

/// An entity with the changes of the transaction.
#[derive(Debug)]
pub(super) struct LoadedEntity {
    pub(super) draft: Draft,
    /// `true` if the store has a document of it.
    pub(super) stored: bool,
    pub(super) created_before: Option<i64>,
    /// The changed attributes, including links in both directions.
    pub(super) changed: Vec<AttrNo>,
    /// `true` if a value or a link that the entity stores has changed.
    pub(super) touched: bool,
}

impl LoadedEntity {
    pub(super) fn touch(&mut self, attribute: &Attribute) {
        self.changed.push(attribute.no);
        self.touched = true;
    }
}

/// Loads an entity, once per transaction.
pub(super) fn load<'e>(
    entities: &'e mut Entities,
    transaction: &Transaction,
    namespace: NamespaceNo,
    id: &Uuid,
) -> Result<&'e mut LoadedEntity, Failure> {
    match entities.entry((namespace, *id)) {
        Entry::Occupied(known) => Ok(known.into_mut()),
        Entry::Vacant(free) => {
            let stored = transaction.get(&layout::entity(namespace, id))?;
            let draft = stored.as_ref().map(|bytes| Draft::of(&Document::new(bytes)));
            let created_before = draft.as_ref().and_then(|draft| draft.created);
            Ok(free.insert(LoadedEntity {
                stored: draft.is_some(),
                draft: draft.unwrap_or_default(),
                created_before,
                changed: Vec::new(),
                touched: false,
            }))
        }
    }
}
