//! The app's schema, as a part of a client: push what the Rust types declare, compare it, and look at what is there.

mod app_attrs;
mod change;
mod compare;
mod deleted_attrs;
mod indexing_jobs;

use std::fmt;

use instant_core::{
    Object, Value,
    schema::{Attr, Schema},
};

pub use self::{
    change::SchemaChange,
    compare::{Difference, SchemaDifference, SchemaReport},
    deleted_attrs::{DeletedAttr, DeletedAttrs},
};
use super::{Client, response::json as parse};
use crate::{Error, error::ErrorKind, retry::Effect, schema::validate};

/// The schema of a client's app; see [`Client::schema`].
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{User, prelude::*};
///
/// let db = Client::in_memory();
/// assert!(db.schema().verify(&schema![User]).await?.matches());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SchemaClient {
    client: Client,
}

/// What a [push](SchemaClient::push) would do; shown as a list, one line per change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaPlan {
    /// The changes in the order in which they would be made; none if everything is there.
    pub changes: Vec<SchemaChange>,
}

/// What a [push](SchemaClient::push) did; shown as a list, one line per change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushResult {
    /// The changes in the order in which they were made; none if everything was there.
    pub changes: Vec<SchemaChange>,
}

impl Client {
    /// The app's schema: pushing what the Rust types declare, comparing it with what is there, and reading that.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     #[instant(indexed)]
    ///     title: String,
    /// }
    ///
    /// let db = Client::in_memory();
    /// let pushed = db.schema().push(&schema![Goal]).await?;
    /// assert_eq!(pushed.to_string(), "add goals.id\nadd goals.title (string, required, indexed)\n");
    /// assert!(db.schema().verify(&schema![Goal]).await?.matches());
    /// # }
    /// ```
    pub fn schema(&self) -> SchemaClient {
        SchemaClient { client: self.clone() }
    }
}

impl SchemaClient {
    /// Adds what `schema` declares and the app does not have, and changes what differs. Nothing is deleted or renamed: what the
    /// schema does not mention stays. `POST /dash/apps/:id/schema/push/apply`.
    ///
    /// Pushing the same schema again does nothing. A server that checks the data in the background is waited for, within the
    /// client's [deadline](Client::with_deadline).
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// let pushed = db.schema().push(&schema![User]).await?;
    /// assert_eq!(pushed.to_string(), "nothing to change\n", "every app has users");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`](crate::ErrorKind::Build) if the schema lacks a namespace that a link leads to, or has two types for one attribute.
    /// What the server refuses: a name that is in use for something else, a new required attribute in a namespace that has entities;
    /// then nothing was done. [`ErrorKind::SchemaRefused`](crate::ErrorKind::SchemaRefused) if the data does not allow a change of an attribute that was there, such
    /// as `unique` where values repeat; the other changes were made. [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if the server has not finished in time;
    /// it goes on, and pushing again later tells what came of it.
    pub async fn push(&self, schema: &Schema) -> Result<PushResult, Error> {
        validate(schema, ErrorKind::Build)?;
        let start = tokio::time::Instant::now();
        let answer = self.post("push/apply", schema, Effect::IdempotentWrite).await?;
        let changes = change::changes(&answer)?;
        indexing_jobs::wait(&self.client, &answer, start).await?;
        Ok(PushResult { changes })
    }

    /// What [`push`](Self::push) would do. `POST /dash/apps/:id/schema/push/plan`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # use instant_client::prelude::*;
    /// # #[derive(InstantEntity)]
    /// # #[instant(namespace = "goals")]
    /// # struct Goal { id: Id<Goal>, title: String }
    /// let db = Client::in_memory();
    /// let plan = db.schema().plan(&schema![Goal]).await?;
    /// assert_eq!(plan.to_string(), "add goals.id\nadd goals.title (string, required)\n");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`](crate::ErrorKind::Build) as for [`push`](Self::push).
    /// What the server refuses: a name that is in use for something else. Whether the data allows the changes is found by the push.
    pub async fn plan(&self, schema: &Schema) -> Result<SchemaPlan, Error> {
        validate(schema, ErrorKind::Build)?;
        let answer = self.post("push/plan", schema, Effect::Read).await?;
        Ok(SchemaPlan { changes: change::changes(&answer)? })
    }

    /// Compares `schema` with the app, and names each difference: what is missing, and what has other properties. What the app has
    /// beyond the schema is none, nor is what only the platform can change. `GET /dash/apps/:id/schema/pull`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     #[instant(unique)]
    ///     title: String,
    /// }
    ///
    /// let db = Client::in_memory();
    /// db.transact_raw(json!([["create", "goals", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"title": 7}]])).await?;
    /// let report = db.schema().verify(&schema![Goal]).await?;
    /// assert_eq!(
    ///     report.to_string(),
    ///     "goals.title is declared as string, and has no type in the app\n\
    ///      goals.title is declared required, and is optional in the app\n\
    ///      goals.title is declared unique, and is not unique in the app\n",
    /// );
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`](crate::ErrorKind::Build) as for [`push`](Self::push). What the server refuses.
    pub async fn verify(&self, schema: &Schema) -> Result<SchemaReport, Error> {
        validate(schema, ErrorKind::Build)?;
        Ok(compare::compare(schema, &app_attrs::pull(&self.client).await?))
    }

    /// The app's schema, without what every app has: entities by namespace, attributes by label, links as `goalsOwner`.
    /// `GET /dash/apps/:id/schema/pull`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # use instant_client::prelude::*;
    /// # #[derive(InstantEntity)]
    /// # #[instant(namespace = "goals")]
    /// # struct Goal { id: Id<Goal>, title: String }
    /// let db = Client::in_memory();
    /// db.schema().push(&schema![Goal]).await?;
    /// assert_eq!(db.schema().pull().await?, schema![Goal]);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub async fn pull(&self) -> Result<Schema, Error> {
        let live = app_attrs::pull(&self.client).await?;
        Ok(Schema::from_attrs(live.into_iter().filter(|live| !live.system).map(|live| live.attr)))
    }

    /// The app's attributes and links with their ids, without what every app has. `GET /dash/apps/:id/schema/pull`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # let db = instant_client::Client::in_memory();
    /// assert!(db.schema().attributes().await?.is_empty());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub async fn attributes(&self) -> Result<Vec<Attr>, Error> {
        let live = app_attrs::pull(&self.client).await?;
        Ok(live.into_iter().filter(|live| !live.system).map(|live| live.attr).collect())
    }

    async fn post(&self, what: &str, schema: &Schema, effect: Effect) -> Result<Value, Error> {
        let Client { pipeline, options } = &self.client;
        let path = format!("/dash/apps/{}/schema/{what}", pipeline.app_id);
        let mut body = Object::new();
        body.insert("schema", schema.to_json());
        body.insert("check_types", true);
        body.insert("supports_background_updates", true);
        parse(&pipeline.post(path, Value::from(body).to_string(), effect, options).await?)
    }
}

impl fmt::Display for SchemaPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        change::lines(&self.changes, f)
    }
}

impl fmt::Display for PushResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        change::lines(&self.changes, f)
    }
}
