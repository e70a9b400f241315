//! The app's schema, as a part of a client: push what the Rust types declare, and look at what is there.

use std::fmt;

use instant_core::{Object, Value, schema::Schema};

use super::Client;
use crate::{Error, error::ErrorKind, retry::Effect};

/// The schema of a client's app; see [`Client::schema`].
#[derive(Debug, Clone)]
pub struct SchemaClient {
    client: Client,
}

/// What a [push](SchemaClient::push) did; shown as a list, one line per change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pushed {
    /// The changes in the order in which they were made; none if everything was there.
    pub changes: Vec<SchemaChange>,
}

/// One change of a schema; shown as a line such as `add goals.title (string, required)`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaChange {
    /// The namespace.
    pub namespace: String,
    /// The attribute or link.
    pub label: String,
    /// The wire's word: `add-attr`, `update-attr`, `index`, `remove-index`, `unique`, `required`, `check-data-type`, ..
    pub step: String,
    detail: String,
}

impl Client {
    /// The app's schema: what it is, and pushing what the Rust types declare.
    ///
    /// ```
    /// # #[cfg(feature = "local")]
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
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
    /// # Ok::<_, instant_client::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn schema(&self) -> SchemaClient {
        SchemaClient { client: self.clone() }
    }
}

impl SchemaClient {
    /// Adds what `schema` declares and the app does not have, and changes what differs. Nothing is deleted or renamed, so what the
    /// schema does not mention stays. `POST /dash/apps/:id/schema/push/apply`.
    ///
    /// Pushing the same schema again does nothing.
    ///
    /// # Errors
    ///
    /// What the server refuses: a name that is in use for something else, a new required attribute in a namespace that has entities.
    pub async fn push(&self, schema: &Schema) -> Result<Pushed, Error> {
        let answer = self.post("push/apply", schema).await?;
        Ok(Pushed { changes: changes(&answer)? })
    }

    async fn post(&self, what: &str, schema: &Schema) -> Result<Value, Error> {
        let Client { sender, options } = &self.client;
        let path = format!("/dash/apps/{}/schema/{what}", sender.app_id);
        let mut body = Object::new();
        body.insert("schema", schema.to_json());
        body.insert("check_types", true);
        body.insert("supports_background_updates", true);
        // A push of what is there does nothing, so that one may be sent twice.
        let effect = Effect::IdempotentWrite;
        let text = sender.post(path, Value::from(body).to_string(), effect, options).await?;
        Value::parse(&text)
            .map_err(|error| Error::caused(ErrorKind::UnexpectedAnswer, "the answer is no JSON", error))
    }
}

/// The steps of an answer.
fn changes(answer: &Value) -> Result<Vec<SchemaChange>, Error> {
    let unexpected =
        || Error::new(ErrorKind::UnexpectedAnswer, "the answer to a schema has no `steps` that can be read");
    let steps = answer.get("steps").and_then(Value::as_array).ok_or_else(unexpected)?;
    steps.iter().map(|step| SchemaChange::read(step).ok_or_else(unexpected)).collect()
}

impl SchemaChange {
    fn read(step: &Value) -> Option<Self> {
        let [step, payload] = step.as_array()? else { return None };
        let names = |key: &str| {
            let parts = payload.get(key)?.as_array()?;
            Some((parts.get(1)?.as_str()?.to_owned(), parts.get(2)?.as_str()?.to_owned()))
        };
        let (namespace, label) = names("forward-identity")?;
        let reverse = names("reverse-identity");
        let detail = detail(payload, reverse);
        Some(Self { namespace, label, step: step.as_str()?.to_owned(), detail })
    }
}

/// What is worth knowing of a new or changed attribute: `(string, required, indexed)`.
fn detail(payload: &Value, reverse: Option<(String, String)>) -> String {
    let is = |key: &str| payload.get(key) == Some(&Value::Bool(true));
    let word = |key: &str| payload.get(key).and_then(Value::as_str);
    let mut words = Vec::new();
    words.extend(word("checked-data-type").map(str::to_owned));
    if let Some((namespace, label)) = reverse {
        let many = word("cardinality") == Some("many");
        words.push(format!("{} {namespace}, back as {namespace}.{label}", if many { "many" } else { "one" }));
        if is("unique?") {
            words.push("which has one".to_owned());
        }
    } else if is("unique?") && word("value-type").is_some() {
        words.push("unique".to_owned());
    }
    for (key, name) in [("required?", "required"), ("index?", "indexed")] {
        if is(key) {
            words.push(name.to_owned());
        }
    }
    for (key, name) in [("on-delete", "deleted with its target"), ("on-delete-reverse", "deletes its target")]
    {
        if word(key).is_some() {
            words.push(name.to_owned());
        }
    }
    match words.is_empty() {
        true => String::new(),
        false => format!(" ({})", words.join(", ")),
    }
}

impl fmt::Display for SchemaChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { namespace, label, step, detail } = self;
        let verb = match step.as_str() {
            "add-attr" if label == "id" => return write!(f, "add {namespace}.id"),
            "add-attr" => "add",
            "update-attr" => "change",
            other => other,
        };
        write!(f, "{verb} {namespace}.{label}{detail}")
    }
}

impl fmt::Display for Pushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changes.is_empty() {
            return f.write_str("nothing to change\n");
        }
        self.changes.iter().try_for_each(|change| writeln!(f, "{change}"))
    }
}
