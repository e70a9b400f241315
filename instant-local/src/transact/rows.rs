//! Writes rows on behalf of the backend itself, such as users and files.
//!
//! It uses no steps and checks no permissions: the caller has done so.

use std::sync::Arc;

use instant_core::{Uuid, Value};

use super::{apply, attrs, cascade, constraints, values::StoredValue, writer::Writer};
use crate::{
    app::App,
    catalog::{self, Attribute, Label, NamespaceNo},
    failure::Failure,
    state::StateRef,
};

/// A write of the backend.
pub(crate) struct Rows<'t>(Writer<'t>);

/// Runs `change` as the only writer, and returns what it returned. An error discards the changes.
pub(crate) fn write_rows<R>(
    app: &App,
    change: impl FnOnce(&mut Rows<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let (_, (result, catalog)) = app.write(|transaction| {
        let known = app.catalog_of(transaction)?;
        let mut rows = Rows(Writer::new(transaction, Arc::clone(&known), app.clock().tick()));
        let result = change(&mut rows)?;
        let Rows(mut writer) = rows;
        writer.flush();
        let mut catalog = writer.catalog;
        if !Arc::ptr_eq(&catalog, &known) {
            catalog::save(transaction, Arc::make_mut(&mut catalog))?;
        }
        Ok((result, catalog))
    })?;
    app.publish(catalog);
    Ok(result)
}

impl Rows<'_> {
    /// Returns the state with the changes so far.
    pub(crate) fn state(&mut self) -> StateRef<'_> {
        self.0.flush();
        self.0.state()
    }

    /// Creates a row, unless it exists.
    pub(crate) fn create(&mut self, namespace: &str, id: &Uuid) -> Result<(), Failure> {
        let attribute = self.attribute(namespace, "id")?;
        self.0.set_id(&attribute, id)?;
        self.0.fill_with_nulls(attribute.forward, id)
    }

    /// Sets a value.
    pub(crate) fn set(
        &mut self,
        namespace: &str,
        id: &Uuid,
        label: &str,
        value: impl Into<Value>,
    ) -> Result<(), Failure> {
        let attribute = self.attribute(namespace, label)?;
        let plain = StoredValue::new(value.into());
        if plain.has_nul {
            return Err(constraints::null_bytes());
        }
        constraints::check_value(&attribute, id, &plain)?;
        self.0.set(&attribute, id, &plain)?;
        if let Some(kind) = plain.kind().filter(|_| !attribute.system) {
            attrs::remember_kinds(&mut self.0, &[(attribute.no, kind)]);
        }
        Ok(())
    }

    /// Inserts an entry of the store that belongs to no entity.
    pub(crate) fn insert_entry(&mut self, key: &[u8], value: &[u8]) {
        self.0.transaction.insert(key, value);
    }

    /// Links two entities. `label` is that of the forward side.
    pub(crate) fn link(
        &mut self,
        namespace: &str,
        from: &Uuid,
        label: &str,
        to: &Uuid,
    ) -> Result<(), Failure> {
        let attribute = self.attribute(namespace, label)?;
        self.0.link(&attribute, from, to)
    }

    /// Deletes entities and all that are deleted with them. Returns all deleted entities.
    pub(crate) fn delete(
        &mut self,
        namespace: &str,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<Vec<(NamespaceNo, Uuid)>, Failure> {
        let number = self.attribute(namespace, "id")?.forward;
        let gone = cascade::expand(&self.0, ids.into_iter().map(|id| (number, id)).collect())?;
        for (namespace, id) in &gone {
            self.0.delete(*namespace, id)?;
        }
        Ok(gone)
    }

    /// Rejects the write if an entity has lost a required attribute.
    pub(crate) fn check_required(&mut self) -> Result<(), Failure> {
        let changes = self.0.changes();
        apply::check_required(&changes, &mut self.0)
    }

    fn attribute(&self, namespace: &str, label: &str) -> Result<Arc<Attribute>, Failure> {
        let known =
            self.0.catalog.resolve(namespace, label).map(|Label { attribute, .. }| Arc::clone(attribute));
        known.ok_or_else(|| Failure::damaged(format!("no attribute {namespace}.{label}")))
    }
}
