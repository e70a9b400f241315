//! Clients of an Instant within the process: in a file, or in memory. What one in memory begins with is in `in_memory.rs`.

use std::{path::PathBuf, sync::Arc};

use instant_core::schema::Schema;
use instant_local::{AppCredentials, Local, LocalError};
use tokio::task;

use super::{
    Client, InMemory,
    builder::{admin, pipeline},
    pipeline::{CallOptions, Pipeline},
};
use crate::{
    Error,
    error::ErrorKind,
    transport::{Embedded, Transport},
};

impl Client {
    /// The Instant in the file at `path`, which is made if it is not there. What is written is on the disk when the call returns.
    ///
    /// One process at a time can have the file open. To reach it from others, serve it with `instant dev`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, NewUser, User, prelude::*};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let file = folder.path().join("app.db");
    /// let db = Client::open(&file).await?;
    /// db.transact(User::create(NewUser {})).await?;
    /// assert_eq!(db.query(User::query()).await?.len(), 1);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if the file cannot be read and written, is something else, is damaged, or is open already.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let opened = task::spawn_blocking(move || Local::open(path)).await;
        let local = opened
            .map_err(|error| Error::caused(ErrorKind::Config, "opening the file was given up", error))?;
        let local = local.map_err(|error| refused("the file is refused", error))?;
        let app = local.apps().into_iter().next();
        embedded(local, &app.ok_or_else(|| Error::new(ErrorKind::Config, "the file holds no app"))?)
    }

    /// A new, empty Instant in memory, for tests; it is gone with its last client.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// let db = instant_client::Client::in_memory();
    /// # }
    /// ```
    pub fn in_memory() -> Self {
        Self::in_memory_with(Schema::default()).build().expect("no schema, no file: nothing to refuse")
    }

    /// A client of an independent copy, in memory, with all that this client's Instant holds: data, schema, rules, users. The app has
    /// the same id. It takes microseconds, so that each test can have its own.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Value};
    ///
    /// let app = Client::in_memory();
    /// let query = Value::parse(r#"{"goals": {}}"#).unwrap();
    /// let goal = r#"[["update", "goals", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"title": "Get fit"}]]"#;
    /// let db = app.fork();
    /// db.transact_raw(Value::parse(goal).unwrap()).await?;
    /// assert!(db.query_raw(query.clone()).await?.to_string().contains("Get fit"));
    /// assert_eq!(app.query_raw(query).await?.to_string(), r#"{"goals":[]}"#);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the client's server is not within this process: made by `open` or `in_memory`, it always is.
    #[must_use]
    pub fn fork(&self) -> Self {
        let Transport::Embedded(embedded) = &self.pipeline.transport else {
            panic!(
                "`fork` is for clients of `Client::open` and `Client::in_memory`; this one's server is at {}",
                self.pipeline.transport
            )
        };
        let mut pipeline = Pipeline::clone(&self.pipeline);
        pipeline.transport = Transport::Embedded(embedded.fork());
        Self { pipeline: Arc::new(pipeline), ..self.clone() }
    }

    /// A new Instant in memory, with the attributes and links of `schema`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let db = Client::in_memory_with(schema![User]).build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn in_memory_with(schema: Schema) -> InMemory {
        InMemory::new(schema)
    }
}

pub(super) fn embedded(local: Local, app: &AppCredentials) -> Result<Client, Error> {
    let transport = Transport::Embedded(Embedded::new(local));
    let pipeline = pipeline(transport, &app.id.to_string())?;
    admin(pipeline, Some(&app.admin_token.to_string()), CallOptions::default())
}

pub(super) fn refused(what: &str, error: LocalError) -> Error {
    match error {
        LocalError::Rejected(error) => Error::refused_to_begin(what, *error),
        LocalError::Line { number, error, .. } => {
            Error::refused_to_begin(format!("line {number} of the seed is refused"), *error)
        }
        other => Error::caused(ErrorKind::Config, "", other),
    }
}
