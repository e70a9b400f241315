//! From the wire's JSON to steps, with the server's refusals (`transactions.md` 3, 11.1 and 11.2).

use uuid::Uuid;

use super::{EntityRef, LinkTargets, Lookup, Step, StepTarget, UpdateMode};
use crate::{Issue, Object, PathSegment, ValidationError, Value, schema::Attr};

/// Reads the JSON that the wire carries under `steps`; an empty object stands for no steps.
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
/// [`ValidationError`] of type `steps`, `tx-steps`, `lookup` or `action`, with the place in the array of steps. A bad entity
/// reference in any step is reported before anything else.
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
            Err(Refused::Reference(error)) => return Err(error),
            Err(Refused::Shape(error)) => drop(first_shape_error.get_or_insert(error)),
        }
    }
    first_shape_error.map_or(Ok(steps), Err)
}

/// A bad reference wins over a bad shape, in whatever step it stands.
enum Refused {
    Reference(ValidationError),
    Shape(ValidationError),
}

impl From<ValidationError> for Refused {
    fn from(error: ValidationError) -> Self {
        Self::Shape(error)
    }
}

fn shape(check: impl Into<Value>, place: impl IntoIterator<Item = PathSegment>) -> ValidationError {
    ValidationError::new("steps", Issue::expected(check).at(place))
}

fn step(json: &Value, index: usize) -> Result<Step, Refused> {
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
        BadRef::Shape => Refused::Shape(shape("instant.admin.model/lookup?", at(2))),
        bad => Refused::Reference(bad.invalid(at(2).to_vec())),
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
        "link" => Step::Link(target, edges(values, index)?),
        "unlink" => Step::Unlink(target, edges(values, index)?),
        "ruleParams" => Step::RuleParams(target, values.clone()),
        "create" => Step::Create(target, without_id(values)),
        "update" => Step::Update(target, without_id(values), mode),
        _ => Step::Merge(target, without_id(values), mode),
    })
}

/// The reference decides the id: one among the values is dropped.
fn without_id(values: &Object) -> Object {
    let mut values = values.clone();
    values.remove("id");
    values
}

fn edges(values: &Object, index: usize) -> Result<Vec<LinkTargets>, Refused> {
    let mut out = Vec::with_capacity(values.len());
    for (label, value) in values.iter() {
        let place =
            vec![PathSegment::Index(index), PathSegment::Index(3), label.into(), PathSegment::Index(1)];
        let targets = targets(value).map_err(|bad| match bad {
            BadRef::Shape | BadRef::NotAnId(_) => {
                Refused::Shape(shape("instant.admin.model/lookup?", place.clone()))
            }
            bad => Refused::Reference(bad.invalid(place.clone())),
        })?;
        if label != "id" {
            out.push(LinkTargets { label: label.to_owned(), targets });
        }
    }
    Ok(out)
}

/// What stands for a link's target: one reference, a list of them, or an object of lookups.
///
/// A list of two that begins with a text passes as a lookup and is then read as two references all the same, so that
/// what is wrong with them is found only when they are used.
fn targets(json: &Value) -> Result<Vec<EntityRef>, BadRef> {
    match json {
        Value::String(_) => Ok(vec![entity(json)?]),
        Value::Array(items) if matches!(items.as_slice(), [Value::String(_), _]) => items
            .iter()
            .map(|item| match entity(item) {
                Err(BadRef::Shape | BadRef::NotAnId(_)) => Ok(EntityRef::Malformed(item.clone())),
                other => other,
            })
            .collect(),
        Value::Array(items) => items.iter().map(entity).collect(),
        Value::Object(members) => Ok(members.iter().map(|(attr, value)| lookup(attr, value)).collect()),
        _ => Err(BadRef::Shape),
    }
}

enum BadRef {
    /// Neither a text nor a lookup.
    Shape,
    /// A text that is no id.
    NotAnId(Value),
    /// An object with none or several keys.
    NotOneKey,
    /// The text after `lookup__attribute__` is no JSON.
    NotJson { attr: String, text: String },
}

impl BadRef {
    fn invalid(self, place: Vec<PathSegment>) -> ValidationError {
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

/// Reads a reference to one entity in any of its forms: an id, a pair, an object with one key, an encoded string.
fn entity(json: &Value) -> Result<EntityRef, BadRef> {
    match json {
        Value::String(text) => match text.strip_prefix("lookup__") {
            Some(rest) => encoded_lookup(rest),
            None => match parse_uuid(text) {
                Some(id) => Ok(EntityRef::Id(id)),
                None if text.len() < ID_LENGTH && groups_of_digits(text).is_some() => {
                    Ok(EntityRef::Malformed(json.clone()))
                }
                None => Err(BadRef::NotAnId(json.clone())),
            },
        },
        Value::Array(items) => match items.as_slice() {
            [Value::String(attr), value] => Ok(lookup(attr, value)),
            _ => Err(BadRef::Shape),
        },
        Value::Object(members) => match (members.len(), members.iter().next()) {
            (1, Some((attr, value))) => Ok(lookup(attr, value)),
            _ => Err(BadRef::NotOneKey),
        },
        _ => Err(BadRef::NotAnId(json.clone())),
    }
}

fn lookup(attr: &str, value: &Value) -> EntityRef {
    EntityRef::Lookup(Lookup { attr: attr.to_owned(), value: value.clone() })
}

/// `attribute__json`; no JSON means null, and text behind the JSON is ignored.
fn encoded_lookup(text: &str) -> Result<EntityRef, BadRef> {
    let (attr, json) = text.split_once("__").unwrap_or((text, ""));
    let value = match json {
        "" => Value::Null,
        json => Value::parse_prefix(json)
            .map_err(|_| BadRef::NotJson { attr: attr.to_owned(), text: json.to_owned() })?,
    };
    Ok(lookup(attr, &value))
}

const ID_LENGTH: usize = 36;

/// Ids are texts of 36 characters; each of the five groups keeps its last digits, as the server's parser does.
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

/// The five groups of hexadecimal digits that a text consists of.
fn groups_of_digits(text: &str) -> Option<[&str; 5]> {
    let groups: [&str; 5] = Vec::from_iter(text.split('-')).try_into().ok()?;
    let digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.iter().all(|group| digits(group)).then_some(groups)
}
