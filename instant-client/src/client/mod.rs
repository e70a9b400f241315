//! The client of one app, with admin permissions.

mod auth;
mod batched;
mod builder;
mod cookie;
mod count;
mod debug;
#[cfg(feature = "local")]
mod embedded;
mod environment;
mod event_stream;
mod first_result;
#[cfg(feature = "local")]
mod in_memory;
mod pages;
mod percent;
mod pipeline;
mod redaction;
mod response;
mod rooms;
mod rules;
mod schema;
mod scoped;
mod session_message;
mod settings;
mod storage;
#[cfg(test)]
mod tests;
mod token;
mod trace;
mod validate;

use std::{fmt, sync::Arc};

use instant_core::{
    Id, Uuid, Value,
    query::{Limit, Query},
    steps::{self, Step},
};

pub use self::auth::{AuthClient, AuthUser, Session, SignInOptions, UserSelector};
pub use self::batched::{BatchError, BatchOptions, BatchProgress, BatchReport};
pub use self::builder::ClientBuilder;
pub(crate) use self::debug::ChecksTable;
pub use self::debug::{DebugOptions, DebuggedQuery, DebuggedTransaction, RuleAction, RuleCheck};
#[cfg(feature = "local")]
pub use self::in_memory::InMemory;
pub use self::pages::PageStream;
use self::percent::percent_encoded;
use self::pipeline::{CallOptions, Pipeline};
pub use self::rooms::{Peer, RoomsClient};
pub use self::rules::RulesClient;
pub use self::schema::{
    DeletedAttr, DeletedAttrs, Difference, PushResult, SchemaChange, SchemaClient, SchemaDifference,
    SchemaPlan, SchemaPush, SchemaReport,
};
pub use self::scoped::{As, Scoped, ScopedBuilder};
pub use self::storage::{Download, StorageClient, Upload, UploadProgress, UploadResult};
pub use self::token::RefreshToken;
use crate::{BuildError, Entity, Error, IntoSteps, Queryable, attr::Attr, error::ErrorKind, retry::Effect};

/// A client of one app, authenticated with the admin token. Permission rules do not apply to it.
///
/// Clones are cheap and share connections. Call the methods within a tokio runtime; dropping the
/// future of a call cancels it.
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
/// let db = Client::in_memory_with(schema![Goal]).build()?;
/// let create = Goal::create(NewGoal { title: "Get fit".into() });
/// let id = create.id();
/// db.transact(create).await?;
/// let goals = db.query(Goal::query().filter(|g| g.title.like("Get%"))).await?;
/// assert_eq!(goals[0].title, "Get fit");
/// assert!(db.get(id).await?.is_some());
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pipeline: Arc<Pipeline>,
    options: CallOptions,
}

/// The result of a transaction.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{NewUser, User, prelude::*};
///
/// let db = Client::in_memory();
/// let first = db.transact(User::create(NewUser {})).await?;
/// let second = db.transact(User::create(NewUser {})).await?;
/// assert!(first.tx_id < second.tx_id);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactResult {
    /// The transaction's number; later transactions have larger numbers.
    pub tx_id: u64,
}

impl Client {
    /// Creates a builder for a client of an app on the network.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .base_url("http://localhost:8888")
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn builder(app_id: impl ToString) -> ClientBuilder {
        ClientBuilder::new(app_id.to_string())
    }

    /// Creates a client of the app in the environment variables `INSTANT_APP_ID`,
    /// `INSTANT_APP_ADMIN_TOKEN` (or `INSTANT_ADMIN_TOKEN`) and, for a server other than Instant
    /// Cloud, `INSTANT_API_URI` (or `INSTANT_CLI_API_URI`).
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// match Client::from_env() {
    ///     Ok(db) => println!("the app is {}", db.app_id()),
    ///     Err(error) => println!("{error}"),
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] that names the missing or invalid variable.
    pub fn from_env() -> Result<Self, Error> {
        environment::from_variables(|name| std::env::var_os(name))?.build()
    }

    /// Returns the app's id.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .build()?;
    /// assert_eq!(db.app_id().to_string(), "137ace7a-efdd-490f-b0dc-a3c73a14f892");
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn app_id(&self) -> Uuid {
        self.pipeline.app_id
    }

    /// Returns the rows of `query`: a typed query, or a tuple of queries, which are sent in one
    /// request. `POST /admin/query`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// db.transact(User::create(NewUser {}).set(|u| u.email, "ada@example.com")).await?;
    /// let users = db.query(User::query().filter(|u| u.email.like("ada@%"))).await?;
    /// assert_eq!(users[0].email.as_deref(), Some("ada@example.com"));
    /// // Several queries in one request.
    /// let (users, guests) = db.query((User::query(), instant_client::File::query())).await?;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] if Instant cannot express the query; [`ErrorKind::Decode`] if the
    /// response does not match the types; any rejection by the server.
    pub async fn query<Q: Queryable>(&self, query: Q) -> Result<Q::Output, Error> {
        let text = self.run_query(query.to_query()).await?;
        Ok(query.decode(&text)?)
    }

    /// Returns the first row of `query`, fetching at most one.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// let newest = db.query_one(User::query().order(|_| Order::newest_first())).await?;
    /// assert!(newest.is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query).
    pub async fn query_one<Q, Row>(&self, query: Q) -> Result<Option<Row>, Error>
    where
        Q: Queryable<Output = Vec<Row>>,
    {
        let text = self.run_query(query.to_query().map(limit_to_one)).await?;
        Ok(query.decode(&text)?.into_iter().next())
    }

    /// Returns the entity with this id, or `None` if it does not exist. `POST /admin/query`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// let ada = User::create(NewUser {});
    /// let id = ada.id();
    /// assert!(db.get(id).await?.is_none());
    /// db.transact(ada).await?;
    /// assert!(db.get(id).await?.is_some());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query).
    pub async fn get<E: Entity>(&self, id: Id<E>) -> Result<Option<E::Row>, Error> {
        self.query_one(E::query().filter(|_| Attr::<E, Id<E>>::raw("id").eq(id))).await
    }

    /// Performs one write, or a tuple, `Vec` or iterator of writes, in one atomic transaction.
    /// `POST /admin/transact`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// let guest = User::create(NewUser {});
    /// let ada = User::create(NewUser {}).link(|u| u.linked_guest_users, guest.id());
    /// let id = ada.id();
    /// db.transact((guest, ada)).await?;
    /// db.transact(User::update(id).set(|u| u.image_url, "ada.png").strict()).await?;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] if Instant cannot express a write; any rejection by the server. If the
    /// connection breaks or the timeout elapses, the transaction may or may not have been
    /// performed. The client does not retry it then unless it is [`idempotent`](Self::idempotent).
    pub async fn transact<S: IntoSteps>(&self, steps: S) -> Result<TransactResult, Error> {
        let mut out = Vec::new();
        let built = steps.into_steps(&mut out);
        self.run_steps(built, out).await
    }

    /// Runs a query in Instant's JSON and returns the response as JSON. `POST /admin/query`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let response = db.query_raw(json!({"goals": {"$": {"limit": 10}}})).await?;
    /// assert_eq!(response.to_string(), r#"{"goals":[]}"#);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the query.
    pub async fn query_raw(&self, query: impl Into<Value>) -> Result<Value, Error> {
        let text = self.post_query(&query.into()).await?;
        response::json(&text)
    }

    /// Performs a transaction in Instant's JSON: a list of steps. `POST /admin/transact`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// let id = Uuid::new_v4().to_string();
    /// db.transact_raw(json!([["update", "goals", id, {"title": "Get fit"}]])).await?;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`transact`](Self::transact).
    pub async fn transact_raw(&self, steps: impl Into<Value>) -> Result<TransactResult, Error> {
        self.post_steps(&steps.into()).await
    }

    fn debug_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("app_id", &self.pipeline.app_id)
            .field("server", &format_args!("{}", self.pipeline.transport))
            .finish_non_exhaustive()
    }

    fn with(&self, change: impl FnOnce(&mut CallOptions)) -> Self {
        let mut client = self.clone();
        change(&mut client.options);
        client
    }

    async fn run_query(&self, query: Result<Query, BuildError>) -> Result<String, Error> {
        self.post_query(&query?.to_json()).await
    }

    async fn post_query(&self, query: &Value) -> Result<String, Error> {
        let body = format!("{{\"query\":{query},\"inference?\":true}}");
        self.pipeline.post("/admin/query", body, Effect::Read, &self.options).await
    }

    async fn run_steps(
        &self,
        built: Result<(), BuildError>,
        steps: Vec<Step>,
    ) -> Result<TransactResult, Error> {
        built?;
        self.post_steps(&steps::to_json(&steps)).await
    }

    async fn post_steps(&self, steps: &Value) -> Result<TransactResult, Error> {
        self.post_transaction(format!("{{\"steps\":{steps}}}"), self.options.write_effect()).await
    }

    async fn post_transaction(&self, body: String, effect: Effect) -> Result<TransactResult, Error> {
        let text = self.pipeline.post("/admin/transact", body, effect, &self.options).await?;
        let response = Value::parse(&text).ok();
        let tx_id = response.as_ref().and_then(|response| response.get("tx-id")).and_then(Value::as_i64);
        match tx_id.and_then(|tx_id| u64::try_from(tx_id).ok()) {
            Some(tx_id) => Ok(TransactResult { tx_id }),
            None => Err(Error::new(ErrorKind::UnexpectedResponse, "the response has no `tx-id`")),
        }
    }
}

/// Limits the query to its first row.
fn limit_to_one(mut query: Query) -> Query {
    if let [named] = query.forms.as_mut_slice() {
        let limit = &mut named.form.options.page.limit;
        *limit = Some(match *limit {
            None => Limit::Limit(1),
            Some(Limit::Limit(rows)) => Limit::Limit(rows.min(1)),
            Some(Limit::First(rows)) => Limit::First(rows.min(1)),
            // The first of the last `n` rows is not the last row.
            Some(last @ Limit::Last(_)) => last,
        });
    }
    query
}

/// Shows the app and the server, and omits the token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug_as("Client", f)
    }
}
