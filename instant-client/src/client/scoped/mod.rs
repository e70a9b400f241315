//! Clients that act as a user: the requests that a server accepts from users, under the permission
//! rules. Admin requests are not available here, and a scoped client gives no access to its
//! [`Client`].

mod act_as;
mod builder;

use std::{fmt, sync::Arc, time::Duration};

use instant_core::{Id, Uuid, Value};

pub use self::{act_as::As, builder::ScopedBuilder};
use super::{Client, PageStream, TransactResult};
use crate::{
    Entity, Error, IntoSteps, Queryable,
    decode::Decode,
    query::{Page, Query},
};

/// A client of one app that acts as a user or a guest. Permission rules apply to it.
///
/// It is a different type than [`Client`], so that code for admins cannot receive a user's client
/// by accident, nor the reverse:
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{As, Client};
///
/// fn nightly_job(db: &Client) {}
///
/// let db = Client::in_memory();
/// nightly_job(&db);
/// # }
/// ```
///
/// ```compile_fail,E0308
/// # instant_client::__doctest! {
/// use instant_client::{As, Client};
///
/// fn nightly_job(db: &Client) {}
///
/// let db = Client::in_memory();
/// nightly_job(&db.as_user(As::guest()));
/// # }
/// # #[cfg(not(feature = "local"))]
/// # let error: () = 1;
/// ```
#[derive(Clone)]
pub struct Scoped {
    /// The client with the headers of the user; never exposed.
    pub(super) client: Client,
    pub(super) user: As,
    /// The admin client, which permission debugging requires; never exposed.
    pub(super) admin: Option<Client>,
}

impl Client {
    /// Returns a client of the same app that acts as one of its users, under the permission rules.
    /// It sends no request; an unknown user fails the first call.
    ///
    /// The client sends the admin token only where the server requires it, which is with
    /// [`As::email`].
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, UserSelector, prelude::*};
    ///
    /// #[derive(InstantEntity, Debug)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     title: String,
    /// }
    ///
    /// let rules = r#"{"goals": {"allow": {"$default": "auth.id != null"}}}"#;
    /// let db = Client::in_memory_with(schema![Goal]).rules(rules).build()?;
    /// db.transact(Goal::create(NewGoal { title: "Get fit".into() })).await?;
    /// db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    ///
    /// let ada = db.as_user(As::email("ada@example.com"));
    /// assert_eq!(ada.query(Goal::query()).await?.len(), 1);
    ///
    /// let guest = db.as_user(As::guest());
    /// assert_eq!(guest.query(Goal::query()).await?.len(), 0);
    /// let create = Goal::create(NewGoal { title: "Get in".into() });
    /// assert!(guest.transact(create).await.unwrap_err().is_permission_denied());
    ///
    /// let stranger = db.as_user(As::email("nobody@example.com"));
    /// assert!(stranger.query(Goal::query()).await.unwrap_err().is_not_found());
    /// # }
    /// ```
    pub fn as_user(&self, user: As) -> Scoped {
        let pipeline = Arc::new(user.user_pipeline(&self.pipeline));
        Scoped { client: Self { pipeline, options: self.options }, user, admin: Some(self.clone()) }
    }
}

impl Scoped {
    /// Creates a builder for a scoped client without an admin token, for programs that users can
    /// inspect.
    ///
    /// ```
    /// use instant_client::Scoped;
    ///
    /// let db = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa")
    ///     .base_url("http://localhost:8888")
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn builder(app_id: impl ToString) -> ScopedBuilder {
        ScopedBuilder::new(Client::builder(app_id))
    }

    /// Returns the app's id.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, Client};
    ///
    /// let db = Client::in_memory();
    /// assert_eq!(db.as_user(As::guest()).app_id(), db.app_id());
    /// # }
    /// ```
    pub fn app_id(&self) -> Uuid {
        self.client.app_id()
    }

    /// Returns the rows of `query` that the user may see; see [`Client::query`]. `POST
    /// /admin/query`.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, User, prelude::*};
    ///
    /// async fn me(ada: &Scoped) -> Result<Vec<instant_client::UserRow>, Error> {
    ///     ada.query(User::query()).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`Client::query`]; [`is_not_found`](Error::is_not_found) if the user or token is
    /// unknown.
    pub async fn query<Q: Queryable>(&self, query: Q) -> Result<Q::Output, Error> {
        self.client.query(query).await
    }

    /// Returns the first row of `query` that the user may see; see [`Client::query_one`]. `POST
    /// /admin/query`.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, User, prelude::*};
    ///
    /// async fn me(ada: &Scoped) -> Result<Option<instant_client::UserRow>, Error> {
    ///     ada.query_one(User::query()).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query).
    pub async fn query_one<Q, Row>(&self, query: Q) -> Result<Option<Row>, Error>
    where
        Q: Queryable<Output = Vec<Row>>,
    {
        self.client.query_one(query).await
    }

    /// Returns the entity with this id, or `None` if it does not exist or the user may not see it.
    /// `POST /admin/query`.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, User, prelude::*};
    ///
    /// async fn me(ada: &Scoped, id: Id<User>) -> Result<bool, Error> {
    ///     Ok(ada.get(id).await?.is_some())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query).
    pub async fn get<E: Entity>(&self, id: Id<E>) -> Result<Option<E::Row>, Error> {
        self.client.get(id).await
    }

    /// Runs a query in Instant's JSON and returns the response as JSON. `POST /admin/query`.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, Value, prelude::json};
    ///
    /// async fn goals(ada: &Scoped) -> Result<Value, Error> {
    ///     ada.query_raw(json!({"goals": {}})).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the query.
    pub async fn query_raw(&self, query: impl Into<Value>) -> Result<Value, Error> {
        self.client.query_raw(query).await
    }

    /// Performs writes in one atomic transaction; see [`Client::transact`]. `POST /admin/transact`.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, User, prelude::*};
    ///
    /// async fn debug_as(ada: &Scoped, id: Id<User>) -> Result<u64, Error> {
    ///     Ok(ada.transact(User::update(id).set(|u| u.image_url, "ada.png")).await?.tx_id)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`Client::transact`]; [`is_permission_denied`](Error::is_permission_denied) if a
    /// rule denies one of the writes.
    pub async fn transact<S: IntoSteps>(&self, steps: S) -> Result<TransactResult, Error> {
        self.client.transact(steps).await
    }

    /// Performs a transaction in Instant's JSON: a list of steps. `POST /admin/transact`.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, prelude::json};
    ///
    /// async fn rename(ada: &Scoped, goal: &str) -> Result<u64, Error> {
    ///     Ok(ada.transact_raw(json!([["update", "goals", goal, {"title": "Get fit"}]])).await?.tx_id)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`transact`](Self::transact).
    pub async fn transact_raw(&self, steps: impl Into<Value>) -> Result<TransactResult, Error> {
        self.client.transact_raw(steps).await
    }

    /// Returns the rows of `query` that the user may see, with their page info; see
    /// [`Client::query_page`]. `POST /admin/subscribe-query`, closed after the first result.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, User, prelude::*};
    ///
    /// async fn first(ada: &Scoped) -> Result<usize, Error> {
    ///     Ok(ada.query_page(User::query().first(10)).await?.rows.len())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query).
    pub async fn query_page<E: Entity, R: Decode>(&self, query: Query<E, R>) -> Result<Page<R>, Error> {
        self.client.query_page(query).await
    }

    /// Returns all rows of `query` that the user may see, as a stream of pages; see
    /// [`Client::pages`].
    ///
    /// ```
    /// use instant_client::{Error, Scoped, User, prelude::*};
    ///
    /// async fn all(ada: &Scoped) -> Result<usize, Error> {
    ///     let (mut pages, mut users) = (ada.pages(User::query()), 0);
    ///     while let Some(page) = pages.next().await {
    ///         users += page?.rows.len();
    ///     }
    ///     Ok(users)
    /// }
    /// ```
    pub fn pages<E: Entity, R: Decode + 'static>(&self, query: Query<E, R>) -> PageStream<E, R> {
        self.client.pages(query)
    }

    /// Returns the pipeline, for other parts of the scoped client.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Same as [`Client::with_timeout`].
    ///
    /// ```
    /// use instant_client::Scoped;
    /// use std::time::Duration;
    ///
    /// let ada = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").guest().build()?;
    /// let patient = ada.with_timeout(Duration::from_secs(120));
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { client: self.client.with_timeout(timeout), ..self.clone() }
    }

    /// Same as [`Client::with_deadline`].
    ///
    /// ```
    /// use instant_client::Scoped;
    /// use std::time::Duration;
    ///
    /// let ada = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").guest().build()?;
    /// let hasty = ada.with_deadline(Duration::from_secs(5));
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self { client: self.client.with_deadline(deadline), ..self.clone() }
    }

    /// Same as [`Client::with_retries`].
    ///
    /// ```
    /// use instant_client::Scoped;
    ///
    /// let ada = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").guest().build()?;
    /// let once = ada.with_retries(0);
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_retries(&self, retries: u32) -> Self {
        Self { client: self.client.with_retries(retries), ..self.clone() }
    }

    /// Same as [`Client::idempotent`].
    ///
    /// ```
    /// use instant_client::Scoped;
    ///
    /// let ada = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").guest().build()?;
    /// let again = ada.idempotent();
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn idempotent(&self) -> Self {
        Self { client: self.client.idempotent(), ..self.clone() }
    }
}

/// Shows the user, and omits the token.
impl fmt::Display for Scoped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.user.fmt(f)
    }
}

/// Shows the app and the server, and omits the token.
impl fmt::Debug for Scoped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.debug_as("Scoped", f)
    }
}
