//! Clients of the embedded backend, with data in a file or in memory. `in_memory.rs` holds the
//! builder for backends in memory.

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
    /// Opens the app in the file at `path`, which is created if missing. Writes are on disk when
    /// the call returns.
    ///
    /// Only one process at a time can open a file. To share it, serve it with `instant dev`.
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
    /// [`ErrorKind::Config`] if the file cannot be read and written, has another format, is
    /// damaged, or is already open.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let opened = task::spawn_blocking(move || Local::open(path)).await;
        let local = opened.map_err(|error| {
            Error::caused(ErrorKind::Config, "failed to open the file: the task was cancelled", error)
        })?;
        let local = local.map_err(|error| setup_error("failed to open the file", error))?;
        let app = local.apps().into_iter().next();
        embedded(local, &app.ok_or_else(|| Error::new(ErrorKind::Config, "the file contains no app"))?)
    }

    /// Creates an empty app in memory, for tests. It is dropped with its last client.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// let db = instant_client::Client::in_memory();
    /// # }
    /// ```
    pub fn in_memory() -> Self {
        Self::in_memory_with(Schema::default()).build().expect("an empty schema in memory is valid")
    }

    /// Creates an independent copy of the client's app in memory: data, schema, rules and users,
    /// with the same app id. A copy takes microseconds, so each test can have its own.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Value};
    ///
    /// let app = Client::in_memory();
    /// let query = Value::parse(r#"{"goals": {}}"#).unwrap();
    /// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
    /// let goal = format!(r#"[["update", "goals", "{id}", {{"title": "Get fit"}}]]"#);
    /// let db = app.fork();
    /// db.transact_raw(Value::parse(&goal).unwrap()).await?;
    /// assert!(db.query_raw(query.clone()).await?.to_string().contains("Get fit"));
    /// assert_eq!(app.query_raw(query).await?.to_string(), r#"{"goals":[]}"#);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the client's server is not embedded, that is, if the client was not created by
    /// `open` or `in_memory`.
    #[must_use]
    pub fn fork(&self) -> Self {
        let Transport::Embedded(embedded) = &self.pipeline.transport else {
            panic!(
                "`fork` requires a client of `Client::open` or `Client::in_memory`; this client's server is at {}",
                self.pipeline.transport
            )
        };
        let mut pipeline = Pipeline::clone(&self.pipeline);
        pipeline.transport = Transport::Embedded(embedded.fork());
        Self { pipeline: Arc::new(pipeline), ..self.clone() }
    }

    /// Prepares an app in memory with the attributes and links of `schema`.
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

pub(super) fn setup_error(operation: &str, error: LocalError) -> Error {
    match error {
        LocalError::Rejected(error) => Error::setup_rejected(operation, *error),
        LocalError::Line { number, error, .. } => {
            Error::setup_rejected(format!("line {number} of the seed is invalid"), *error)
        }
        other => Error::caused(ErrorKind::Config, "", other),
    }
}
