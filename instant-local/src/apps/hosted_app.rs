//! A served app: its data with its rules, limits, files and status.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU8, Ordering},
};

use instant_core::{Object, Uuid, schema::Schema};
use parking_lot::{Mutex, RwLock};
use subtle::ConstantTimeEq;

use crate::{
    app::App,
    auth::Quotas,
    failure::Failure,
    files::{Blobs, CleanupState},
    layout::{self, MetaKey},
    limits::Limits,
    rules::{self, RulesCache},
    schema::{self, Jobs},
    state::{AppInfo, State},
    store::{Store, StoreError},
};

/// An app that requests can reach.
#[derive(Debug)]
pub(crate) struct HostedApp {
    pub(crate) app: App,
    store: Store,
    temporary: bool,
    status: AtomicU8,
    /// The limits of requests, shared by all apps of a process.
    limits: Arc<RwLock<Limits>>,
    pub(crate) rules: RulesCache,
    /// The jobs of recent schema changes.
    pub(crate) jobs: Mutex<Jobs>,
    pub(crate) quotas: Quotas,
    pub(crate) blobs: Blobs,
    pub(crate) cleanup: CleanupState,
}

/// The status of an app (`docs/protocol/http-api.md`, "14. Limits, timeouts, rate limits, app
/// status").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Reads and writes are allowed.
    Active,
    /// Only reads are allowed.
    ReadOnly,
    /// Neither reads nor writes are allowed.
    Disabled,
}

impl HostedApp {
    /// Writes the rules and the kind of a new app to its store, before the app itself is created.
    ///
    /// The order matters: an app that lost its rules in a crash would be open to every guest.
    pub(super) fn prepare(store: &Store, rules: Option<Object>, temporary: bool) -> Result<(), StoreError> {
        store.write(|transaction| {
            if let Some(rules) = rules {
                rules::write_initial(transaction, &rules);
            }
            if temporary {
                transaction.insert(&layout::meta(MetaKey::Temporary), b"");
            }
            Ok(())
        })
    }

    /// Opens the app in `store` with its rules, files and status.
    pub(super) fn open(
        app: App,
        store: Store,
        blobs: Blobs,
        limits: Arc<RwLock<Limits>>,
    ) -> Result<Self, Failure> {
        let snapshot = store.snapshot();
        let temporary = snapshot.get(&layout::meta(MetaKey::Temporary))?.is_some();
        let word = snapshot.get(&layout::meta(MetaKey::Status))?;
        let word = word.as_deref().map(String::from_utf8_lossy);
        let status = match word.as_deref() {
            None => Status::Active,
            Some(word) => Status::parse(word).ok_or_else(|| Failure::damaged(format!("status {word:?}")))?,
        };
        drop(snapshot);
        Ok(Self::new(app, store, blobs, limits, temporary, status))
    }

    fn new(
        app: App,
        store: Store,
        blobs: Blobs,
        limits: Arc<RwLock<Limits>>,
        temporary: bool,
        status: Status,
    ) -> Self {
        Self {
            app,
            store,
            temporary,
            status: AtomicU8::new(status as u8),
            limits,
            rules: RulesCache::default(),
            jobs: Mutex::default(),
            quotas: Quotas::default(),
            blobs,
            cleanup: CleanupState::default(),
        }
    }

    /// Returns the same app on a copy of its data in memory. `transactions` counts its
    /// transactions.
    pub(crate) fn fork(&self, transactions: Arc<AtomicI64>, limits: Arc<RwLock<Limits>>) -> Self {
        let store = self.store.fork();
        let app = self.app.fork(store.clone(), transactions);
        Self::new(app, store, self.blobs.fork(), limits, self.temporary, self.status())
    }

    /// Creates an app without data that no other request can reach.
    pub(crate) fn empty() -> Result<Self, Failure> {
        let info = AppInfo { id: Uuid::nil(), admin_token: Uuid::new_v4(), title: String::new(), created: 0 };
        let store = Store::in_memory();
        let app = App::create(store.clone(), info, Arc::default(), |transaction, now| {
            schema::write_initial(transaction, &Schema::default(), now)
        })?;
        Ok(Self::new(app, store, Blobs::in_memory(), Arc::default(), false, Status::Active))
    }

    /// Syncs all acknowledged writes to the disk.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.store.flush()
    }

    /// Syncs all acknowledged writes to the disk and closes the file; see [`Store::close`].
    pub(crate) fn close(&self) -> Result<(), StoreError> {
        self.store.close()
    }

    /// Returns the state after the last transaction.
    pub(crate) fn state(&self) -> Result<State, Failure> {
        self.app.state()
    }

    /// Returns the limits of requests.
    pub(crate) fn limits(&self) -> Limits {
        *self.limits.read()
    }

    /// Returns whether `token` is the app's admin token. The comparison takes the same time for
    /// every wrong token.
    pub(crate) fn is_admin_token(&self, token: Uuid) -> bool {
        self.app.info().admin_token.as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// Returns whether this is a temporary app.
    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary
    }

    pub(crate) fn status(&self) -> Status {
        let number = self.status.load(Ordering::Acquire);
        let known = [Status::Active, Status::ReadOnly, Status::Disabled];
        known.into_iter().find(|status| *status as u8 == number).unwrap_or(Status::Active)
    }

    pub(crate) fn set_status(&self, status: Status) -> Result<(), Failure> {
        self.store.write(|transaction| {
            transaction.insert(&layout::meta(MetaKey::Status), status.as_str().as_bytes());
            Ok::<_, StoreError>(())
        })?;
        self.status.store(status as u8, Ordering::Release);
        Ok(())
    }

    /// Rejects reads of a disabled app.
    pub(crate) fn readable(&self) -> Result<(), Failure> {
        match self.status() {
            Status::Active | Status::ReadOnly => Ok(()),
            status @ Status::Disabled => Err(status.rejection()),
        }
    }

    /// Rejects writes of a disabled or read-only app.
    pub(crate) fn writable(&self) -> Result<(), Failure> {
        match self.status() {
            Status::Active => Ok(()),
            status @ (Status::ReadOnly | Status::Disabled) => Err(status.rejection()),
        }
    }
}

impl Status {
    /// Parses the name on the wire.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::ReadOnly, Self::Disabled].into_iter().find(|status| status.as_str() == word)
    }

    /// Returns the name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReadOnly => "read-only",
            Self::Disabled => "disabled",
        }
    }

    fn rejection(self) -> Failure {
        let failure = match self {
            Self::Disabled => Failure::rejected("app-disabled", "This app is currently disabled."),
            _ => Failure::rejected("app-read-only", "This app is in read-only mode."),
        };
        failure.with_hint([("status", self.as_str().into())])
    }
}
