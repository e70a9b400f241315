//! A state of an app that does not change: what whoever reads takes.

use std::sync::Arc;

use instant_core::Uuid;

use super::App;
use crate::{
    catalog::{self, Catalog},
    failure::Failure,
    files::FileUrls,
    layout,
    limits::Limits,
    rules::{Permissions, Source},
    store::{Bytes, Snapshot, StoreError},
};

/// A consistent state of an app: what is stored, and what it means.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) snapshot: Snapshot,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) files: FileUrls,
    pub(super) app: App,
}

impl View {
    /// The rules of this state, for a request from `source`.
    pub(crate) fn permissions(&self, source: Source) -> Result<Permissions, Failure> {
        self.app.permissions(&self.snapshot, source)
    }

    /// What a request on this state may cost.
    pub(crate) fn limits(&self) -> Limits {
        self.app.limits()
    }

    /// The bytes of an entity's [`Document`](crate::document::Document).
    pub(crate) fn document(
        &self,
        namespace: catalog::NamespaceNo,
        id: &Uuid,
    ) -> Result<Option<Bytes<'_>>, StoreError> {
        self.snapshot.get(&layout::entity(namespace, id))
    }

    /// The last transaction that the snapshot holds, if there was one.
    pub(crate) fn transaction(&self) -> Result<Option<i64>, StoreError> {
        let bytes = self.snapshot.get(&layout::meta("transaction"))?;
        Ok(bytes.and_then(|bytes| (*bytes).try_into().ok()).map(i64::from_be_bytes))
    }
}
