//! The step, namespace, entity and attribute in the hint of a server's error
//! (`docs/protocol/transactions.md`, "11. Error catalogue"). The shape of a hint depends on the
//! type of the error, and some types have no position.

use instant_core::{Object, Uuid, Value};

use super::{Error, ErrorKind};

impl Error {
    /// Returns the step of a transaction that the error concerns, counted from 0. Known for
    /// malformed steps.
    ///
    /// ```
    /// fn error_path(error: &instant_client::Error) -> String {
    ///     format!("step: {:?}", error.step())
    /// }
    /// ```
    pub fn step(&self) -> Option<usize> {
        let hint = self.hint()?;
        // For other data types, the index counts the operations that the server derives from the
        // steps.
        let index = first(error_path(hint)).filter(|_| data_type(hint) == Some("steps"));
        usize::try_from(index?.as_i64()?).ok()
    }

    /// Returns the namespace that the error concerns. Known for values with a wrong type or size,
    /// violated unique constraints, missing required attributes, strict updates and creates,
    /// queries, and permission rules.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     #[instant(unique)]
    ///     slug: String,
    /// }
    ///
    /// let db = Client::in_memory_with(schema![Goal]).build().unwrap();
    /// let goal = || Goal::create(NewGoal { slug: "fit".into() });
    /// db.transact(goal()).await.unwrap();
    /// let error = db.transact(goal()).await.unwrap_err();
    /// assert!(error.is_not_unique());
    /// assert_eq!((error.namespace(), error.attribute()), (Some("goals"), Some("slug")));
    /// # }
    /// ```
    pub fn namespace(&self) -> Option<&str> {
        if let Some(error) = self.decode_error() {
            return error.namespace();
        }
        let hint = self.hint()?;
        let (of_rule, of_input) = (first(hint.get("rule")), first(hint.get("input")));
        let named = hint.get("namespace").or_else(|| hint.get("etype"));
        let named =
            named.or_else(|| first_record(hint)?.get("etype")).or_else(|| operation(hint)?.get("etype"));
        let named = named.or_else(|| lookup(hint)?.get("namespace")).or(of_rule);
        let named = named.or_else(|| of_input.filter(|_| self.is_permission_denied()));
        let named = named.or_else(|| {
            first(error_path(hint)).filter(|_| matches!(data_type(hint), Some("query" | "rule")))
        });
        // `attrs` in a rule and `$$ruleParams` in a query are not namespaces.
        named?.as_str().filter(|name| !["attrs", "$$ruleParams"].contains(name))
    }

    /// Returns the entity that the error concerns. Known for values with a wrong type or size,
    /// missing required attributes, and strict updates and creates.
    ///
    /// ```
    /// fn error_path(error: &instant_client::Error) -> String {
    ///     format!("entity: {:?}", error.entity())
    /// }
    /// ```
    pub fn entity(&self) -> Option<Uuid> {
        if let Some(error) = self.decode_error() {
            return error.entity();
        }
        let hint = self.hint()?;
        let named = hint.get("entity-id").or_else(|| first_record(hint)?.get("entity_id"));
        let named = named.or_else(|| operation(hint)?.get("eid"));
        // For system columns the operation is an array: type, entity, attribute, value.
        let named = named.or_else(|| match hint.get("input")?.as_array()? {
            [Value::String(_), entity, _, ..] if is_step(hint) => Some(entity),
            _ => None,
        });
        Uuid::try_parse(named?.as_str()?).ok()
    }

    /// Returns the attribute or link that the error concerns. Known for values with a wrong type or
    /// size, violated unique constraints, missing required attributes, and invalid lookups.
    ///
    /// ```
    /// fn error_path(error: &instant_client::Error) -> String {
    ///     format!("attribute: {:?}", error.attribute())
    /// }
    /// ```
    pub fn attribute(&self) -> Option<&str> {
        if let Some(error) = self.decode_error() {
            return error.attribute();
        }
        let hint = self.hint()?;
        let named = hint.get("attribute").or_else(|| hint.get("label"));
        let named = named.or_else(|| first_record(hint)?.get("label"));
        let named = named.or_else(|| {
            let lookup = hint.get("input").filter(|_| is_lookup(hint))?;
            lookup.get("label").or_else(|| first(Some(lookup)))
        });
        named?.as_str()
    }
}

/// Returns whether the error concerns the refresh token of the user as whom the request acts.
pub(super) fn concerns_user_token(hint: &Object) -> bool {
    hint.get("in") == Some(&["asUser", "token"].into())
}

/// Returns the hint with the values of the request redacted.
pub(super) fn redacted(hint: &Object, kind: ErrorKind) -> Value {
    // The hint of a denied request contains no values, only the input of the rule.
    let redacted_keys: &[&str] = match kind {
        ErrorKind::PermissionDenied => &[],
        _ => &["input", "original-input", "value", "args"],
    };
    redact_keys(&Value::from(hint.clone()), redacted_keys)
}

fn redact_keys(value: &Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().map(|(key, value)| {
                let value = if keys.contains(&key) { Value::from("..") } else { redact_keys(value, keys) };
                (key.to_owned(), value)
            });
            Object::from_iter(kept).into()
        }
        Value::Array(items) => items.iter().map(|item| redact_keys(item, keys)).collect(),
        other => other.clone(),
    }
}

pub(super) fn first(list: Option<&Value>) -> Option<&Value> {
    list?.as_array()?.first()
}

/// Returns the first of the missing required attributes.
pub(super) fn first_record(hint: &Object) -> Option<&Value> {
    first(hint.get("records"))
}

/// Returns the first operation that failed, for strict updates and creates.
fn operation(hint: &Object) -> Option<&Value> {
    first(hint.get("input")).filter(|_| is_step(hint))
}

fn lookup(hint: &Object) -> Option<&Value> {
    hint.get("input").filter(|_| is_lookup(hint))
}

/// Returns the path to the first invalid part.
fn error_path(hint: &Object) -> Option<&Value> {
    first(hint.get("errors"))?.get("in")
}

fn data_type(hint: &Object) -> Option<&str> {
    hint.get("data-type").and_then(Value::as_str)
}

fn is_step(hint: &Object) -> bool {
    data_type(hint) == Some("tx-step")
}

fn is_lookup(hint: &Object) -> bool {
    data_type(hint) == Some("lookup")
}
