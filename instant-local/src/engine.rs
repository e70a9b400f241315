//! Access to an app without HTTP, as its admin: for benchmarks, inspection and test data.

use std::sync::{Arc, atomic::AtomicI64};

use instant_core::{Uuid, Value, steps};
use parking_lot::RwLock;

use crate::{
    apps::HostedApp,
    caller::Caller,
    check,
    error::LocalError,
    failure::Failure,
    local::Local,
    query::{self, QueryOptions},
    request::RequestContext,
    rules::RuleSource,
    transact::{self, TransactOptions},
};

/// An app, accessed without HTTP and with the admin's permissions; see [`Local::engine`]. A clone
/// is another handle on the same app.
///
/// ```
/// use instant_core::Value;
/// use instant_local::Local;
///
/// let local = Local::in_memory();
/// let garden = local.engine(local.create_app("garden")?.id).ok_or("no such app")?;
/// let fork = garden.fork();
/// let steps = r#"[["create", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "herbs"}]]"#;
/// fork.transact(&Value::parse(steps)?)?;
/// let beds = Value::parse(r#"{"beds": {"$": {"fields": ["name"]}}}"#)?;
/// assert_eq!(garden.query(&beds)?, br#"{"beds":[]}"#);
/// assert_ne!(fork.query(&beds)?, br#"{"beds":[]}"#);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AppEngine(Arc<HostedApp>);

impl Local {
    /// Returns the app with this id for access without HTTP; `None` if it does not exist.
    ///
    /// ```
    /// use instant_core::Value;
    /// use instant_local::Local;
    ///
    /// let local = Local::in_memory();
    /// let garden = local.engine(local.create_app("garden")?.id).ok_or("no such app")?;
    /// let steps = r#"[["update", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "herbs"}]]"#;
    /// garden.transact(&Value::parse(steps)?)?;
    /// let query = Value::parse(r#"{"beds": {"$": {"where": {"name": "herbs"}}}}"#)?;
    /// assert!(garden.query(&query)?.starts_with(br#"{"beds":[{"#));
    /// assert_eq!(garden.explain(&query)?.len(), 1);
    /// assert!(garden.check()?.is_empty());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn engine(&self, app_id: Uuid) -> Option<AppEngine> {
        self.hosted(app_id).map(AppEngine)
    }
}

impl AppEngine {
    /// Returns the app's id.
    pub fn id(&self) -> Uuid {
        self.0.app.id()
    }

    /// Runs an InstaQL query and returns its result as JSON text, like `POST /admin/query` with
    /// `inference?`.
    ///
    /// # Errors
    ///
    /// Returns the rejections of the endpoint.
    pub fn query(&self, query: &Value) -> Result<Vec<u8>, LocalError> {
        let run = || {
            let parsed = query::parse(query)?;
            let (state, limits) = (self.0.state()?, self.0.limits());
            let options = QueryOptions {
                inference: true,
                ..QueryOptions::new(&limits, RuleSource::stored(&self.0.rules))
            };
            query::execute(&state, &RequestContext::internal(Caller::Admin), &parsed, &options)?
                .into_response()
        };
        Ok(run().map_err(|failure| failure.quoting(query))?.body)
    }

    /// Performs steps and returns the transaction's number, like `POST /admin/transact`.
    ///
    /// # Errors
    ///
    /// Returns the rejections of the endpoint.
    pub fn transact(&self, steps: &Value) -> Result<i64, LocalError> {
        let run = || {
            let parsed = steps::parse(steps).map_err(|invalid| Failure::invalid_request(&invalid))?;
            let limits = self.0.limits();
            let options = TransactOptions::new(&limits, RuleSource::stored(&self.0.rules));
            transact::execute(&self.0.app, &RequestContext::internal(Caller::Admin), &parsed, options)
        };
        Ok(run().map_err(|failure| failure.quoting(steps))?.number)
    }

    /// Describes how the rows of each namespace of a query are found.
    ///
    /// # Errors
    ///
    /// Returns the rejections of `POST /admin/query`.
    pub fn explain(&self, query: &Value) -> Result<Vec<String>, LocalError> {
        let run = || query::explain(&self.0.state()?, &query::parse(query)?, &self.0.limits());
        Ok(run().map_err(|failure| failure.quoting(query))?)
    }

    /// Checks the integrity of the whole app, and returns a description of each problem.
    ///
    /// # Errors
    ///
    /// Returns an error if the store or the catalog cannot be read.
    pub fn check(&self) -> Result<Vec<String>, LocalError> {
        let state = self.0.state()?;
        let mut found = check::check(state.clone())?;
        found.extend(self.0.check_blobs(&state)?);
        Ok(found)
    }

    /// Returns an independent app in memory that starts with the data of this one. Its id and its
    /// admin token are the same.
    pub fn fork(&self) -> Self {
        let transactions = Arc::new(AtomicI64::new(self.0.app.last_transaction()));
        let limits = Arc::new(RwLock::new(self.0.limits()));
        Self(Arc::new(self.0.fork(transactions, limits)))
    }
}
