//! A handle to the app's permission rules, which replaces and fetches them.

use instant_core::{Object, Value};

use super::{Client, response};
use crate::{
    Error,
    error::ErrorKind,
    retry::Effect,
    rules::{Rules, RulesError},
};

/// A handle to the permission rules of an app; see [`Client::rules`].
#[derive(Debug, Clone)]
pub struct RulesClient {
    client: Client,
}

impl Client {
    /// Returns a handle to the app's permission rules, which apply to [`Scoped`](crate::Scoped)
    /// clients.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Rules};
    ///
    /// let db = Client::in_memory();
    /// assert!(db.rules().pull().await?.is_none());
    ///
    /// let rules = Rules::builder()
    ///     .namespace("goals", |goal| goal.view("auth.id != null"))
    ///     .build();
    /// assert_eq!(db.rules().push(&rules).await?, Some(0));
    /// assert_eq!(db.rules().push(&rules).await?, None);
    /// assert_eq!(db.rules().pull().await?, Some(rules));
    /// # }
    /// ```
    pub fn rules(&self) -> RulesClient {
        RulesClient { client: self.clone() }
    }
}

impl RulesClient {
    /// Replaces all rules by `rules`: [`Rules`], a JSON object, or its text, as in
    /// `include_str!("perms.json")`. Returns the number of the new version, or `None` if the rules
    /// are unchanged. `POST /dash/apps/:id/rules`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # let db = instant_client::Client::in_memory();
    /// let rules = r#"{"goals": {"allow": {"view": "auth.id != nil"}}}"#;
    /// let error = db.rules().push(rules).await.unwrap_err();
    /// let mistake = &error.rule_mistakes()[0];
    /// assert_eq!(mistake.path, ["goals", "allow", "view"]);
    /// assert_eq!(mistake.character, Some(12));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] if the rules are not a JSON object, or have an unknown key.
    /// [`ErrorKind::ValidationFailed`] if the server finds mistakes in them:
    /// [`rule_mistakes`](Error::rule_mistakes) lists each mistake with its path. The app's rules
    /// stay unchanged then.
    pub async fn push(
        &self,
        rules: impl TryInto<Rules, Error: Into<RulesError>>,
    ) -> Result<Option<u64>, Error> {
        let code = rules.try_into().map_err(Into::into)?.into_object();
        let body = Value::from(Object::from_iter([("code".to_owned(), code.into())])).to_string();
        let Client { pipeline, options } = &self.client;
        let path = format!("/dash/apps/{}/rules", pipeline.app_id);
        let response = response::json(&pipeline.post(path, body, Effect::IdempotentWrite, options).await?)?;
        match response.get("rules") {
            Some(Value::Null) => Ok(None),
            rules => {
                let version = rules.and_then(|rules| rules.get("version")).and_then(Value::as_i64);
                let version = version.and_then(|version| version.try_into().ok());
                let unexpected =
                    || Error::new(ErrorKind::UnexpectedResponse, "the response has no version of the rules");
                version.map(Some).ok_or_else(unexpected)
            }
        }
    }

    /// Returns the rules, or `None` if the app has none. `GET /dash/apps/:id/perms/pull`.
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the request.
    pub async fn pull(&self) -> Result<Option<Rules>, Error> {
        let Client { pipeline, options } = &self.client;
        let path = format!("/dash/apps/{}/perms/pull", pipeline.app_id);
        let mut response = response::object(&pipeline.get(path, options).await?)?;
        match response.remove("perms") {
            Some(Value::Object(rules)) => Ok(Some(Rules::unchecked(rules))),
            Some(Value::Null) => Ok(None),
            _ => Err(Error::new(ErrorKind::UnexpectedResponse, "the response has no `perms`")),
        }
    }
}
