//! What the hint of a server's error says of the place: step, namespace, entity, attribute
//! (`docs/protocol/transactions.md`, "11. Error catalogue"). Hints have a shape per type of error,
//! and say of some errors nothing.

use instant_core::{Object, Uuid, Value};

use super::{Error, ErrorKind};

impl Error {
    /// Which step of a transaction is wrong, counted from 0. Known of steps that cannot be read.
    ///
    /// ```
    /// fn place(error: &instant_client::Error) -> String {
    ///     format!("step: {:?}", error.step())
    /// }
    /// ```
    pub fn step(&self) -> Option<usize> {
        let hint = self.hint()?;
        // Elsewhere the place counts what the server makes of the steps.
        let index = first(place(hint)).filter(|_| data_type(hint) == Some("steps"));
        usize::try_from(index?.as_i64()?).ok()
    }

    /// The namespace that the error is about. Known of values of a wrong type or too large, of values that must be unique, of missing
    /// required attributes, of entities that exist or do not, of queries, and of permission rules.
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
        let hint = self.hint()?;
        let (of_rule, of_refusal) = (first(hint.get("rule")), first(hint.get("input")));
        let named = hint.get("namespace").or_else(|| hint.get("etype"));
        let named =
            named.or_else(|| first_record(hint)?.get("etype")).or_else(|| operation(hint)?.get("etype"));
        let named = named.or_else(|| lookup(hint)?.get("namespace")).or(of_rule);
        let named = named.or_else(|| of_refusal.filter(|_| self.is_permission_denied()));
        let named = named
            .or_else(|| first(place(hint)).filter(|_| matches!(data_type(hint), Some("query" | "rule"))));
        // What a rule calls `attrs` is no namespace, and rule params stand beside those of a query.
        named?.as_str().filter(|name| !["attrs", "$$ruleParams"].contains(name))
    }

    /// The entity that the error is about. Known of values of a wrong type or too large, of missing required attributes, and of
    /// entities that exist or do not.
    ///
    /// ```
    /// fn place(error: &instant_client::Error) -> String {
    ///     format!("entity: {:?}", error.entity())
    /// }
    /// ```
    pub fn entity(&self) -> Option<Uuid> {
        let hint = self.hint()?;
        let named = hint.get("entity-id").or_else(|| first_record(hint)?.get("entity_id"));
        let named = named.or_else(|| operation(hint)?.get("eid"));
        // Of system columns the operation is an array: what, entity, attribute, value.
        let named = named.or_else(|| match hint.get("input")?.as_array()? {
            [Value::String(_), entity, _, ..] if is_step(hint) => Some(entity),
            _ => None,
        });
        Uuid::try_parse(named?.as_str()?).ok()
    }

    /// The attribute or link that the error is about. Known of values of a wrong type or too large, of values that must be unique, of
    /// missing required attributes, and of wrong lookups.
    ///
    /// ```
    /// fn place(error: &instant_client::Error) -> String {
    ///     format!("attribute: {:?}", error.attribute())
    /// }
    /// ```
    pub fn attribute(&self) -> Option<&str> {
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

/// Whether it is about the parameter that is the refresh token of whom the call acts as.
pub(super) fn is_token_to_act_as(hint: &Object) -> bool {
    hint.get("in") == Some(&["asUser", "token"].into())
}

/// The hint without what the call carried, which errors are not to spread.
pub(super) fn shown(hint: &Object, kind: ErrorKind) -> Value {
    // Of a denied call the server tells no values, but what was denied.
    let carried: &[&str] = match kind {
        ErrorKind::PermissionDenied => &[],
        _ => &["input", "original-input", "value", "args"],
    };
    without(&Value::from(hint.clone()), carried)
}

fn without(value: &Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().map(|(key, value)| {
                let value = if keys.contains(&key) { Value::from("..") } else { without(value, keys) };
                (key.to_owned(), value)
            });
            Object::from_iter(kept).into()
        }
        Value::Array(items) => items.iter().map(|item| without(item, keys)).collect(),
        other => other.clone(),
    }
}

pub(super) fn first(list: Option<&Value>) -> Option<&Value> {
    list?.as_array()?.first()
}

/// Of missing required attributes.
pub(super) fn first_record(hint: &Object) -> Option<&Value> {
    first(hint.get("records"))
}

/// The first operation that failed, of entities that exist or do not.
fn operation(hint: &Object) -> Option<&Value> {
    first(hint.get("input")).filter(|_| is_step(hint))
}

fn lookup(hint: &Object) -> Option<&Value> {
    hint.get("input").filter(|_| is_lookup(hint))
}

/// Where the first thing is that is wrong.
fn place(hint: &Object) -> Option<&Value> {
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
