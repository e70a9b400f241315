//! The one place that writes entities: it keeps documents, the order of creation, index entries and links in agreement.
//!
//! Index entries and links change at once, so that uniqueness is judged at every moment as on the server; documents are
//! written when the transaction is complete, once each.

use std::{collections::HashMap, sync::Arc};

use instant_core::{Uuid, Value};

use super::{
    constraints,
    entries::{is_date, parse, remove_index_entry, same},
    values::Plain,
};
use crate::{
    catalog::{AttrNo, Attribute, Catalog, NamespaceNo},
    document::{Document, Draft, id_json},
    failure::Failure,
    index, layout,
    state::StateRef,
    store::{Direction, StoreError, Transaction},
};

/// A transaction on entities.
pub(crate) struct Writer<'t> {
    pub(super) transaction: &'t mut Transaction,
    pub(super) catalog: Arc<Catalog>,
    /// When rows of this transaction are created, in microseconds since 1970.
    now: i64,
    entities: HashMap<(NamespaceNo, Uuid), Entity>,
}

/// An entity as it will be.
#[derive(Debug)]
struct Entity {
    draft: Draft,
    /// Whether there was a document.
    stored: bool,
    created_before: Option<i64>,
    /// The attributes that changed, links in both directions included.
    changed: Vec<AttrNo>,
    /// Whether something changed that the entity itself stores.
    touched: bool,
}

impl Entity {
    fn touch(&mut self, attribute: &Attribute) {
        self.changed.push(attribute.no);
        self.touched = true;
    }
}

/// An entity that the transaction changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) namespace: NamespaceNo,
    pub(crate) entity: Uuid,
    /// What changed: values, and links that it stores or, when `namespace` is the link's reverse side, that lead to it.
    pub(crate) attributes: Vec<AttrNo>,
    /// Whether something changed that the entity itself stores, not just a link that leads to it.
    pub(crate) touched: bool,
}

impl<'t> Writer<'t> {
    pub(crate) fn new(transaction: &'t mut Transaction, catalog: Arc<Catalog>, now: i64) -> Self {
        Self { transaction, catalog, now, entities: HashMap::new() }
    }

    /// Returns the state as the store has it now; what was not flushed is not in it.
    pub(super) fn state(&self) -> StateRef<'_> {
        StateRef { snapshot: &*self.transaction, catalog: &self.catalog }
    }

    /// The catalog with what the transaction added and changed.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// Sets a plain value, if no other entity has it where that counts.
    pub(super) fn set(&mut self, attribute: &Attribute, id: &Uuid, plain: &Plain) -> Result<(), Failure> {
        if !attribute.is_stored() {
            return Ok(());
        }
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        let before = entity.draft.get(attribute.no);
        if before == Some(&*plain.json) {
            return Ok(());
        }
        if attribute.has_index() {
            let key = index::key(attribute, &plain.value);
            if let Some(before) = before {
                let before = parse(before)?;
                remove_index_entry(self.transaction, attribute, id, &before)?;
            }
            if attribute.attr.unique
                && !plain.value.is_null()
                && self.find_by_key(attribute, &key, &plain.value, Some(id))?.is_some()
            {
                return Err(constraints::not_unique(attribute, &plain.value));
            }
            self.transaction.insert(&layout::index_entry(attribute.no, &key, id), &[]);
        }
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        entity.draft.set(attribute.no, plain.json.clone());
        entity.touch(attribute);
        Ok(())
    }

    /// Writes an entity's own id, which makes it a row. Answers whether it was none before.
    pub(super) fn set_id(&mut self, attribute: &Attribute, id: &Uuid) -> Result<bool, Failure> {
        if self.value(attribute, id)?.is_some() {
            return Ok(false);
        }
        self.put_id(attribute, id, self.now)?;
        Ok(true)
    }

    /// Writes an entity's own id, and when the row was created.
    pub(super) fn put_id(&mut self, attribute: &Attribute, id: &Uuid, created: i64) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        entity.draft.set(attribute.no, id_json(id));
        entity.draft.created = Some(created);
        entity.touch(attribute);
        Ok(())
    }

    /// When a row was created.
    pub(super) fn created(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<Option<i64>, Failure> {
        Ok(load(&mut self.entities, self.transaction, namespace, id)?.draft.created)
    }

    /// Gives a new row nulls for the indexed attributes that it has no value of.
    pub(super) fn fill_with_nulls(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<(), Failure> {
        let catalog = Arc::clone(&self.catalog);
        let Some(namespace) = catalog.namespace_by_no(namespace) else { return Ok(()) };
        for attribute in namespace.stored.iter().filter(|attribute| attribute.shows_nulls()) {
            self.fill_with_null(attribute, id)?;
        }
        Ok(())
    }

    /// Gives an entity a null where it has no value.
    pub(crate) fn fill_with_null(&mut self, attribute: &Attribute, id: &Uuid) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        if entity.draft.get(attribute.no).is_none() {
            self.set(attribute, id, &Plain::null())?;
        }
        Ok(())
    }

    /// Removes a plain value.
    pub(super) fn unset(&mut self, attribute: &Attribute, id: &Uuid) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        let Some(before) = entity.draft.get(attribute.no) else { return Ok(()) };
        if attribute.has_index() {
            let before = parse(before)?;
            remove_index_entry(self.transaction, attribute, id, &before)?;
        }
        entity.draft.unset(attribute.no);
        if attribute.label() == "id" {
            entity.draft.created = None;
        }
        entity.touch(attribute);
        Ok(())
    }

    /// Adds a link, or replaces that of a to-one attribute; refuses a target that is taken.
    pub(super) fn link(&mut self, attribute: &Attribute, from: &Uuid, to: &Uuid) -> Result<(), Failure> {
        if self.transaction.get(&layout::link(attribute.no, from, to))?.is_some() {
            return Ok(());
        }
        if attribute.attr.unique && self.linked_to(attribute, to)?.is_some_and(|taker| taker != *from) {
            return Err(constraints::not_unique(attribute, &Value::from(*to)));
        }
        if attribute.is_to_one() {
            if let Some(before) = self.target(attribute, from)? {
                self.unlink(attribute, from, &before)?;
            }
            let entity = load(&mut self.entities, self.transaction, attribute.forward, from)?;
            entity.draft.set(attribute.no, id_json(to));
        }
        self.transaction.insert(&layout::link(attribute.no, from, to), &[]);
        self.transaction.insert(&layout::link_back(attribute.no, to, from), &[]);
        self.note_link(attribute, from, to)
    }

    /// Removes a link, if it is there.
    pub(super) fn unlink(&mut self, attribute: &Attribute, from: &Uuid, to: &Uuid) -> Result<(), Failure> {
        let key = layout::link(attribute.no, from, to);
        if self.transaction.get(&key)?.is_none() {
            return Ok(());
        }
        self.transaction.remove(&key);
        self.transaction.remove(&layout::link_back(attribute.no, to, from));
        if attribute.is_to_one() {
            let entity = load(&mut self.entities, self.transaction, attribute.forward, from)?;
            entity.draft.unset(attribute.no);
        }
        self.note_link(attribute, from, to)
    }

    fn note_link(&mut self, attribute: &Attribute, from: &Uuid, to: &Uuid) -> Result<(), Failure> {
        load(&mut self.entities, self.transaction, attribute.forward, from)?.touch(attribute);
        if let Some(reverse) = attribute.reverse {
            load(&mut self.entities, self.transaction, reverse, to)?.changed.push(attribute.no);
        }
        Ok(())
    }

    /// Takes a link that is forgotten out of its entity, and leaves it among the links.
    pub(super) fn hide_link(&mut self, attribute: &Attribute, from: &Uuid) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, from)?;
        if entity.draft.get(attribute.no).is_some() {
            entity.draft.unset(attribute.no);
            entity.touch(attribute);
        }
        Ok(())
    }

    /// Puts a link that is among the links into its entity.
    pub(super) fn show_link(&mut self, attribute: &Attribute, from: &Uuid, to: &Uuid) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, from)?;
        entity.draft.set(attribute.no, id_json(to));
        entity.touch(attribute);
        Ok(())
    }

    /// Removes an entity of a namespace: its values, and the links on both sides.
    pub(super) fn delete(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<(), Failure> {
        let catalog = Arc::clone(&self.catalog);
        let Some(namespace) = catalog.namespace_by_no(namespace) else { return Ok(()) };
        for attribute in &namespace.incoming {
            for from in self.ids(&layout::links_to(attribute.no, id))? {
                self.unlink(attribute, &from, id)?;
            }
        }
        for attribute in &namespace.stored {
            if attribute.attr.is_link() {
                for to in self.ids(&layout::links_from(attribute.no, id))? {
                    self.unlink(attribute, id, &to)?;
                }
            } else {
                self.unset(attribute, id)?;
            }
        }
        Ok(())
    }

    /// The ids at the ends of the keys that begin with `prefix`.
    pub(super) fn ids(&self, prefix: &[u8]) -> Result<Vec<Uuid>, Failure> {
        let keys = self.transaction.scan(prefix, Direction::Ascending)?;
        Ok(keys.map(|entry| Ok(layout::last_id(&entry?.0))).collect::<Result<_, StoreError>>()?)
    }

    /// The JSON of a plain value.
    pub(super) fn value(&mut self, attribute: &Attribute, id: &Uuid) -> Result<Option<&str>, Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        Ok(entity.draft.get(attribute.no))
    }

    /// Whether an entity has values, to-many links left out.
    pub(super) fn has_values(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<bool, Failure> {
        Ok(!load(&mut self.entities, self.transaction, namespace, id)?.draft.is_empty())
    }

    /// Whether anything is stored of an entity in its namespace.
    pub(super) fn exists(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<bool, Failure> {
        if self.has_values(namespace, id)? {
            return Ok(true);
        }
        let catalog = Arc::clone(&self.catalog);
        let Some(namespace) = catalog.namespace_by_no(namespace) else { return Ok(false) };
        for attribute in namespace.stored.iter().filter(|stored| stored.attr.is_link() && !stored.is_to_one())
        {
            if self.has_link_from(attribute, id)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn has_link_from(&self, attribute: &Attribute, id: &Uuid) -> Result<bool, Failure> {
        let mut links = self.transaction.scan(&layout::links_from(attribute.no, id), Direction::Ascending)?;
        Ok(links.next().transpose()?.is_some())
    }

    /// The target of a to-one link.
    fn target(&mut self, attribute: &Attribute, from: &Uuid) -> Result<Option<Uuid>, Failure> {
        let Some(json) = self.value(attribute, from)? else { return Ok(None) };
        let id = json.trim_matches('"').parse();
        id.map(Some).map_err(|_| Failure::damaged(format!("the link {json}")))
    }

    /// An entity that links to `to`.
    fn linked_to(&self, attribute: &Attribute, to: &Uuid) -> Result<Option<Uuid>, Failure> {
        let mut links = self.transaction.scan(&layout::links_to(attribute.no, to), Direction::Ascending)?;
        Ok(links.next().transpose()?.map(|(key, _)| layout::last_id(&key)))
    }

    /// The entity whose unique attribute has a value; a null has none.
    pub(super) fn find(&mut self, attribute: &Attribute, plain: &Plain) -> Result<Option<Uuid>, Failure> {
        if attribute.attr.is_link() {
            return plain.as_id().map_or(Ok(None), |id| self.linked_to(attribute, &id));
        }
        if attribute.label() == "id" {
            let Some(id) = plain.as_id() else { return Ok(None) };
            return Ok(self.value(attribute, &id)?.is_some().then_some(id));
        }
        if plain.value.is_null() {
            return Ok(None);
        }
        self.find_by_key(attribute, &index::key(attribute, &plain.value), &plain.value, None)
    }

    /// An entity other than `except` with a value; different values may share a key.
    fn find_by_key(
        &mut self,
        attribute: &Attribute,
        key: &[u8],
        value: &Value,
        except: Option<&Uuid>,
    ) -> Result<Option<Uuid>, Failure> {
        let prefix = layout::index_value(attribute.no, key);
        for id in self.ids(&prefix)? {
            if Some(&id) == except {
                continue;
            }
            let exact = matches!(value, Value::String(_) | Value::Bool(_)) && !is_date(attribute);
            if exact {
                return Ok(Some(id));
            }
            let Some(found) = self.value(attribute, &id)? else { continue };
            if same(&parse(found)?, value) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The entities that changed, those without a change left out.
    pub(super) fn changes(&self) -> Vec<Change> {
        let changed = self.entities.iter().filter(|(_, entity)| !entity.changed.is_empty());
        let mut changes = Vec::from_iter(changed.map(|(&(namespace, entity), state)| {
            let mut attributes = state.changed.clone();
            attributes.sort();
            attributes.dedup();
            Change { namespace, entity, attributes, touched: state.touched }
        }));
        changes.sort_by_key(|change| (change.entity, change.namespace));
        changes
    }

    /// Writes the documents and the order of creation.
    pub(crate) fn flush(&mut self) {
        for ((namespace, id), entity) in &mut self.entities {
            if entity.changed.is_empty() {
                continue;
            }
            let key = layout::entity(*namespace, id);
            if !entity.draft.is_empty() {
                self.transaction.insert(&key, &entity.draft.encode(&self.catalog));
            } else if entity.stored {
                self.transaction.remove(&key);
            }
            if entity.created_before != entity.draft.created {
                if let Some(created) = entity.created_before {
                    self.transaction.remove(&layout::creation(*namespace, created, id));
                }
                if let Some(created) = entity.draft.created {
                    self.transaction.insert(&layout::creation(*namespace, created, id), &[]);
                }
            }
            entity.stored = !entity.draft.is_empty();
            entity.created_before = entity.draft.created;
        }
    }
}

/// Reads an entity once per transaction.
fn load<'e>(
    entities: &'e mut HashMap<(NamespaceNo, Uuid), Entity>,
    transaction: &Transaction,
    namespace: NamespaceNo,
    id: &Uuid,
) -> Result<&'e mut Entity, Failure> {
    match entities.entry((namespace, *id)) {
        std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
        std::collections::hash_map::Entry::Vacant(free) => {
            let stored = transaction.get(&layout::entity(namespace, id))?;
            let draft = stored.as_ref().map(|bytes| Draft::of(&Document::new(bytes)));
            let created_before = draft.as_ref().and_then(|draft| draft.created);
            Ok(free.insert(Entity {
                stored: draft.is_some(),
                draft: draft.unwrap_or_default(),
                created_before,
                changed: Vec::new(),
                touched: false,
            }))
        }
    }
}
