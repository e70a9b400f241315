//! One app: its store, its catalog and its clock. [`crate::apps`] composes it with rules, files and
//! the rest.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use instant_core::Uuid;
use parking_lot::RwLock;

use crate::{
    catalog::{self, Catalog},
    clock::{Clock, Moment},
    failure::Failure,
    layout::{self, MetaKey},
    state::{AppInfo, State},
    store::{Decision, Snapshot, Store, Transaction},
};

/// An app. A clone is another handle on the same app.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    info: Arc<AppInfo>,
    /// The catalog of the newest snapshot that was read.
    catalog: RwLock<Arc<Catalog>>,
    /// The number of the last transaction, shared by all apps of a process as on the real server.
    transactions: Arc<AtomicI64>,
    /// The clock that assigns creation times to rows.
    clock: Clock,
}

impl App {
    /// Creates an app in an empty store. `fill` writes its first data, at the given creation time.
    pub(crate) fn create(
        store: Store,
        info: AppInfo,
        transactions: Arc<AtomicI64>,
        fill: impl FnOnce(&mut Transaction, Moment) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let app = Self::new(store, Arc::new(info), Arc::new(Catalog::new()), transactions);
        app.0.store.write(|transaction| {
            let AppInfo { id, admin_token, title, created } = app.info();
            transaction.insert(&layout::meta(MetaKey::Format), layout::FORMAT.as_bytes());
            transaction.insert(&layout::meta(MetaKey::Id), id.as_bytes());
            transaction.insert(&layout::meta(MetaKey::AdminToken), admin_token.as_bytes());
            transaction.insert(&layout::meta(MetaKey::Title), title.as_bytes());
            transaction.insert(&layout::meta(MetaKey::Created), &created.to_be_bytes());
            fill(transaction, app.clock().tick())
        })?;
        Ok(app)
    }

    /// Opens the app in `store`. Returns `None` if the store is empty.
    pub(crate) fn open(store: Store, transactions: Arc<AtomicI64>) -> Result<Option<Self>, Failure> {
        let snapshot = store.snapshot();
        let meta = |key: MetaKey| snapshot.get(&layout::meta(key));
        match meta(MetaKey::Format)? {
            None => return Ok(None),
            Some(format) if &*format == layout::FORMAT.as_bytes() => {}
            Some(format) => {
                let found = String::from_utf8_lossy(&format);
                return Err(Failure::damaged(format!(
                    "format {found:?}, this version reads {:?}",
                    layout::FORMAT
                )));
            }
        }
        let uuid = |key: MetaKey| match meta(key)?.map(|bytes| Uuid::from_slice(&bytes)) {
            Some(Ok(id)) => Ok(id),
            _ => Err(Failure::damaged(format!("no {}", key.as_str()))),
        };
        let number = |key: MetaKey| -> Result<i64, Failure> {
            Ok(meta(key)?.and_then(|bytes| (*bytes).try_into().ok()).map_or(0, i64::from_be_bytes))
        };
        let title = meta(MetaKey::Title)?
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
        let (id, admin_token) = (uuid(MetaKey::Id)?, uuid(MetaKey::AdminToken)?);
        let info = AppInfo { id, admin_token, title, created: number(MetaKey::Created)? };
        let (transaction, order) = layout::last_transaction(&snapshot)?.unwrap_or_default();
        transactions.fetch_max(transaction, Ordering::Relaxed);
        let catalog = Arc::new(catalog::load(&snapshot)?);
        store.set_mark(catalog.version);
        let app = Self::new(store, Arc::new(info), catalog, transactions);
        app.clock().continue_after(order);
        Ok(Some(app))
    }

    fn new(store: Store, info: Arc<AppInfo>, catalog: Arc<Catalog>, transactions: Arc<AtomicI64>) -> Self {
        let (catalog, clock) = (RwLock::new(catalog), Clock::default());
        Self(Arc::new(Inner { store, info, catalog, transactions, clock }))
    }

    /// Returns an independent app on `store`, a fork of this app's. `transactions` counts its
    /// transactions.
    pub(crate) fn fork(&self, store: Store, transactions: Arc<AtomicI64>) -> Self {
        let catalog = Arc::clone(&self.0.catalog.read());
        let (info, clock) = (Arc::clone(&self.0.info), self.0.clock.fork());
        Self(Arc::new(Inner { store, info, catalog: RwLock::new(catalog), transactions, clock }))
    }

    pub(crate) fn id(&self) -> Uuid {
        self.0.info.id
    }

    pub(crate) fn info(&self) -> &AppInfo {
        &self.0.info
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Returns the state after the last transaction.
    pub(crate) fn state(&self) -> Result<State, Failure> {
        let snapshot = self.0.store.snapshot();
        let catalog = self.catalog_of(&snapshot)?;
        Ok(State { snapshot, catalog, app: Arc::clone(&self.0.info) })
    }

    /// Returns the catalog that belongs to a snapshot, or to a transaction in progress.
    pub(crate) fn catalog_of(&self, snapshot: &Snapshot) -> Result<Arc<Catalog>, Failure> {
        let version = catalog::version(snapshot)?;
        let known = Arc::clone(&self.0.catalog.read());
        if known.version == version {
            return Ok(known);
        }
        let catalog = Arc::new(catalog::load(snapshot)?);
        self.publish(Arc::clone(&catalog));
        Ok(catalog)
    }

    /// Keeps the catalog that a transaction of this process wrote, so that readers need not load
    /// it.
    pub(crate) fn publish(&self, catalog: Arc<Catalog>) {
        let mut known = self.0.catalog.write();
        if known.version < catalog.version {
            *known = catalog;
        }
    }

    /// Runs `change` as the only writer and commits its writes. Returns the transaction's number
    /// and the result of `change`.
    ///
    /// # Errors
    ///
    /// Returns the error of `change`, whose writes are discarded, or that of the store.
    pub(crate) fn write<R>(
        &self,
        change: impl FnOnce(&mut Transaction) -> Result<R, Failure>,
    ) -> Result<(i64, R), Failure> {
        self.write_or_roll_back(|transaction| change(transaction).map(Decision::Commit))
    }

    /// As [`App::write`], but `change` decides whether its writes are kept.
    ///
    /// # Errors
    ///
    /// As [`App::write`].
    pub(crate) fn write_or_roll_back<R>(
        &self,
        change: impl FnOnce(&mut Transaction) -> Result<Decision<R>, Failure>,
    ) -> Result<(i64, R), Failure> {
        self.0.store.write_or_roll_back(|transaction| {
            let decision = change(transaction)?;
            let number = self.0.transactions.fetch_add(1, Ordering::Relaxed) + 1;
            let last = layout::last_transaction_value(number, self.clock().last());
            transaction.insert(&layout::meta(MetaKey::Transaction), &last);
            Ok(decision.map(|result| (number, result)))
        })
    }

    /// Returns the number of the last transaction of this process.
    pub(crate) fn last_transaction(&self) -> i64 {
        self.0.transactions.load(Ordering::Relaxed)
    }
}
