//! The apps of a process: creates, opens and finds them, each in memory or in a file.

mod hosted_app;

use std::{
    collections::HashMap,
    fmt, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use instant_core::{Object, Uuid, schema::Schema};
use parking_lot::RwLock;

pub(crate) use self::hosted_app::{HostedApp, Status};
use crate::{
    app::App,
    auth::Mailbox,
    clock,
    error::LocalError,
    failure::Failure,
    files::{self, Blobs, Tickets},
    filesystem,
    limits::Limits,
    memory::MemoryPool,
    open::OpenOptions,
    rules, schema,
    state::AppInfo,
    store::{self, Store, StoreError},
};

/// All apps of a process. A clone is another handle on the same apps.
#[derive(Clone)]
pub(crate) struct Apps(Arc<Shared>);

struct Shared {
    apps: RwLock<HashMap<Uuid, Arc<HostedApp>>>,
    /// The directory of new apps' files; `None` keeps new apps in memory.
    directory: Option<PathBuf>,
    options: OpenOptions,
    /// The number of the last transaction. All apps of a process share it, as on the real server.
    transactions: Arc<AtomicI64>,
    /// The mailbox that delivers magic codes.
    mailbox: Mailbox,
    tickets: Tickets,
    limits: Arc<RwLock<Limits>>,
    /// What requests to all apps hold together.
    memory: MemoryPool,
}

/// The properties of a new app.
pub(crate) struct NewApp {
    pub(crate) title: String,
    pub(crate) schema: Schema,
    pub(crate) rules: Option<Object>,
    /// Marks a temporary app, which is created without an account.
    pub(crate) temporary: bool,
}

/// The extension of app files in a directory. Their stem is the app's id.
const EXTENSION: &str = "instant";

impl Apps {
    /// Creates an empty set of apps. New apps are kept in memory.
    pub(crate) fn in_memory() -> Self {
        Self::new(None, OpenOptions::new())
    }

    /// Opens the app in the file at `path`, and creates it if the file is new.
    pub(crate) fn open_file(path: &Path, options: impl Into<OpenOptions>) -> Result<Self, LocalError> {
        let options = options.into();
        let apps = Self::new(None, options);
        let store = open_store(path, options)?;
        let title = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let blobs = Blobs::beside(path);
        match apps.load(store.clone(), blobs.clone()) {
            Ok(Some(_)) => {}
            Ok(None) => drop(
                apps.create_in(
                    store,
                    blobs,
                    Uuid::new_v4(),
                    NewApp { title, schema: Schema::default(), rules: None, temporary: false },
                )
                .map_err(|failure| LocalError::unreadable(path, &failure))?,
            ),
            Err(failure) => return Err(LocalError::unreadable(path, &failure)),
        }
        Ok(apps)
    }

    /// Opens the apps of a directory, and creates the directory if it is missing. New apps get a
    /// file in it.
    pub(crate) fn open_directory(
        directory: &Path,
        options: impl Into<OpenOptions>,
    ) -> Result<Self, LocalError> {
        let options = options.into();
        let failed = |source| LocalError::directory(directory, source);
        filesystem::create_directory(directory).map_err(failed)?;
        let apps = Self::new(Some(directory.to_owned()), options);
        for entry in fs::read_dir(directory).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let stem = path.file_stem().and_then(|name| name.to_str());
            let is_app = path.extension().is_some_and(|extension| extension == EXTENSION)
                && stem.is_some_and(|name| Uuid::try_parse(name).is_ok());
            if !is_app {
                continue;
            }
            let loaded = apps.load(open_store(&path, options)?, Blobs::beside(&path));
            // A file without an app is the rest of an interrupted creation.
            loaded.map_err(|failure| LocalError::unreadable(&path, &failure))?;
        }
        Ok(apps)
    }

    fn new(directory: Option<PathBuf>, options: OpenOptions) -> Self {
        let apps = RwLock::default();
        Self(Arc::new(Shared {
            apps,
            directory,
            options,
            transactions: Arc::default(),
            mailbox: Mailbox::default(),
            tickets: Tickets::default(),
            limits: Arc::default(),
            memory: MemoryPool::default(),
        }))
    }

    /// Returns the same apps on copies of their data in memory. Uploads in progress and jobs are
    /// not copied.
    pub(crate) fn fork(&self) -> Self {
        let transactions = Arc::new(AtomicI64::new(self.0.transactions.load(Ordering::Relaxed)));
        let apps = self.0.apps.read();
        let limits = Arc::new(RwLock::new(self.limits()));
        let fork = |app: &HostedApp| app.fork(Arc::clone(&transactions), Arc::clone(&limits));
        let forks = apps.iter().map(|(id, app)| (*id, Arc::new(fork(app)))).collect();
        Self(Arc::new(Shared {
            apps: RwLock::new(forks),
            directory: None,
            options: self.0.options,
            transactions,
            mailbox: self.0.mailbox.fork(),
            tickets: Tickets::default(),
            limits,
            memory: MemoryPool::default(),
        }))
    }

    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0.mailbox
    }

    /// Sets the limits of requests for all current and future apps.
    pub(crate) fn set_limits(&self, limits: Limits) {
        *self.0.limits.write() = limits;
    }

    /// Returns the limits of requests.
    pub(crate) fn limits(&self) -> Limits {
        *self.0.limits.read()
    }

    /// Returns the memory that requests to all apps share.
    pub(crate) fn memory(&self) -> MemoryPool {
        self.0.memory.clone()
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.0.tickets
    }

    /// Returns the app with this id.
    pub(crate) fn get(&self, id: Uuid) -> Option<Arc<HostedApp>> {
        self.0.apps.read().get(&id).cloned()
    }

    /// Returns all apps, the oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<HostedApp>> {
        let apps = self.0.apps.read();
        let mut all = Vec::from_iter(apps.values().cloned());
        all.sort_by_key(|app| (app.app.info().created, app.app.id()));
        all
    }

    /// Creates an app with a new id and token.
    ///
    /// # Errors
    ///
    /// Returns the rejection of the schema; then nothing is created. Returns an error if the app's
    /// file cannot be written.
    pub(crate) fn create(&self, new: NewApp) -> Result<Arc<HostedApp>, Failure> {
        if let Some(rules) = &new.rules {
            rules::validate_code(rules)?;
        }
        let id = Uuid::new_v4();
        let Some(directory) = &self.0.directory else {
            return self.create_in(Store::in_memory(), Blobs::in_memory(), id, new);
        };
        let path = directory.join(format!("{id}.{EXTENSION}"));
        let created = self.create_in(open_store(&path, self.0.options)?, Blobs::beside(&path), id, new);
        if created.is_err() {
            // The caller needs the rejection. A remaining file contains no app and is ignored.
            let _ = fs::remove_file(&path);
        }
        created
    }

    fn create_in(
        &self,
        store: Store,
        blobs: Blobs,
        id: Uuid,
        new: NewApp,
    ) -> Result<Arc<HostedApp>, Failure> {
        let info = AppInfo { id, admin_token: Uuid::new_v4(), title: new.title, created: clock::now() };
        HostedApp::prepare(&store, new.rules, new.temporary)?;
        let transactions = Arc::clone(&self.0.transactions);
        let app = App::create(store.clone(), info, transactions, |transaction, now| {
            schema::write_initial(transaction, &new.schema, now)
        })?;
        // The caller keeps the id and the token, so that a crash must not change them.
        store.flush()?;
        self.put(app, store, blobs)
    }

    fn load(&self, store: Store, blobs: Blobs) -> Result<Option<Arc<HostedApp>>, Failure> {
        let app = App::open(store.clone(), Arc::clone(&self.0.transactions))?;
        app.map(|app| self.put(app, store, blobs)).transpose()
    }

    fn put(&self, app: App, store: Store, blobs: Blobs) -> Result<Arc<HostedApp>, Failure> {
        let app = Arc::new(HostedApp::open(app, store, blobs, Arc::clone(&self.0.limits))?);
        files::remove_unused_blobs_at_start(&app)?;
        let mut apps = self.0.apps.write();
        apps.insert(app.app.id(), Arc::clone(&app));
        Ok(app)
    }
}

/// Opens the store of an app, after verifying its file if it is small enough.
fn open_store(path: &Path, options: OpenOptions) -> Result<Store, StoreError> {
    let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if (1..=options.verify_up_to).contains(&size) {
        store::verify(path)?;
    }
    Store::open(path, options.durability)
}

impl fmt::Debug for Apps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apps").field("directory", &self.0.directory).finish_non_exhaustive()
    }
}
