//! Why somebody may see or change something: what each rule said of each entity
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

/// How permissions are debugged: as they are, unless something is said here.
///
/// ```
/// use instant_client::{DebugOptions, Rules};
///
/// let open = Rules::builder().namespace("goals", |goal| goal.view(true)).build();
/// let options = DebugOptions::new().rules(open).origin("https://example.com");
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "options do nothing before they are given to a call"]
pub struct DebugOptions {
    rules: Option<Rules>,
    ip: Option<String>,
    origin: Option<String>,
}

/// A query's rows, with what the rules said of every entity that had part in it. Shown as a table.
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
/// assert!(why.to_string().starts_with("the only check denies"));
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DebuggedQuery<T> {
    /// What the query answers, as decoded by [`Scoped::query`].
    pub rows: T,
    /// One check per entity that the query met before anything was hidden, those below it and on the paths of its filters included; and one
    /// per attribute with a rule of its own. In no particular order. A server that turned rules into conditions of the query, as `rule-wheres` of
    /// [`raw`](Self::raw) says, has no check for what does not meet them.
    pub checks: Vec<RuleCheck>,
    /// What the server answered: `check-results`, `result`, `rule-wheres`.
    pub raw: Value,
}

/// What the rules said of a transaction, of which nothing was kept. Shown as a table.
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
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DebuggedTransaction {
    /// Whether all checks passed, so that the transaction would be performed.
    pub allowed: bool,
    /// One check per entity, link or attribute and action; those before writing come first.
    pub checks: Vec<RuleCheck>,
    /// What the server answered: `tx-id`, `all-checks-ok?`, `committed?`, `check-results`.
    pub raw: Value,
}

impl DebugOptions {
    /// The rules as they are.
    pub fn new() -> Self {
        Self::default()
    }

    /// Applies these rules in place of the app's: what would a change of them mean?
    pub fn rules(self, rules: impl Into<Rules>) -> Self {
        Self { rules: Some(rules.into()), ..self }
    }

    /// The address that rules see as `request.ip`.
    pub fn ip(self, ip: impl Into<String>) -> Self {
        Self { ip: Some(ip.into()), ..self }
    }

    /// The origin that rules see as `request.origin`.
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
    /// What `user` sees of `query`, and why: see [`Scoped::debug_query`]. `POST /admin/query_perms_check`.
    ///
    /// # Errors
    ///
    /// As [`Scoped::debug_query`].
    pub async fn debug_query<Q: Queryable>(
        &self,
        user: As,
        query: Q,
    ) -> Result<DebuggedQuery<Q::Output>, Error> {
        self.as_user(user).debug_query(query).await
    }

    /// As [`debug_query`](Self::debug_query), with other rules or as from elsewhere.
    ///
    /// # Errors
    ///
    /// As [`Scoped::debug_query_with`].
    pub async fn debug_query_with<Q: Queryable>(
        &self,
        user: As,
        query: Q,
        options: DebugOptions,
    ) -> Result<DebuggedQuery<Q::Output>, Error> {
        self.as_user(user).debug_query_with(query, options).await
    }

    /// Whether `user` may perform these writes, and why: see [`Scoped::debug_transact`]. `POST /admin/transact_perms_check`.
    ///
    /// # Errors
    ///
    /// As [`Scoped::debug_transact`].
    pub async fn debug_transact<S: IntoSteps>(
        &self,
        user: As,
        steps: S,
    ) -> Result<DebuggedTransaction, Error> {
        self.as_user(user).debug_transact(steps).await
    }

    /// As [`debug_transact`](Self::debug_transact), with other rules or as from elsewhere.
    ///
    /// # Errors
    ///
    /// As [`Scoped::debug_transact_with`].
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
    /// The rows of `query` that the user may see, and what the rules said of those and of the hidden ones. Tokens of rate limits are taken
    /// as by the query itself. `POST /admin/query_perms_check`, and queries for what its answer lacks: the user, whom rules call `auth`, and what
    /// the links lead to that rules follow.
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
    /// // the only check denies
    /// //
    /// //   result  action  entity                                      rule
    /// //   false   view    notes 8aa64e4c-64f9-472e-8a61-3fa28870e6cb  data.public
    /// //           data.public = false
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query), and [`ErrorKind::PermissionEvaluationFailed`] with the reason if a rule has no value for one of the
    /// entities. [`ErrorKind::Config`] if this client was made without an admin token, which the server asks for here.
    pub async fn debug_query<Q: Queryable>(&self, query: Q) -> Result<DebuggedQuery<Q::Output>, Error> {
        self.debug_query_with(query, DebugOptions::new()).await
    }

    /// As [`debug_query`](Self::debug_query), with other rules or as from elsewhere.
    ///
    /// # Errors
    ///
    /// As `debug_query`; [`ErrorKind::ValidationFailed`] if the other rules are refused.
    pub async fn debug_query_with<Q: Queryable>(
        &self,
        query: Q,
        options: DebugOptions,
    ) -> Result<DebuggedQuery<Q::Output>, Error> {
        let (raw, checks) = self.check_query(query.to_query()?.to_json(), options).await?;
        let result = raw.get("result").ok_or_else(|| unexpected("result"))?;
        Ok(DebuggedQuery { rows: query.decode(&result.to_string())?, checks, raw })
    }

    /// Whether the user may perform these writes, and what the rules said of each. Nothing is written, but tokens of rate limits are taken.
    /// `POST /admin/transact_perms_check`, and queries as for [`debug_query`](Self::debug_query).
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
    /// What [`transact`](Self::transact) refuses for other reasons than a rule's no, and as [`debug_query`](Self::debug_query).
    pub async fn debug_transact<S: IntoSteps>(&self, steps: S) -> Result<DebuggedTransaction, Error> {
        self.debug_transact_with(steps, DebugOptions::new()).await
    }

    /// As [`debug_transact`](Self::debug_transact), with other rules or as from elsewhere.
    ///
    /// # Errors
    ///
    /// As `debug_transact`; [`ErrorKind::ValidationFailed`] if the other rules are refused.
    pub async fn debug_transact_with<S: IntoSteps>(
        &self,
        steps: S,
        options: DebugOptions,
    ) -> Result<DebuggedTransaction, Error> {
        let mut out = Vec::new();
        steps.into_steps(&mut out)?;
        let body = options.body("steps", steps::to_json(&out));
        let raw = self.debug("/admin/transact_perms_check", body).await?;
        let auth = self.seen_by_rules().await?;
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
        let auth = self.seen_by_rules().await?;
        let mut checks =
            rule_check::of_query(&raw, &auth, &params).ok_or_else(|| unexpected("check-results"))?;
        link_values::fetch(self.admin()?, &mut checks).await?;
        Ok((raw, checks))
    }

    /// The answer to a query where no rules apply.
    pub(crate) async fn query_as_admin(&self, query: &Value) -> Result<Object, Error> {
        response::object(&self.admin()?.post_query(query).await?)
    }

    async fn debug(&self, path: &'static str, body: Object) -> Result<Value, Error> {
        let acting = self.user.debugging(&self.admin()?.pipeline);
        let body = Value::from(body).to_string();
        response::json(&acting.post(path, body, Effect::Read, &self.client.options).await?)
    }

    /// The user as rules see it; null is nobody.
    async fn seen_by_rules(&self) -> Result<Value, Error> {
        let Some(condition) = self.user.condition(self.admin()?).await? else { return Ok(Value::Null) };
        let mut query = Object::new();
        query.object_entry("$users").object_entry("$").insert("where", condition);
        let answer = self.query_as_admin(&query.into()).await?;
        let users = answer.get("$users").and_then(Value::as_array).unwrap_or_default();
        Ok(users.first().cloned().unwrap_or_default())
    }

    fn admin(&self) -> Result<&Client, Error> {
        self.admin.as_ref().ok_or_else(|| {
            let message = "debugging rules takes an admin token: make this client by `as_user` of a `Client`";
            Error::new(ErrorKind::Config, message)
        })
    }
}

fn unexpected(key: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the response has no valid `{key}`"))
}

/// Checks, shown as a table.
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
