//! The client: one app on one server, as its admin.

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
    SchemaPlan, SchemaReport,
};
pub use self::scoped::{As, Scoped, ScopedBuilder};
pub use self::storage::{Download, StorageClient, Upload, UploadProgress, UploadResult};
pub use self::token::RefreshToken;
use crate::{BuildError, Entity, Error, IntoSteps, Queryable, attr::Attr, error::ErrorKind, retry::Effect};

/// One app of an Instant server, with everything that its admin token opens. Permission rules do not apply to it.
///
/// A clone is another handle on the same connections. Calls must be made within a tokio runtime; dropping a call's future cancels
/// the call.
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

/// What a transaction was answered with.
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
    /// The transaction's number: later ones have larger numbers.
    pub tx_id: u64,
}

impl Client {
    /// Prepares a client for an app on the network.
    ///
    /// ```
    /// # fn main() -> Result<(), instant_client::Error> {
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .base_url("http://localhost:8888")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(app_id: impl ToString) -> ClientBuilder {
        ClientBuilder::new(app_id.to_string())
    }

    /// The app that the environment names: `INSTANT_APP_ID`, `INSTANT_APP_ADMIN_TOKEN` (or `INSTANT_ADMIN_TOKEN`) and, for a server
    /// other than Instant Cloud, `INSTANT_API_URI` (or `INSTANT_CLI_API_URI`).
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
    /// [`ErrorKind::Config`] that names the variable which is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        environment::from_variables(|name| std::env::var_os(name))?.build()
    }

    /// The app's id.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").admin_token("82900c15-faac-495b-b385-9f9e7743b629").build()?;
    /// assert_eq!(db.app_id().to_string(), "137ace7a-efdd-490f-b0dc-a3c73a14f892");
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn app_id(&self) -> Uuid {
        self.pipeline.app_id
    }

    /// The rows that `query` asks for: a typed query, or a tuple of them that travel as one request. `POST /admin/query`.
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
    /// [`ErrorKind::Build`] if the query cannot be said in Instant; what the server refuses; [`ErrorKind::Decode`] if the answer does
    /// not fit the types.
    pub async fn query<Q: Queryable>(&self, query: Q) -> Result<Q::Output, Error> {
        let text = self.run_query(query.to_query()).await?;
        Ok(query.decode(&text)?)
    }

    /// The first row of `query`, which is asked for no more.
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
    /// As [`query`](Self::query).
    pub async fn query_one<Q, Row>(&self, query: Q) -> Result<Option<Row>, Error>
    where
        Q: Queryable<Output = Vec<Row>>,
    {
        let text = self.run_query(query.to_query().map(first_only)).await?;
        Ok(query.decode(&text)?.into_iter().next())
    }

    /// The entity with this id, if there is one. `POST /admin/query`.
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
    /// As [`query`](Self::query).
    pub async fn get<E: Entity>(&self, id: Id<E>) -> Result<Option<E::Row>, Error> {
        self.query_one(E::query().filter(|_| Attr::<E, Id<E>>::raw("id").eq(id))).await
    }

    /// Performs writes, all or none: one write, or a tuple, `Vec` or iterator of them. `POST /admin/transact`.
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
    /// [`ErrorKind::Build`] if a write cannot be said in Instant; what the server refuses. If the connection breaks or time runs out
    /// it is not known whether the transaction was performed; it is not sent again unless the client is
    /// [`idempotent`](Self::idempotent).
    pub async fn transact<S: IntoSteps>(&self, steps: S) -> Result<TransactResult, Error> {
        let mut out = Vec::new();
        let built = steps.into_steps(&mut out);
        self.run_steps(built, out).await
    }

    /// The answer to a query in Instant's JSON, as JSON. `POST /admin/query`.
    ///
    /// ```
    /// # #[cfg(feature = "local")]
    /// # async fn example() -> Result<(), instant_client::Error> {
    /// # let db = instant_client::Client::in_memory();
    /// let answer = db.query_raw(serde_json::json!({"goals": {"$": {"limit": 10}}})).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the server refuses.
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
    /// db.transact_raw(json!([["update", "goals", Uuid::new_v4().to_string(), {"title": "Get fit"}]])).await?;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`transact`](Self::transact).
    pub async fn transact_raw(&self, steps: impl Into<Value>) -> Result<TransactResult, Error> {
        self.post_steps(&steps.into()).await
    }

    fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        let answer = Value::parse(&text).ok();
        let tx_id = answer.as_ref().and_then(|answer| answer.get("tx-id")).and_then(Value::as_i64);
        match tx_id.and_then(|tx_id| u64::try_from(tx_id).ok()) {
            Some(tx_id) => Ok(TransactResult { tx_id }),
            None => Err(Error::new(ErrorKind::UnexpectedResponse, "the response has no `tx-id`")),
        }
    }
}

/// Asks for one row where more would be answered.
fn first_only(mut query: Query) -> Query {
    if let [named] = query.forms.as_mut_slice() {
        let limit = &mut named.form.options.page.limit;
        *limit = Some(match *limit {
            None => Limit::Limit(1),
            Some(Limit::Limit(rows)) => Limit::Limit(rows.min(1)),
            Some(Limit::First(rows)) => Limit::First(rows.min(1)),
            // The first of the last rows is not the last one.
            Some(last @ Limit::Last(_)) => last,
        });
    }
    query
}

/// Shows which app on which server, and no token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show("Client", f)
    }
}
