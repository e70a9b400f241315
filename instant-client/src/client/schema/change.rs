//! The changes of a schema push, and their display.

use std::fmt;

use instant_core::Value;

use crate::{Error, error::ErrorKind};

/// One change of a schema, shown as a line such as `add goals.title (string, required)`.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     title: String,
/// }
///
/// let plan = Client::in_memory().schema().plan(&schema![Goal]).await?;
/// let title = &plan.changes[1];
/// assert_eq!((&*title.namespace, &*title.label, &*title.step), ("goals", "title", "add-attr"));
/// assert_eq!(title.to_string(), "add goals.title (string, required)");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaChange {
    /// The namespace.
    pub namespace: String,
    /// The attribute or link.
    pub label: String,
    /// The wire name: `add-attr`, `update-attr`, `index`, `remove-index`, `unique`, `required`,
    /// `check-data-type`, ..
    pub step: String,
    detail: String,
}

/// Parses the steps of a response.
pub(super) fn changes(response: &Value) -> Result<Vec<SchemaChange>, Error> {
    let unexpected = || Error::new(ErrorKind::UnexpectedResponse, "the response has no valid `steps`");
    let steps = response.get("steps").and_then(Value::as_array).ok_or_else(unexpected)?;
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

/// Returns the properties of a new or changed attribute: `(string, required, indexed)`.
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

/// Writes the changes as lines.
pub(super) fn lines(changes: &[SchemaChange], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if changes.is_empty() {
        return f.write_str("nothing to change\n");
    }
    changes.iter().try_for_each(|change| writeln!(f, "{change}"))
}
