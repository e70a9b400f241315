//! A handle to the app's schema: pushes the schema declared in Rust, compares it, and fetches the
//! app's own.

mod app_attrs;
mod change;
mod compare;
mod deleted_attrs;
mod indexing_jobs;
mod push;

use instant_core::{
    Object, Value,
    schema::{Attr, Schema},
};

pub use self::{
    change::SchemaChange,
    compare::{Difference, SchemaDifference, SchemaReport},
    deleted_attrs::{DeletedAttr, DeletedAttrs},
    push::{PushResult, SchemaPlan, SchemaPush},
};
use super::{Client, response::json as parse};
use crate::{Error, error::ErrorKind, retry::Effect, schema::validate};

/// A handle to the schema of an app; see [`Client::schema`].
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

impl Client {
    /// Returns a handle to the app's schema: push the schema declared in Rust, compare it with the
    /// app's, and fetch the app's.
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
    /// Adds everything that `schema` declares and the app lacks, and tightens properties that are
    /// weaker in the app. `POST /dash/apps/:id/schema/push/apply`.
    ///
    /// A push deletes and renames nothing: attributes outside `schema` stay. It also keeps
    /// properties that `schema` does not declare, such as an index, unless the caller names the
    /// attribute with [`allow`](SchemaPush::allow); [`PushResult::kept`] lists them.
    ///
    /// Pushing the same schema again changes nothing. If the server checks the data in background
    /// jobs, the call waits for them, up to the client's [deadline](Client::with_deadline).
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
    /// [`ErrorKind::Build`](crate::ErrorKind::Build) if the schema lacks a namespace that a link
    /// leads to, or has two types for one attribute.
    ///
    /// If the server rejects the push, for example because a name is in use or because a new
    /// required attribute would lack values, it performs no change.
    ///
    /// [`ErrorKind::SchemaRejected`](crate::ErrorKind::SchemaRejected) if the app has another type
    /// for an attribute and the caller does not allow the change; then the push changes nothing.
    /// Also if the data does not allow a change of an existing attribute, such as `unique` with
    /// repeated values; the message lists the changes that were performed.
    ///
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if the server has not finished before the
    /// deadline; its jobs continue, and a later push reports their result.
    pub fn push(&self, schema: &Schema) -> SchemaPush {
        SchemaPush::new(self.clone(), schema.clone())
    }

    /// Returns the changes that [`push`](Self::push) would perform. `POST
    /// /dash/apps/:id/schema/push/plan`.
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
    /// [`ErrorKind::Build`](crate::ErrorKind::Build) as for [`push`](Self::push); any rejection by
    /// the server, for example because a name is in use. Only a push checks whether the data allows
    /// the changes.
    pub async fn plan(&self, schema: &Schema) -> Result<SchemaPlan, Error> {
        self.push(schema).plan().await
    }

    /// Compares `schema` with the app and lists each difference: missing parts, and differing
    /// properties. It ignores attributes that only the app has, and properties that only the
    /// platform can change. `GET /dash/apps/:id/schema/pull`.
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
    /// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
    /// db.transact_raw(json!([["create", "goals", id, {"title": 7}]])).await?;
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
    /// [`ErrorKind::Build`](crate::ErrorKind::Build) as for [`push`](Self::push); any rejection by
    /// the server.
    pub async fn verify(&self, schema: &Schema) -> Result<SchemaReport, Error> {
        validate(schema, ErrorKind::Build)?;
        Ok(compare::compare(schema, &app_attrs::pull(&self.client).await?))
    }

    /// Returns the app's schema, without the attributes that every app has: entities by namespace,
    /// attributes by label, links as `goalsOwner`. `GET /dash/apps/:id/schema/pull`.
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
    /// Fails if the server rejects the request.
    pub async fn pull(&self) -> Result<Schema, Error> {
        let live = app_attrs::pull(&self.client).await?;
        Ok(Schema::from_attrs(live.into_iter().filter(|live| !live.system).map(|live| live.attr)))
    }

    /// Returns the app's attributes and links with their ids, without those that every app has.
    /// `GET /dash/apps/:id/schema/pull`.
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
    /// Fails if the server rejects the request.
    pub async fn attributes(&self) -> Result<Vec<Attr>, Error> {
        let live = app_attrs::pull(&self.client).await?;
        Ok(live.into_iter().filter(|live| !live.system).map(|live| live.attr).collect())
    }

    /// Returns the attributes and links that every app has, with their ids, as far as the server
    /// reports them. `GET /dash/apps/:id/schema/pull`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # let db = instant_client::Client::in_memory();
    /// let attrs = db.schema().system_attributes().await?;
    /// assert!(attrs.iter().any(|attr| attr.forward.label == "linkedPrimaryUser"));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the request.
    pub async fn system_attributes(&self) -> Result<Vec<Attr>, Error> {
        let live = app_attrs::pull(&self.client).await?;
        Ok(live.into_iter().filter(|live| live.system).map(|live| live.attr).collect())
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
