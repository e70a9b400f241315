//! An app reached without HTTP, as its admin: to measure, to look into, to explain.

use instant_core::{Uuid, Value};

use crate::{
    app::{App, Identity, QueryRequest, TransactRequest},
    error::LocalError,
    local::Local,
};

impl Local {
    /// The app with this id, reached without HTTP.
    ///
    /// ```
    /// use instant_core::Value;
    /// use instant_local::Local;
    ///
    /// let local = Local::in_memory();
    /// let garden = local.direct(local.create_app("garden")?.id).ok_or("no such app")?;
    /// let steps = r#"[["update", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "herbs"}]]"#;
    /// garden.run_steps(&Value::parse(steps)?)?;
    /// let query = Value::parse(r#"{"beds": {"$": {"where": {"id": "8aa64e4c-64f9-472e-8a61-3fa28870e6cb"}}}}"#)?;
    /// assert!(garden.run_query(&query)?.starts_with(br#"{"beds":[{"#));
    /// assert_eq!(garden.explain_query(&query)?.len(), 1);
    /// assert!(garden.check()?.is_empty());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn direct(&self, app_id: Uuid) -> Option<App> {
        self.hosted(app_id).map(|hosted| hosted.app.clone())
    }
}

impl App {
    /// Answers a query in InstaQL as `POST /admin/query` does with `inference?`: JSON text.
    ///
    /// # Errors
    ///
    /// What the endpoint refuses.
    pub fn run_query(&self, query: &Value) -> Result<Vec<u8>, LocalError> {
        Ok(self.query(&Identity::Admin, QueryRequest { query, inference: true })?)
    }

    /// Performs a list of steps as `POST /admin/transact` does, and answers the transaction's number.
    ///
    /// # Errors
    ///
    /// What the endpoint refuses.
    pub fn run_steps(&self, steps: &Value) -> Result<i64, LocalError> {
        Ok(self.transact(&Identity::Admin, TransactRequest { steps, throw_on_missing_attrs: false })?)
    }

    /// How the rows of each namespace of a query would be found, in words: one entry per namespace.
    ///
    /// # Errors
    ///
    /// What `POST /admin/query` refuses.
    pub fn explain_query(&self, query: &Value) -> Result<Vec<String>, LocalError> {
        Ok(self.explain(query)?)
    }
}
