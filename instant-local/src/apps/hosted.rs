//! An app as it is served: with its rules, and whether it may be read and written now.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU8, Ordering},
};

use instant_core::{Object, Uuid, schema::Schema};
use subtle::ConstantTimeEq;

use crate::{
    app::{App, AppIdentity},
    auth::Quotas,
    failure::Failure,
    files::{Blobs, Sweeper},
    layout, rules,
    store::{Store, StoreError},
};

/// An app that requests can reach.
#[derive(Debug)]
pub(crate) struct Hosted {
    pub(crate) app: App,
    store: Store,
    temporary: bool,
    status: AtomicU8,
    pub(crate) quotas: Quotas,
    pub(crate) blobs: Blobs,
    pub(crate) sweeper: Sweeper,
}

/// What an app does for its callers (`http-api.md` 14.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Everything.
    Active,
    /// Reads only.
    ReadOnly,
    /// Neither.
    Disabled,
}

impl Hosted {
    /// Keeps what an app is served with in the store that it is then made in.
    ///
    /// Before, not after: an app that was made and lost its rules to a crash would be open to all.
    pub(super) fn prepare(store: &Store, rules: Option<Object>, temporary: bool) -> Result<(), StoreError> {
        store.write(|transaction| {
            if let Some(rules) = rules {
                rules::begin(transaction, &rules);
            }
            if temporary {
                transaction.insert(&layout::meta("temporary"), b"");
            }
            Ok(())
        })
    }

    /// Reads how the app of `store` is served.
    pub(super) fn open(app: App, store: Store, blobs: Blobs) -> Result<Self, Failure> {
        let snapshot = store.snapshot();
        let temporary = snapshot.get(&layout::meta("temporary"))?.is_some();
        let word = snapshot.get(&layout::meta("status"))?;
        let word = word.as_deref().map(String::from_utf8_lossy);
        let status = match word.as_deref() {
            None => Status::Active,
            Some(word) => Status::parse(word).ok_or_else(|| Failure::damaged(format!("status {word:?}")))?,
        };
        drop(snapshot);
        let app = Self::new(app, store, blobs, temporary, status);
        app.sweep_at_start()?;
        Ok(app)
    }

    fn new(app: App, store: Store, blobs: Blobs, temporary: bool, status: Status) -> Self {
        let (status, quotas, sweeper) = (AtomicU8::new(status as u8), Quotas::default(), Sweeper::default());
        Self { app, store, temporary, status, quotas, blobs, sweeper }
    }

    /// The same app on a copy of its data in memory; `transactions` counts for it from now on.
    pub(super) fn fork(&self, transactions: Arc<AtomicI64>) -> Self {
        let store = self.store.fork();
        let app = self.app.fork_on(store.clone(), transactions);
        Self::new(app, store, self.blobs.fork(), self.temporary, self.status())
    }

    /// An app without anything, that no request can reach again.
    pub(crate) fn empty() -> Result<App, Failure> {
        let identity =
            AppIdentity { id: Uuid::nil(), admin_token: Uuid::new_v4(), title: String::new(), created: 0 };
        App::create(Store::in_memory(), identity, &Schema::default(), Default::default())
    }

    /// Whether `token` opens everything on this app. Takes the same time for every wrong token.
    pub(crate) fn is_admin_token(&self, token: Uuid) -> bool {
        self.app.admin_token().as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// Whether the app was made without an account.
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
            transaction.insert(&layout::meta("status"), status.as_str().as_bytes());
            Ok::<_, StoreError>(())
        })?;
        self.status.store(status as u8, Ordering::Release);
        Ok(())
    }

    /// Refuses reads of a disabled app.
    pub(crate) fn readable(&self) -> Result<(), Failure> {
        match self.status() {
            Status::Active | Status::ReadOnly => Ok(()),
            status @ Status::Disabled => Err(status.refusal()),
        }
    }

    /// Refuses writes of a disabled or read-only app.
    pub(crate) fn writable(&self) -> Result<(), Failure> {
        match self.status() {
            Status::Active => Ok(()),
            status @ (Status::ReadOnly | Status::Disabled) => Err(status.refusal()),
        }
    }
}

impl Status {
    /// Reads the wire's word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::ReadOnly, Self::Disabled].into_iter().find(|status| status.as_str() == word)
    }

    /// The wire's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReadOnly => "read-only",
            Self::Disabled => "disabled",
        }
    }

    fn refusal(self) -> Failure {
        let failure = match self {
            Self::Disabled => Failure::refused("app-disabled", "This app is currently disabled."),
            _ => Failure::refused("app-read-only", "This app is in read-only mode."),
        };
        failure.with_hint([("status", self.as_str().into())])
    }
}
