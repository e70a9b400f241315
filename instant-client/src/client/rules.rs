//! The app's permission rules, as a part of a client: replace them, and look at what is there. What they say is not read here.

use instant_core::{Object, Value};

use super::{Client, answer};
use crate::{Error, error::ErrorKind, retry::Effect};

/// The permission rules of a client's app; see [`Client::rules`].
#[derive(Debug, Clone)]
pub struct RulesClient {
    client: Client,
}

impl Client {
    /// The app's permission rules: replacing them, and reading what is there. They apply to [`Scoped`](crate::Scoped) clients.
    ///
    /// ```
    /// # #[cfg(feature = "local")]
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// assert!(db.rules().pull().await?.is_none());
    ///
    /// let rules = json!({"goals": {"allow": {"view": "auth.id != null"}}});
    /// assert_eq!(db.rules().push(rules.clone()).await?, Some(0));
    /// assert_eq!(db.rules().push(rules).await?, None);
    /// assert!(db.rules().pull().await?.is_some_and(|rules| rules.get("goals").is_some()));
    /// # Ok::<_, instant_client::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn rules(&self) -> RulesClient {
        RulesClient { client: self.clone() }
    }
}

impl RulesClient {
    /// Replaces all rules by `rules`, a JSON object or its text, as in `include_str!("perms.json")`. Answers the number of the new
    /// version, or none if the rules are what they were. `POST /dash/apps/:id/rules`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] if the rules are no JSON object. [`ErrorKind::ValidationFailed`] if the server finds mistakes in them:
    /// [`hint`](Error::hint) lists each with its place, and the old rules stay.
    pub async fn push(&self, rules: impl Into<Value>) -> Result<Option<u64>, Error> {
        let code = parse(rules.into()).map_err(|error| {
            Error::new(ErrorKind::Build, format!("the rules are no JSON object: {error}"))
        })?;
        let body = Value::from(Object::from_iter([("code".to_owned(), code.into())])).to_string();
        let Client { sender, options } = &self.client;
        let path = format!("/dash/apps/{}/rules", sender.app_id);
        let answer = answer::json(&sender.post(path, body, Effect::IdempotentWrite, options).await?)?;
        match answer.get("rules") {
            Some(Value::Null) => Ok(None),
            rules => {
                let version = rules.and_then(|rules| rules.get("version")).and_then(Value::as_i64);
                let version = version.and_then(|version| version.try_into().ok());
                let unexpected =
                    || Error::new(ErrorKind::UnexpectedAnswer, "the answer has no version of the rules");
                version.map(Some).ok_or_else(unexpected)
            }
        }
    }

    /// The rules, if the app has any. `GET /dash/apps/:id/perms/pull`.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub async fn pull(&self) -> Result<Option<Object>, Error> {
        let Client { sender, options } = &self.client;
        let path = format!("/dash/apps/{}/perms/pull", sender.app_id);
        let mut answer = answer::object(&sender.get(path, options).await?)?;
        match answer.remove("perms") {
            Some(Value::Object(rules)) => Ok(Some(rules)),
            Some(Value::Null) => Ok(None),
            _ => Err(Error::new(ErrorKind::UnexpectedAnswer, "the answer has no `perms`")),
        }
    }
}

/// Rules as an object, from an object or its text.
pub(super) fn parse(rules: Value) -> Result<Object, String> {
    let rules = match rules {
        Value::String(text) => Value::parse(&text).map_err(|error| error.to_string())?,
        rules => rules,
    };
    match rules {
        Value::Object(rules) => Ok(rules),
        other => Err(format!("expected an object, found {}", other.type_name())),
    }
}
