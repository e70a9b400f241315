//! Permission debugging: the results of the rules for each entity of a query or transaction
//! (`docs/protocol/http-api.md`, "5. Permission debugging").

mod checks_table;
mod link_values;
mod mentions;
mod rule_check;

use std::fmt;

use instant_core::{Object, Value, steps};

pub use self::rule_check::{RuleAction, RuleCheck};
use super::{As, Client, Scoped, response};
use crate::{Error, IntoSteps, Queryable, Rules, error::ErrorKind, retry::Effect};

/// Options for permission debugging. By default, the app's own rules apply.
///
/// ```
/// use instant_client::{DebugOptions, Rules};
///
/// let open = Rules::builder().namespace("goals", |goal| goal.view(true)).build();
/// let options = DebugOptions::new().rules(open).origin("https://example.com");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "options do nothing until they are passed to a call"]
pub struct DebugOptions {
    rules: Option<Rules>,
    ip: Option<String>,
    origin: Option<String>,
}

/// The rows of a query, with the rule checks of each entity involved. `Display` shows a table.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{As, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     #[instant(unique)]
///     title: String,
/// }
///
/// let rules = r#"{"notes": {"allow": {"view": "auth.id != null"}}}"#;
/// let seed = Note::create(NewNote { title: "a".into() });
/// let db = Client::in_memory_with(schema![Note]).rules(rules).seed(seed).build()?;
/// let why = db.debug_query(As::guest(), Note::query()).await?;
/// assert!(why.rows.is_empty() && why.checks.len() == 1);
/// assert!(why.to_string().starts_with("the only check failed"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DebuggedQuery<T> {
    /// The rows that the user sees, decoded as by [`Scoped::query`].
    pub rows: T,
    /// One check per entity that the query reached before permissions applied, including nested
    /// entities and those on the paths of filters, and one per attribute with a field rule. The
    /// order is unspecified. If the server turned rules into conditions of the query (see
    /// `rule-wheres` in [`raw`](Self::raw)), entities that fail these conditions have no check.
    pub checks: Vec<RuleCheck>,
    /// The server's response: `check-results`, `result`, `rule-wheres`.
    pub raw: Value,
}

/// The rule checks of a transaction, which was rolled back. `Display` shows a table.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{As, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     #[instant(unique)]
///     title: String,
/// }
///
/// let rules = r#"{"notes": {"allow": {"create": "newData.title != ''"}}}"#;
/// let db = Client::in_memory_with(schema![Note]).rules(rules).build()?;
/// let empty = Note::create(NewNote { title: String::new() });
/// let why = db.debug_transact(As::guest(), empty).await?;
/// assert!(!why.allowed && why.to_string().contains("newData.title != ''"));
/// assert!(db.query(Note::query()).await?.is_empty());
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DebuggedTransaction {
    /// `true` if all checks passed, so that the transaction would be performed.
    pub allowed: bool,
    /// One check per entity, link or attribute and action. Checks from before the write come first.
    pub checks: Vec<RuleCheck>,
    /// The server's response: `tx-id`, `all-checks-ok?`, `committed?`, `check-results`.
    pub raw: Value,
}

impl DebugOptions {
    /// Creates the default options, which apply the app's own rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies these rules in place of the app's own, to preview a change.
    pub fn rules(self, rules: impl Into<Rules>) -> Self {
        Self { rules: Some(rules.into()), ..self }
    }

    /// Sets the IP address that rules see as `request.ip`.
    pub fn ip(self, ip: impl Into<String>) -> Self {
        Self { ip: Some(ip.into()), ..self }
    }

    /// Sets the origin that rules see as `request.origin`.
    pub fn origin(self, origin: impl Into<String>) -> Self {
        Self { origin: Some(origin.into()), ..self }
    }

    fn body(self, key: &str, value: Value) -> Object {
        let mut body = Object::from_iter([(key.to_owned(), value)]);
        if let Some(rules) = self.rules {
            body.insert("rules-override", rules.into_object());
        }
        for (key, value) in [("ip-override", self.ip), ("origin-override", self.origin)] {
            if let Some(value) = value {
                body.insert(key, value);
            }
        }
        body
    }
}

impl Client {
    /// Runs `query` as `user` and reports the rule checks; see [`Scoped::debug_query`]. `POST
    /// /admin/query_perms_check`.
    ///
    /// # Errors
    ///
    /// The same as [`Scoped::debug_query`].
    pub async fn debug_query<Q: Queryable>(
        &self,
        user: As,
        query: Q,
    ) -> Result<DebuggedQuery<Q::Output>, Error> {
        self.as_user(user).debug_query(query).await
    }

    /// Same as [`debug_query`](Self::debug_query), with other rules or another origin.
    ///
    /// # Errors
    ///
    /// The same as [`Scoped::debug_query_with`].
    pub async fn debug_query_with<Q: Queryable>(
        &self,
        user: As,
        query: Q,
        options: DebugOptions,
    ) -> Result<DebuggedQuery<Q::Output>, Error> {
        self.as_user(user).debug_query_with(query, options).await
    }

    /// Checks whether `user` may perform these writes; see [`Scoped::debug_transact`]. `POST
    /// /admin/transact_perms_check`.
    ///
    /// # Errors
    ///
    /// The same as [`Scoped::debug_transact`].
    pub async fn debug_transact<S: IntoSteps>(
        &self,
        user: As,
        steps: S,
    ) -> Result<DebuggedTransaction, Error> {
        self.as_user(user).debug_transact(steps).await
    }

    /// Same as [`debug_transact`](Self::debug_transact), with other rules or another origin.
    ///
    /// # Errors
    ///
    /// The same as [`Scoped::debug_transact_with`].
    pub async fn debug_transact_with<S: IntoSteps>(
        &self,
        user: As,
        steps: S,
        options: DebugOptions,
    ) -> Result<DebuggedTransaction, Error> {
        self.as_user(user).debug_transact_with(steps, options).await
    }
}

impl Scoped {
    /// Returns the rows of `query` that the user may see, with the rule checks of these and of the
    /// hidden rows. The query counts against rate limits. `POST /admin/query_perms_check`, and
    /// queries for values that its response lacks: the user (`auth` in rules), and the links that
    /// rules follow.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, prelude::*};
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "notes")]
    /// struct Note {
    ///     id: Id<Note>,
    ///     public: bool,
    /// }
    ///
    /// let rules = r#"{"notes": {"allow": {"view": "data.public"}}}"#;
    /// let note = Note::create(NewNote { public: false });
    /// let db = Client::in_memory_with(schema![Note]).rules(rules).seed(note).build()?;
    ///
    /// let why = db.as_user(As::guest()).debug_query(Note::query()).await?;
    /// assert!(why.rows.is_empty() && !why.checks[0].passed);
    /// assert!(why.to_string().ends_with("data.public = false\n"));
    /// println!("{why}");
    /// // the only check failed
    /// //
    /// //   result  action  entity                                      rule
    /// //   false   view    notes 8aa64e4c-64f9-472e-8a61-3fa28870e6cb  data.public
    /// //           data.public = false
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query); [`ErrorKind::PermissionEvaluationFailed`] if a rule
    /// fails to evaluate for an entity; [`ErrorKind::Config`] if this client has no admin token,
    /// which the endpoint requires.
    pub async fn debug_query<Q: Queryable>(&self, query: Q) -> Result<DebuggedQuery<Q::Output>, Error> {
        self.debug_query_with(query, DebugOptions::new()).await
    }

    /// Same as [`debug_query`](Self::debug_query), with other rules or another origin.
    ///
    /// # Errors
    ///
    /// The same as `debug_query`; [`ErrorKind::ValidationFailed`] if the other rules are invalid.
    pub async fn debug_query_with<Q: Queryable>(
        &self,
        query: Q,
        options: DebugOptions,
    ) -> Result<DebuggedQuery<Q::Output>, Error> {
        let (raw, checks) = self.check_query(query.to_query()?.to_json(), options).await?;
        let result = raw.get("result").ok_or_else(|| unexpected("result"))?;
        Ok(DebuggedQuery { rows: query.decode(&result.to_string())?, checks, raw })
    }

    /// Checks whether the user may perform these writes, with the result of each rule. The
    /// transaction is rolled back, but counts against rate limits. `POST
    /// /admin/transact_perms_check`, and queries as for [`debug_query`](Self::debug_query).
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, prelude::*};
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "notes")]
    /// struct Note {
    ///     id: Id<Note>,
    ///     public: bool,
    /// }
    ///
    /// let rules = r#"{"notes": {"allow": {"create": "data.public"}}}"#;
    /// let db = Client::in_memory_with(schema![Note]).rules(rules).build()?;
    /// let guest = db.as_user(As::guest());
    /// let why = guest.debug_transact(Note::create(NewNote { public: false })).await?;
    /// assert!(!why.allowed, "{why}");
    /// assert!(why.to_string().contains("data.public = false"));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`transact`](Self::transact), except that a denied write is not an error, and as
    /// [`debug_query`](Self::debug_query).
    pub async fn debug_transact<S: IntoSteps>(&self, steps: S) -> Result<DebuggedTransaction, Error> {
        self.debug_transact_with(steps, DebugOptions::new()).await
    }

    /// Same as [`debug_transact`](Self::debug_transact), with other rules or another origin.
    ///
    /// # Errors
    ///
    /// The same as `debug_transact`; [`ErrorKind::ValidationFailed`] if the other rules are
    /// invalid.
    pub async fn debug_transact_with<S: IntoSteps>(
        &self,
        steps: S,
        options: DebugOptions,
    ) -> Result<DebuggedTransaction, Error> {
        let mut out = Vec::new();
        steps.into_steps(&mut out)?;
        let body = options.body("steps", steps::to_json(&out));
        let raw = self.debug("/admin/transact_perms_check", body).await?;
        let auth = self.auth_variable().await?;
        let mut checks =
            rule_check::of_transaction(&raw, &auth).ok_or_else(|| unexpected("check-results"))?;
        link_values::fetch(self.admin()?, &mut checks).await?;
        let Some(Value::Bool(allowed)) = raw.get("all-checks-ok?") else {
            return Err(unexpected("all-checks-ok?"));
        };
        Ok(DebuggedTransaction { allowed: *allowed, checks, raw })
    }

    pub(crate) async fn check_query(
        &self,
        query: Value,
        options: DebugOptions,
    ) -> Result<(Value, Vec<RuleCheck>), Error> {
        let params = query.get("$$ruleParams").cloned().unwrap_or_default();
        let mut body = options.body("query", query);
        body.insert("inference?", true);
        let raw = self.debug("/admin/query_perms_check", body).await?;
        let auth = self.auth_variable().await?;
        let mut checks =
            rule_check::of_query(&raw, &auth, &params).ok_or_else(|| unexpected("check-results"))?;
        link_values::fetch(self.admin()?, &mut checks).await?;
        Ok((raw, checks))
    }

    /// Returns the response to a query without permission rules.
    pub(crate) async fn query_as_admin(&self, query: &Value) -> Result<Object, Error> {
        response::object(&self.admin()?.post_query(query).await?)
    }

    async fn debug(&self, path: &'static str, body: Object) -> Result<Value, Error> {
        let pipeline = self.user.debug_pipeline(&self.admin()?.pipeline);
        let body = Value::from(body).to_string();
        response::json(&pipeline.post(path, body, Effect::Read, &self.client.options).await?)
    }

    /// Returns the user as rules see it; null for a guest.
    async fn auth_variable(&self) -> Result<Value, Error> {
        let Some(condition) = self.user.condition(self.admin()?).await? else { return Ok(Value::Null) };
        let mut query = Object::new();
        query.object_entry("$users").object_entry("$").insert("where", condition);
        let response = self.query_as_admin(&query.into()).await?;
        let users = response.get("$users").and_then(Value::as_array).unwrap_or_default();
        Ok(users.first().cloned().unwrap_or_default())
    }

    fn admin(&self) -> Result<&Client, Error> {
        self.admin.as_ref().ok_or_else(|| {
            let message =
                "debugging rules requires an admin token: create this client with `Client::as_user`";
            Error::new(ErrorKind::Config, message)
        })
    }
}

fn unexpected(key: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the response has no valid `{key}`"))
}

/// A table of checks.
#[derive(Debug)]
pub(crate) struct ChecksTable<'a>(pub(crate) &'a [RuleCheck]);

impl fmt::Display for ChecksTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        checks_table::write(self.0, f)
    }
}

impl<T> fmt::Display for DebuggedQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        checks_table::write(&self.checks, f)
    }
}

impl fmt::Display for DebuggedTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        checks_table::write(&self.checks, f)
    }
}
