//! One app: its store, its catalog, and what runs on them.

mod view;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use instant_core::{Uuid, Value, schema::Schema};
use parking_lot::{Mutex, RwLock};

pub(crate) use self::view::View;
use crate::{
    catalog::{self, Catalog},
    failure::Failure,
    files::FileUrls,
    layout,
    limits::Limits,
    rules::{Permissions, RulesCache, Source},
    schema::{self, Jobs},
    store::{Snapshot, Store, Transaction},
};

/// One app of a process, reached without HTTP; see [`Local::direct`](crate::Local::direct). A clone is another handle on the same app.
///
/// ```
/// use instant_core::Value;
/// use instant_local::Local;
///
/// let local = Local::in_memory();
/// let garden = local.direct(local.create_app("garden")?.id).ok_or("no such app")?;
/// let fork = garden.fork();
/// fork.run_steps(&Value::parse(r#"[["create", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "herbs"}]]"#)?)?;
/// let beds = Value::parse(r#"{"beds": {"$": {"fields": ["name"]}}}"#)?;
/// assert_eq!(garden.run_query(&beds)?, br#"{"beds":[]}"#);
/// assert_ne!(fork.run_query(&beds)?, br#"{"beds":[]}"#);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct App {
    inner: Arc<Inner>,
    /// The address of the server as its callers know it; see [`App::at`].
    base: Arc<str>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    identity: AppIdentity,
    /// The catalog of the newest snapshot that somebody read.
    catalog: RwLock<Arc<Catalog>>,
    /// Shared by all apps of a process, as on the real server.
    transactions: Arc<AtomicI64>,
    /// When the last row was created, in microseconds since 1970.
    clock: AtomicI64,
    /// The checks of schema changes; those of the newest ones.
    jobs: Mutex<Jobs>,
    pub(crate) rules: RulesCache,
    limits: RwLock<Limits>,
}

/// What an app is called and who may use it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AppIdentity {
    pub(crate) id: Uuid,
    pub(crate) admin_token: Uuid,
    pub(crate) title: String,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Whoever holds the admin token: rules do not apply.
    Admin,
    /// A user of the app.
    User(Uuid),
    /// Nobody in particular.
    Guest,
}

/// `POST /admin/query`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryRequest<'a> {
    pub(crate) query: &'a Value,
    /// To-one links as objects.
    pub(crate) inference: bool,
}

/// `POST /admin/transact`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TransactRequest<'a> {
    pub(crate) steps: &'a Value,
    pub(crate) throw_on_missing_attrs: bool,
}

impl App {
    /// Makes an app in an empty store, with the attributes of `schema`.
    pub(crate) fn create(
        store: Store,
        identity: AppIdentity,
        schema: &Schema,
        transactions: Arc<AtomicI64>,
    ) -> Result<Self, Failure> {
        let app = Self::new(store, identity, Arc::new(Catalog::new()), transactions);
        app.inner.store.write(|transaction| {
            let AppIdentity { id, admin_token, title, created } = &app.inner.identity;
            transaction.insert(&layout::meta("format"), layout::FORMAT.as_bytes());
            transaction.insert(&layout::meta("id"), id.as_bytes());
            transaction.insert(&layout::meta("admin-token"), admin_token.as_bytes());
            transaction.insert(&layout::meta("title"), title.as_bytes());
            transaction.insert(&layout::meta("created"), &created.to_be_bytes());
            schema::begin(transaction, schema, app.created_now())
        })?;
        Ok(app)
    }

    /// Opens the app that `store` holds; none in an empty store.
    pub(crate) fn open(store: Store, transactions: Arc<AtomicI64>) -> Result<Option<Self>, Failure> {
        let snapshot = store.snapshot();
        let meta = |name: &str| snapshot.get(&layout::meta(name));
        match meta("format")? {
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
        let uuid = |name: &str| match meta(name)?.map(|bytes| Uuid::from_slice(&bytes)) {
            Some(Ok(id)) => Ok(id),
            _ => Err(Failure::damaged(format!("no {name}"))),
        };
        let number = |name: &str| -> Result<i64, Failure> {
            Ok(meta(name)?.and_then(|bytes| (*bytes).try_into().ok()).map_or(0, i64::from_be_bytes))
        };
        let title =
            meta("title")?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let (id, admin_token) = (uuid("id")?, uuid("admin-token")?);
        let identity = AppIdentity { id, admin_token, title, created: number("created")? };
        transactions.fetch_max(number("transaction")?, Ordering::Relaxed);
        let catalog = Arc::new(catalog::load(&snapshot)?);
        store.set_mark(catalog.version);
        Ok(Some(Self::new(store, identity, catalog, transactions)))
    }

    fn new(store: Store, identity: AppIdentity, catalog: Arc<Catalog>, transactions: Arc<AtomicI64>) -> Self {
        let clock = AtomicI64::new(0);
        let (catalog, rules) = (RwLock::new(catalog), RulesCache::default());
        let (jobs, limits) = (Mutex::default(), RwLock::default());
        let inner = Inner { store, identity, catalog, transactions, clock, jobs, rules, limits };
        Self { inner: Arc::new(inner), base: Arc::default() }
    }

    /// The same app, for a caller who knows the server by the address `base`: with it begin the addresses of files in answers.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { inner: Arc::clone(&self.inner), base: base.into() }
    }

    /// What a request may cost.
    pub(crate) fn limits(&self) -> Limits {
        *self.inner.limits.read()
    }

    pub(crate) fn set_limits(&self, limits: Limits) {
        *self.inner.limits.write() = limits;
    }

    /// The app's id.
    pub fn id(&self) -> Uuid {
        self.inner.identity.id
    }

    /// The token that opens everything on this app.
    pub fn admin_token(&self) -> Uuid {
        self.inner.identity.admin_token
    }

    pub(crate) fn identity(&self) -> &AppIdentity {
        &self.inner.identity
    }

    pub(crate) fn jobs(&self) -> &Mutex<Jobs> {
        &self.inner.jobs
    }

    /// The state after the last transaction.
    pub(crate) fn view(&self) -> Result<View, Failure> {
        let snapshot = self.inner.store.snapshot();
        let catalog = self.catalog_of(&snapshot)?;
        Ok(View { snapshot, catalog, files: self.files(), app: self.clone() })
    }

    /// How the addresses of files are made.
    pub(crate) fn files(&self) -> FileUrls {
        let AppIdentity { id, admin_token, .. } = self.inner.identity;
        FileUrls::new(Arc::clone(&self.base), id, admin_token)
    }

    pub(crate) fn rules(&self) -> &RulesCache {
        &self.inner.rules
    }

    /// The rules that a state holds, for a request from `source`.
    pub(crate) fn permissions(&self, snapshot: &Snapshot, source: Source) -> Result<Permissions, Failure> {
        let rules = self.inner.rules.of(snapshot)?;
        Ok(Permissions { rules, app_id: self.id(), source, debug: false })
    }

    /// The catalog that belongs to a snapshot, or to a transaction in progress.
    pub(crate) fn catalog_of(&self, snapshot: &Snapshot) -> Result<Arc<Catalog>, Failure> {
        let version = catalog::version(snapshot)?;
        let known = Arc::clone(&self.inner.catalog.read());
        if known.version == version {
            return Ok(known);
        }
        let catalog = Arc::new(catalog::load(snapshot)?);
        let mut known = self.inner.catalog.write();
        if known.version < version {
            *known = Arc::clone(&catalog);
        }
        Ok(catalog)
    }

    /// Keeps the catalog that a transaction of this process wrote, which saves readers from reading it.
    pub(crate) fn publish(&self, catalog: Arc<Catalog>) {
        let mut known = self.inner.catalog.write();
        if known.version < catalog.version {
            *known = catalog;
        }
    }

    /// Microseconds since 1970, later at each call, so that transactions of one millisecond keep their order.
    pub(crate) fn created_now(&self) -> i64 {
        let now = now_micros();
        let later = |last: i64| Some(now.max(last + 1));
        let last = self.inner.clock.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        now.max(last.unwrap_or(now) + 1)
    }

    /// Runs `change` as the only writer, and returns the transaction's id with what `change` returned.
    ///
    /// # Errors
    ///
    /// What `change` returned, and then nothing is kept; or the store's refusal.
    pub(crate) fn write<R>(
        &self,
        change: impl FnOnce(&mut Transaction) -> Result<R, Failure>,
    ) -> Result<(i64, R), Failure> {
        self.inner.store.write(|transaction| {
            let result = change(transaction)?;
            let id = self.transaction_id();
            transaction.insert(&layout::meta("transaction"), &id.to_be_bytes());
            Ok((id, result))
        })
    }

    /// The id of a new transaction.
    pub(crate) fn transaction_id(&self) -> i64 {
        self.inner.transactions.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// An independent app in memory that begins with all that this one holds; its id and token are the same.
    pub fn fork(&self) -> Self {
        let transactions = Arc::new(AtomicI64::new(self.inner.transactions.load(Ordering::Relaxed)));
        self.fork_on(self.inner.store.fork(), transactions)
    }

    /// As [`App::fork`], on `store`, which is a fork of this app's, and with the ids of transactions counted by `transactions`.
    pub(crate) fn fork_on(&self, store: Store, transactions: Arc<AtomicI64>) -> Self {
        let catalog = Arc::clone(&self.inner.catalog.read());
        let fork = Self::new(store, self.inner.identity.clone(), catalog, transactions);
        fork.set_limits(self.limits());
        fork.inner.clock.store(self.inner.clock.load(Ordering::Relaxed), Ordering::Relaxed);
        fork
    }
}

pub(crate) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_survives_in_the_store() {
        let json = r#"{"entities": {"goals": {"attrs": {"title": {"valueType": "string", "config": {"indexed": true}}}}},
            "links": {"goalsOwner": {"forward": {"on": "goals", "has": "one", "label": "owner"},
                                     "reverse": {"on": "people", "has": "many", "label": "goals"}}}}"#;
        let schema = Schema::parse(&Value::parse(json).unwrap()).unwrap();
        let store = Store::in_memory();
        let identity = AppIdentity {
            id: Uuid::new_v4(),
            admin_token: Uuid::new_v4(),
            title: "Goals".into(),
            created: now(),
        };
        let app = App::create(store.clone(), identity.clone(), &schema, Arc::default()).unwrap();
        let reopened = App::open(store, Arc::default()).unwrap().unwrap();
        assert_eq!(reopened.identity(), &identity);
        for app in [app, reopened] {
            let catalog = app.view().unwrap().catalog;
            let title = &catalog.resolve("goals", "title").unwrap().attribute;
            assert!(title.attr.index && !title.attr.unique);
            assert!(catalog.resolve("goals", "id").is_some() && catalog.resolve("people", "id").is_none());
            let goals = catalog.resolve("people", "goals").unwrap();
            assert!(!goals.is_to_one() && goals.target() == Some(catalog.namespace("goals").unwrap().no));
        }
    }

    #[test]
    fn odd_names_survive_and_of_two_links_the_last_counts() {
        let link = |has: &str| {
            format!(
                r#"{{"forward": {{"on": "", "has": "{has}", "label": "crew"}}, "reverse": {{"on": "crew", "has": "many", "label": ""}}}}"#
            )
        };
        let json = format!(
            r#"{{"entities": {{"": {{"attrs": {{"": {{"valueType": "string"}}}}}}, "none": null,
                "a0000000-0000-4000-8000-000000000001": {{"attrs": {{"a/b.c": {{"valueType": "number"}}}}}}}},
                "links": {{"x": {}, "y": {}}}}}"#,
            link("many"),
            link("one")
        );
        let schema = Schema::parse(&Value::parse(&json).unwrap()).unwrap();
        let store = Store::in_memory();
        let identity =
            AppIdentity { id: Uuid::nil(), admin_token: Uuid::nil(), title: "Odd".into(), created: 0 };
        App::create(store.clone(), identity, &schema, Arc::default()).unwrap();
        let catalog = App::open(store, Arc::default()).unwrap().unwrap().view().unwrap().catalog;
        let uuid = "a0000000-0000-4000-8000-000000000001";
        for (namespace, label, want) in [
            ("", "", true),
            ("", "id", true),
            (uuid, "a/b.c", true),
            ("crew", "", true),
            ("none", "id", false),
        ] {
            assert_eq!(catalog.resolve(namespace, label).is_some(), want, "{namespace:?} {label:?}");
        }
        assert!(catalog.resolve("", "crew").is_some_and(|label| label.is_to_one()));
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let json = r#"{"entities": {"goals": {"attrs": {"owner": {"valueType": "string"}}}},
            "links": {"goalsOwner": {"forward": {"on": "goals", "has": "one", "label": "owner"},
                                     "reverse": {"on": "people", "has": "many", "label": "goals"}}}}"#;
        let schema = Schema::parse(&Value::parse(json).unwrap()).unwrap();
        let identity =
            AppIdentity { id: Uuid::nil(), admin_token: Uuid::nil(), title: "Goals".into(), created: 0 };
        let refused = App::create(Store::in_memory(), identity, &schema, Arc::default()).unwrap_err();
        assert_eq!(refused.to_string(), "`owner` already exists on `goals` (record-not-unique)");
    }
}
