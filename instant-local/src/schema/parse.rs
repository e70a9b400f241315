//! Parses the steps of a client (`docs/protocol/schema-and-platform.md`, "4.5 Every step's JSON").
//! Steps at which the real server fails with status 500 are rejected with their path.

use instant_core::{
    Issue, Object, PathSegment, Uuid, ValidationError, Value,
    schema::{Attr, Cardinality, CheckedType, Identity, is_valid_name},
    steps::parse_uuid,
};

use super::step::{PropertyChange, Step, StepAction, Update};
use crate::failure::Failure;

/// Parses a list of steps. An object counts as an empty list.
///
/// # Errors
///
/// Returns the first error, with the path of its step.
pub(crate) fn parse(json: &Value) -> Result<Vec<Step>, Failure> {
    let steps = json.as_array().unwrap_or_default().iter().enumerate();
    steps
        .map(|(at, step)| {
            let action = action(step, at).map_err(|invalid| Failure::invalid(&invalid, step.clone()))?;
            Ok(Step { action, json: step.clone() })
        })
        .collect()
}

fn action(step: &Value, at: usize) -> Result<StepAction, ValidationError> {
    let rejected = |place: &[PathSegment], message: &str| {
        let place = [&[PathSegment::Index(at)], place].concat();
        ValidationError::new("steps", Issue::message(message).at(place))
    };
    let name = step.as_array().and_then(|parts| parts.first()).and_then(Value::as_str);
    let (Some(name), Some(payload)) = (name, step.as_array().and_then(|parts| parts.get(1))) else {
        return Err(rejected(&[], "a step is a list of its name and what it needs"));
    };
    let id = |key: &str| {
        let id = payload.get(key).and_then(Value::as_str).and_then(parse_uuid);
        id.ok_or_else(|| {
            rejected(&[1.into(), key.into()], &format!("`{key}` has to be the id of an attribute"))
        })
    };
    match name {
        "add-attr" => {
            let attr = Attr::parse(&normalize_payload(payload), at)?;
            let reverse = [1.into(), "reverse-identity".into()];
            match &attr.reverse {
                None if payload.get("reverse-identity").is_some_and(Value::is_truthy) => {
                    Err(rejected(&reverse, "only a link has a `reverse-identity`"))
                }
                Some(name) if name.id == attr.forward.id => {
                    Err(rejected(&reverse, "the two names of a link need two ids"))
                }
                _ => Ok(StepAction::Add(attr)),
            }
        }
        "update-attr" => Ok(StepAction::Update(update(payload, id("id")?, &rejected)?)),
        "delete-attr" => {
            let id = payload.as_str().and_then(parse_uuid);
            let id = id.ok_or_else(|| rejected(&[1.into()], "`delete-attr` needs the id of an attribute"))?;
            Ok(StepAction::Delete(id))
        }
        _ => {
            let word = payload.get("checked-data-type").and_then(Value::as_str);
            match PropertyChange::parse(name, word.and_then(CheckedType::parse)) {
                Some(check) => Ok(StepAction::Check { attr: id("attr-id")?, check }),
                None if name == "check-data-type" => Err(rejected(
                    &[1.into(), "checked-data-type".into()],
                    "`checked-data-type` has to be `string`, `number`, `boolean` or `date`",
                )),
                None => Ok(StepAction::Nothing),
            }
        }
    }
}

/// Normalizes a payload for the strict parser: flags become booleans, and missing members null.
fn normalize_payload(payload: &Value) -> Value {
    let Some(members) = payload.as_object() else { return payload.clone() };
    let kept = members.iter().filter(|(key, value)| *key != "checked-data-type" || !value.is_null());
    let read = |(key, value): (&str, &Value)| {
        let value = match key {
            "unique?" | "index?" | "required?" => value.is_truthy().into(),
            _ => value.clone(),
        };
        (key.to_owned(), value)
    };
    Value::from(kept.map(read).collect::<Object>())
}

fn update(
    payload: &Value,
    id: Uuid,
    rejected: &impl Fn(&[PathSegment], &str) -> ValidationError,
) -> Result<Update, ValidationError> {
    let given = |key: &str| payload.get(key).filter(|value| !value.is_null());
    let name = |key: &'static str| {
        let Some(parts) = given(key) else { return Ok(None) };
        let text = |at: usize| parts.as_array().and_then(|parts| parts.get(at)).and_then(Value::as_str);
        match (text(0).and_then(parse_uuid), text(1), text(2)) {
            (Some(id), Some(namespace), Some(label)) if is_valid_name(namespace) && is_valid_name(label) => {
                Ok(Some(Identity { id, namespace: namespace.to_owned(), label: label.to_owned() }))
            }
            _ => {
                let message = format!("`{key}` has to be a list of an id, a namespace and a label");
                Err(rejected(&[1.into(), key.into()], &message))
            }
        }
    };
    let cascade = |key: &'static str| match given(key).map(Value::as_str) {
        None => Ok(false),
        Some(Some("cascade")) => Ok(true),
        Some(_) => {
            Err(rejected(&[1.into(), key.into()], &format!("`{key}` has to be `cascade`, or not there")))
        }
    };
    let cardinality = match given("cardinality").map(Value::as_str) {
        None => None,
        Some(Some("one")) => Some(Cardinality::One),
        Some(Some("many")) => Some(Cardinality::Many),
        Some(_) => {
            let message = "`cardinality` has to be `one` or `many`";
            return Err(rejected(&[1.into(), "cardinality".into()], message));
        }
    };
    Ok(Update {
        id,
        forward: name("forward-identity")?,
        reverse: name("reverse-identity")?,
        cardinality,
        unique: given("unique?").map(Value::is_truthy),
        index: given("index?").map(Value::is_truthy),
        required: given("required?").map(Value::is_truthy),
        on_delete: cascade("on-delete")?,
        on_delete_reverse: cascade("on-delete-reverse")?,
    })
}
