//! Writes entities: keeps documents, creation order, index entries and links consistent. No other
//! module writes them.
//!
//! Index entries and links change immediately, so that uniqueness is checked after every change as
//! on the server. Documents are written once, at the end of the transaction.

use std::{rc::Rc, sync::Arc};

use instant_core::{Uuid, Value};

use super::{
    constraints,
    entities::{Entities, load},
    entries::{is_date, parse, remove_index_entry, same},
    values::StoredValue,
};
use crate::{
    budget::Budget,
    catalog::{AttrNo, Attribute, Catalog, NamespaceNo},
    clock::Moment,
    document::id_json,
    failure::Failure,
    index, layout,
    state::StateRef,
    store::{Direction, Transaction},
};

/// A transaction on entities.
pub(crate) struct Writer<'t> {
    pub(super) transaction: &'t mut Transaction,
    pub(super) catalog: Arc<Catalog>,
    /// The moment at which this transaction's rows are created.
    now: Moment,
    /// The budget of the request, if a request is the reason of the write.
    budget: Option<Rc<Budget>>,
    entities: Entities,
}

/// A change of an entity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) namespace: NamespaceNo,
    pub(crate) entity: Uuid,
    /// The changed attributes: values, links that it stores, and links that lead to it if
    /// `namespace` is their reverse side.
    pub(crate) attributes: Vec<AttrNo>,
    /// `true` if the entity's own data changed, not only links that lead to it.
    pub(crate) touched: bool,
}

impl<'t> Writer<'t> {
    pub(crate) fn new(transaction: &'t mut Transaction, catalog: Arc<Catalog>, now: Moment) -> Self {
        Self { transaction, catalog, now, budget: None, entities: Entities::new() }
    }

    /// Counts its work in the budget of a request.
    pub(super) fn limited_by(mut self, budget: &Rc<Budget>) -> Self {
        self.budget = Some(Rc::clone(budget));
        self
    }

    /// Counts the work of reading text, as [`Budget::spend_bytes`].
    pub(super) fn spend_bytes(&self, bytes: usize) -> Result<(), Failure> {
        self.budget.as_ref().map_or(Ok(()), |budget| budget.spend_bytes(bytes))
    }

    /// Counts work, as [`Budget::spend`].
    pub(super) fn spend(&self, units: u32) -> Result<(), Failure> {
        self.budget.as_ref().map_or(Ok(()), |budget| budget.spend(units))
    }

    /// Returns the state of the store, without the changes that are not flushed yet.
    pub(super) fn state(&self) -> StateRef<'_> {
        StateRef { snapshot: &*self.transaction, catalog: &self.catalog }
    }

    /// Returns the catalog with the changes of the transaction.
    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// Sets a plain value. Rejects a value of a unique attribute that another entity has.
    pub(super) fn set(
        &mut self,
        attribute: &Attribute,
        id: &Uuid,
        plain: &StoredValue,
    ) -> Result<(), Failure> {
        self.spend(2)?;
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

    /// Sets the `id` attribute of an entity, which turns it into a row. Returns whether it is new.
    pub(super) fn set_id(&mut self, attribute: &Attribute, id: &Uuid) -> Result<bool, Failure> {
        if self.value(attribute, id)?.is_some() {
            return Ok(false);
        }
        self.put_id(attribute, id, self.now.order)?;
        Ok(true)
    }

    /// Sets the `id` attribute of an entity and its position in the order of creation.
    pub(super) fn put_id(&mut self, attribute: &Attribute, id: &Uuid, created: i64) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        entity.draft.set(attribute.no, id_json(id));
        entity.draft.created = Some(created);
        // A position after the present is one of a clock that was set back since.
        entity.draft.created_at = created.min(self.now.time);
        entity.touch(attribute);
        Ok(())
    }

    /// Returns the position of a row in the order of creation.
    pub(super) fn created(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<Option<i64>, Failure> {
        Ok(load(&mut self.entities, self.transaction, namespace, id)?.draft.created)
    }

    /// Sets the missing indexed attributes of a new row to null.
    pub(super) fn fill_with_nulls(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<(), Failure> {
        let catalog = Arc::clone(&self.catalog);
        let Some(namespace) = catalog.namespace_by_no(namespace) else { return Ok(()) };
        for attribute in namespace.stored.iter().filter(|attribute| attribute.shows_nulls()) {
            self.fill_with_null(attribute, id)?;
        }
        Ok(())
    }

    /// Sets an attribute to null if it is missing.
    pub(crate) fn fill_with_null(&mut self, attribute: &Attribute, id: &Uuid) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        if entity.draft.get(attribute.no).is_none() {
            self.set(attribute, id, &StoredValue::null())?;
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

    /// Adds a link, which replaces that of a to-one attribute. Rejects a target of a unique
    /// attribute that already has a link.
    pub(super) fn link(&mut self, attribute: &Attribute, from: &Uuid, to: &Uuid) -> Result<(), Failure> {
        self.spend(4)?;
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

    /// Removes a link, if it exists.
    pub(super) fn unlink(&mut self, attribute: &Attribute, from: &Uuid, to: &Uuid) -> Result<(), Failure> {
        self.spend(4)?;
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

    /// Removes a link from the document of its entity, but not its link entries.
    pub(super) fn hide_link(&mut self, attribute: &Attribute, from: &Uuid) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, from)?;
        if entity.draft.get(attribute.no).is_some() {
            entity.draft.unset(attribute.no);
            entity.touch(attribute);
        }
        Ok(())
    }

    /// Adds a link that has link entries to the document of its entity.
    pub(super) fn show_link(&mut self, attribute: &Attribute, from: &Uuid, to: &Uuid) -> Result<(), Failure> {
        let entity = load(&mut self.entities, self.transaction, attribute.forward, from)?;
        entity.draft.set(attribute.no, id_json(to));
        entity.touch(attribute);
        Ok(())
    }

    /// Deletes an entity of a namespace: its values, and its links in both directions.
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

    /// Returns the ids at the end of the keys with a prefix.
    pub(super) fn ids(&self, prefix: &[u8]) -> Result<Vec<Uuid>, Failure> {
        let keys = self.transaction.scan(prefix, Direction::Ascending)?;
        let mut ids = Vec::new();
        for entry in keys {
            self.spend(1)?;
            ids.push(layout::last_id(&entry?.0));
        }
        Ok(ids)
    }

    /// Returns the JSON of a plain value.
    pub(super) fn value(&mut self, attribute: &Attribute, id: &Uuid) -> Result<Option<&str>, Failure> {
        self.spend(1)?;
        let entity = load(&mut self.entities, self.transaction, attribute.forward, id)?;
        Ok(entity.draft.get(attribute.no))
    }

    /// Returns whether an entity has values or to-one links.
    pub(super) fn has_values(&mut self, namespace: NamespaceNo, id: &Uuid) -> Result<bool, Failure> {
        self.spend(1)?;
        Ok(!load(&mut self.entities, self.transaction, namespace, id)?.draft.is_empty())
    }

    /// Returns whether the store has any data of an entity in its namespace.
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
        self.spend(1)?;
        let mut links = self.transaction.scan(&layout::links_from(attribute.no, id), Direction::Ascending)?;
        Ok(links.next().transpose()?.is_some())
    }

    /// Returns the target of a to-one link.
    fn target(&mut self, attribute: &Attribute, from: &Uuid) -> Result<Option<Uuid>, Failure> {
        let Some(json) = self.value(attribute, from)? else { return Ok(None) };
        let id = json.trim_matches('"').parse();
        id.map(Some).map_err(|_| Failure::damaged(format!("the link {json}")))
    }

    /// Returns an entity that links to `to`.
    fn linked_to(&self, attribute: &Attribute, to: &Uuid) -> Result<Option<Uuid>, Failure> {
        let mut links = self.transaction.scan(&layout::links_to(attribute.no, to), Direction::Ascending)?;
        Ok(links.next().transpose()?.map(|(key, _)| layout::last_id(&key)))
    }

    /// Returns the entity whose unique attribute has a value. Null is never found.
    pub(super) fn find(
        &mut self,
        attribute: &Attribute,
        plain: &StoredValue,
    ) -> Result<Option<Uuid>, Failure> {
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

    /// Returns an entity other than `except` with a value. Compares values, because different
    /// values can have the same key.
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

    /// Returns the changed entities.
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

    /// Writes documents and creation entries.
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
