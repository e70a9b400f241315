//! A state of an app: a snapshot of the store with its catalog. States are immutable.

use std::{fmt, sync::Arc};

use instant_core::Uuid;

use crate::{
    catalog::{Catalog, NamespaceNo},
    layout,
    store::{Bytes, Snapshot, StoreError},
};

/// A consistent state of an app.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) snapshot: Snapshot,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) app: Arc<AppInfo>,
}

/// A borrowed state: a [`State`], or what a transaction in progress has written so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StateRef<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) catalog: &'a Catalog,
}

/// The fixed properties of an app: its id, its token, its title.
#[derive(Clone, PartialEq)]
pub(crate) struct AppInfo {
    pub(crate) id: Uuid,
    pub(crate) admin_token: Uuid,
    pub(crate) title: String,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
}

impl State {
    /// Returns the state as a reference.
    pub(crate) fn by_ref(&self) -> StateRef<'_> {
        StateRef { snapshot: &self.snapshot, catalog: &self.catalog }
    }

    /// Returns the bytes of an entity's [`Document`](crate::document::Document).
    pub(crate) fn document(
        &self,
        namespace: NamespaceNo,
        id: &Uuid,
    ) -> Result<Option<Bytes<'_>>, StoreError> {
        self.snapshot.get(&layout::entity(namespace, id))
    }

    /// Returns the number of the last transaction that the state contains, if there was one.
    pub(crate) fn transaction(&self) -> Result<Option<i64>, StoreError> {
        Ok(layout::last_transaction(&self.snapshot)?.map(|(number, _)| number))
    }
}

/// Omits the token.
impl fmt::Debug for AppInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppInfo").field("id", &self.id).field("title", &self.title).finish_non_exhaustive()
    }
}
