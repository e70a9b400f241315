//! Parses the wire's JSON of steps.
//!
//! Errors are those of Instant's server (`docs/protocol/transactions.md`, "11.1 Shape and reference
//! errors" and "11.2 Lookup errors").

use uuid::Uuid;

use super::{EntityRef, LinkTargets, Lookup, Step, StepTarget, UpdateMode};
use crate::{Issue, Object, PathSegment, ValidationError, Value, schema::Attr};

/// Parses the JSON that the wire carries under `steps`. An empty object means no steps.
///
/// ```
/// use instant_core::{Value, steps};
///
/// let json = Value::parse(r#"[["update", "goals", ["slug", "fit"], {"done": true}]]"#).unwrap();
/// let steps = steps::parse(&json).unwrap();
/// assert_eq!(steps.len(), 1);
/// ```
///
/// # Errors
///
/// Returns [`ValidationError`] of type `steps`, `tx-steps`, `lookup` or `action` with the path in
/// the array of steps. An invalid entity reference in any step takes precedence over other errors.
pub fn parse(json: &Value) -> Result<Vec<Step>, ValidationError> {
    let items = match json {
        Value::Array(items) => items.as_slice(),
        Value::Object(members) if members.is_empty() => &[],
        _ => return Err(shape("coll?", [])),
    };
    let mut steps = Vec::with_capacity(items.len());
    let mut first_shape_error = None;
    for (index, item) in items.iter().enumerate() {
        match step(item, index) {
            Ok(step) => steps.push(step),
            Err(StepError::Reference(error)) => return Err(error),
            Err(StepError::Shape(error)) => drop(first_shape_error.get_or_insert(error)),
        }
    }
    first_shape_error.map_or(Ok(steps), Err)
}

/// The error of one step. An error of a reference takes precedence over errors of the shape in
/// earlier steps.
enum StepError {
    Reference(ValidationError),
    Shape(ValidationError),
}

impl From<ValidationError> for StepError {
    fn from(error: ValidationError) -> Self {
        Self::Shape(error)
    }
}

fn shape(check: impl Into<Value>, place: impl IntoIterator<Item = PathSegment>) -> ValidationError {
    ValidationError::new("steps", Issue::expected(check).at(place))
}

fn step(json: &Value, index: usize) -> Result<Step, StepError> {
    let at = |item: usize| [PathSegment::Index(index), PathSegment::Index(item)];
    let Some(items) = json.as_array() else {
        return Err(shape([""; 0], [PathSegment::Index(index)]).into());
    };
    let action = items.first().and_then(Value::as_str).unwrap_or_default();
    let most = match action {
        "create" | "link" | "unlink" | "ruleParams" => 4,
        "update" | "merge" => 5,
        "delete" => usize::MAX,
        "add-attr" | "delete-attr" | "update-attr" => 2,
        _ => 0,
    };
    if items.is_empty() {
        return Err(shape(["delete-attr"], [PathSegment::Index(index)]).into());
    }
    if items.len() > most {
        return Err(shape(["delete-attr"], at(0)).into());
    }
    let missing = || shape([""; 0], [PathSegment::Index(index)]);
    let member = |item: usize| items.get(item).ok_or_else(missing);
    match action {
        "add-attr" => return Ok(Step::AddAttr(Box::new(Attr::parse(member(1)?, index)?))),
        "delete-attr" => {
            let id = member(1)?.as_str().and_then(parse_uuid);
            return id.map(Step::DeleteAttr).ok_or_else(|| shape("uuid?", at(1)).into());
        }
        "update-attr" => {
            if member(1)?.as_object().is_none() {
                return Err(shape("map?", at(1)).into());
            }
            let mut issue = Issue::message("Unsupported action update-attr");
            issue.hint = Some(Object::from_iter([("value".to_owned(), "update-attr".into())]));
            return Err(ValidationError::new("action", issue).into());
        }
        _ => {}
    }
    let Some(namespace) = member(1)?.as_str() else { return Err(shape("string?", at(1)).into()) };
    let entity = entity(member(2)?).map_err(|bad| match bad {
        RefError::Shape => StepError::Shape(shape("instant.admin.model/lookup?", at(2))),
        bad => StepError::Reference(bad.into_validation_error(at(2).to_vec())),
    })?;
    let target = StepTarget { namespace: namespace.to_owned(), entity };
    if action == "delete" {
        return Ok(Step::Delete(target));
    }
    let Some(values) = member(3)?.as_object() else { return Err(shape("map?", at(3)).into()) };
    let mode = match items.get(4) {
        None | Some(Value::Null) => UpdateMode::Upsert,
        Some(Value::Object(options)) => match options.get("upsert") {
            Some(Value::Bool(false)) => UpdateMode::Strict,
            _ => UpdateMode::Upsert,
        },
        Some(_) => return Err(shape("nil?", at(4)).into()),
    };
    Ok(match action {
        "link" => Step::Link(target, link_targets(values, index)?),
        "unlink" => Step::Unlink(target, link_targets(values, index)?),
        "ruleParams" => Step::RuleParams(target, values.clone()),
        "create" => Step::Create(target, without_id(values)),
        "update" => Step::Update(target, without_id(values), mode),
        _ => Step::Merge(target, without_id(values), mode),
    })
}

/// Returns `values` without `id`: the entity reference determines the id.
fn without_id(values: &Object) -> Object {
    let mut values = values.clone();
    values.remove("id");
    values
}

fn link_targets(values: &Object, index: usize) -> Result<Vec<LinkTargets>, StepError> {
    let mut out = Vec::with_capacity(values.len());
    for (label, value) in values.iter() {
        let place =
            vec![PathSegment::Index(index), PathSegment::Index(3), label.into(), PathSegment::Index(1)];
        let targets = targets(value).map_err(|bad| match bad {
            RefError::Shape | RefError::NotAnId(_) => {
                StepError::Shape(shape("instant.admin.model/lookup?", place.clone()))
            }
            bad => StepError::Reference(bad.into_validation_error(place.clone())),
        })?;
        if label != "id" {
            out.push(LinkTargets { label: label.to_owned(), targets });
        }
    }
    Ok(out)
}

/// Parses the targets of a link: one reference, a list of them, or an object of lookups.
///
/// The server checks a list of two that starts with a string as a lookup, but then executes it as
/// two references. Malformed references among them are therefore rejected only when the step is
/// executed.
fn targets(json: &Value) -> Result<Vec<EntityRef>, RefError> {
    match json {
        Value::String(_) => Ok(vec![entity(json)?]),
        Value::Array(items) if matches!(items.as_slice(), [Value::String(_), _]) => items
            .iter()
            .map(|item| match entity(item) {
                Err(RefError::Shape | RefError::NotAnId(_)) => Ok(EntityRef::Malformed(item.clone())),
                other => other,
            })
            .collect(),
        Value::Array(items) => items.iter().map(entity).collect(),
        Value::Object(members) => Ok(members.iter().map(|(attr, value)| lookup(attr, value)).collect()),
        _ => Err(RefError::Shape),
    }
}

enum RefError {
    /// Neither a string nor a lookup.
    Shape,
    /// A string that is not an id.
    NotAnId(Value),
    /// An object that does not have exactly one key.
    NotOneKey,
    /// The text after `lookup__attribute__` is not valid JSON.
    NotJson { attr: String, text: String },
}

impl RefError {
    fn into_validation_error(self, place: Vec<PathSegment>) -> ValidationError {
        let (data_type, issue) = match self {
            Self::Shape => ("steps", Issue::expected("instant.admin.model/lookup?").at(place)),
            Self::NotAnId(found) => {
                let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
                let rule = "Entity IDs must be UUIDs or lookup references.";
                ("steps", Issue::message(format!("Invalid entity ID '{found}'. {rule}")).at(place))
            }
            Self::NotOneKey => {
                let rule = "lookup must be an object with a single unique attr and value.";
                ("lookup", Issue::message(rule))
            }
            Self::NotJson { attr, text } => {
                let mut issue = Issue::message("lookup value is invalid");
                let hint = [("attribute".to_owned(), attr.into()), ("value".to_owned(), text.into())];
                issue.hint = Some(Object::from_iter(hint));
                ("lookup", issue)
            }
        };
        ValidationError::new(data_type, issue)
    }
}

/// Parses a reference to one entity: an id, a pair, an object with one key, or an encoded string.
fn entity(json: &Value) -> Result<EntityRef, RefError> {
    match json {
        Value::String(text) => match text.strip_prefix("lookup__") {
            Some(rest) => encoded_lookup(rest),
            None => match parse_uuid(text) {
                Some(id) => Ok(EntityRef::Id(id)),
                None if text.len() < ID_LENGTH && groups_of_digits(text).is_some() => {
                    Ok(EntityRef::Malformed(json.clone()))
                }
                None => Err(RefError::NotAnId(json.clone())),
            },
        },
        Value::Array(items) => match items.as_slice() {
            [Value::String(attr), value] => Ok(lookup(attr, value)),
            _ => Err(RefError::Shape),
        },
        Value::Object(members) => match (members.len(), members.iter().next()) {
            (1, Some((attr, value))) => Ok(lookup(attr, value)),
            _ => Err(RefError::NotOneKey),
        },
        _ => Err(RefError::NotAnId(json.clone())),
    }
}

fn lookup(attr: &str, value: &Value) -> EntityRef {
    EntityRef::Lookup(Lookup { attr: attr.to_owned(), value: value.clone() })
}

/// Parses `attribute__json`. Missing JSON means null, and text after the JSON is ignored.
fn encoded_lookup(text: &str) -> Result<EntityRef, RefError> {
    let (attr, json) = text.split_once("__").unwrap_or((text, ""));
    let value = match json {
        "" => Value::Null,
        json => Value::parse_prefix(json)
            .map_err(|_| RefError::NotJson { attr: attr.to_owned(), text: json.to_owned() })?,
    };
    Ok(lookup(attr, &value))
}

const ID_LENGTH: usize = 36;

/// Parses an id of 36 characters, as the server's parser does: groups of digits that are too long
/// keep their last digits, and groups that are too short are padded.
///
/// ```
/// use instant_core::steps::parse_uuid;
///
/// let id = parse_uuid("8aa64e4c-64f9-472e-8a61-3fa28870e6cb");
/// assert!(id.is_some());
/// assert_eq!(parse_uuid("8aa64e4c64f9472e8a613fa28870e6cb"), None);
/// ```
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    if text.len() != ID_LENGTH {
        return None;
    }
    if let Ok(uuid) = Uuid::try_parse(text) {
        return Some(uuid);
    }
    let mut digits = String::with_capacity(32);
    for (group, width) in groups_of_digits(text)?.into_iter().zip([8, 4, 4, 4, 12]) {
        let kept = &group[group.len().saturating_sub(width)..];
        digits.extend(std::iter::repeat_n('0', width - kept.len()));
        digits.push_str(kept);
    }
    Uuid::try_parse(&digits).ok()
}

/// Splits `text` into five groups of hexadecimal digits.
fn groups_of_digits(text: &str) -> Option<[&str; 5]> {
    let groups: [&str; 5] = Vec::from_iter(text.split('-')).try_into().ok()?;
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.iter().all(|group| digits(group)).then_some(groups)
}
