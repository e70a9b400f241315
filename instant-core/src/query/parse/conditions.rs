//! Parses the `where` option.

use std::borrow::Cow;

use super::{OperandError, Trail, TrailSegment, invalid, unqualified};
use crate::{
    Issue, Object, PathSegment, ValidationError, Value,
    query::{Condition, Path, Predicate, Where},
};

/// Parses one `where` object.
pub(super) fn conditions(
    json: &Value,
    written: &Trail<'_>,
    coerced: &Trail<'_>,
    errors: &mut OperandError,
) -> Result<Where, ValidationError> {
    match json.as_object() {
        Some(members) => parse_object(members, written, coerced, errors),
        None => invalid(Issue::expected("map?").at(written.to_path())),
    }
}

fn parse_object(
    json: &Object,
    written: &Trail<'_>,
    coerced: &Trail<'_>,
    errors: &mut OperandError,
) -> Result<Where, ValidationError> {
    let mut out = Where(Vec::with_capacity(json.len()));
    // The server coerces a member of `or` or `and` that has one key to a single condition.
    let single = json.len() == 1
        && matches!(coerced.parent, Some(Trail { segment: TrailSegment::Key("or" | "and"), .. }));
    for (index, (key, value)) in json.iter().enumerate() {
        let condition = if single { *coerced } else { coerced.at(index) };
        out.0.push(match (unqualified(key), value) {
            (name @ ("or" | "and"), Value::Array(items)) => {
                let written = written.then(name);
                let coerced = condition.then(name);
                let members = members(items, name == "or", &written, &coerced, errors)?;
                if members.is_empty() {
                    let message = format!("The list of `{name}` conditions can't be empty.");
                    return invalid(
                        Issue::expected("non-empty-list?")
                            .with_message(message)
                            .at(path_of_empty_list(&written, name)),
                    );
                }
                if name == "or" { Condition::Any(members) } else { Condition::All(members) }
            }
            (key, value) => Condition::Path {
                path: Path::from(key),
                predicates: predicates(value, &condition.at(1), errors),
            },
        });
    }
    Ok(out)
}

/// Returns the path that the server reports for an empty list: it omits `where` and what follows.
fn path_of_empty_list(written: &Trail<'_>, name: &str) -> Vec<PathSegment> {
    let mut place = written.to_path();
    if let Some(at) = place.iter().rposition(|step| *step == PathSegment::from("where")).filter(|at| *at > 0)
    {
        place.truncate(at);
    } else {
        place.pop();
    }
    place.push(name.into());
    place
}

/// Parses the members of `or` or `and`. An empty member is skipped in `and`, and an error in `or`.
fn members(
    items: &[Value],
    or: bool,
    written: &Trail<'_>,
    coerced: &Trail<'_>,
    errors: &mut OperandError,
) -> Result<Vec<Where>, ValidationError> {
    let mut members = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let written = written.at(at);
        let object = match item {
            Value::Object(object) => Cow::Borrowed(object),
            Value::Null if !or => continue,
            Value::Array(pairs) => match object_from_pairs(pairs) {
                Some(object) => Cow::Owned(object),
                None => return invalid(Issue::expected("map?").at(written.to_path())),
            },
            _ => return invalid(Issue::expected("map?").at(written.to_path())),
        };
        if object.is_empty() {
            if or {
                let message = "a member of `or` has no conditions; remove it or add one";
                return invalid(
                    Issue::expected("non-empty-map?").with_message(message).at(written.to_path()),
                );
            }
            continue;
        }
        members.push(parse_object(&object, &written, &coerced.at(at), errors)?);
    }
    Ok(members)
}

/// Converts a list of pairs to an object, as the server does.
fn object_from_pairs(pairs: &[Value]) -> Option<Object> {
    let pair = |pair: &Value| match pair.as_array()? {
        [Value::String(key), value] => Some((key.clone(), value.clone())),
        _ => None,
    };
    pairs.iter().map(pair).collect()
}

/// Parses the value of a condition: a plain value, or an object of operators.
fn predicates(json: &Value, at: &Trail<'_>, errors: &mut OperandError) -> Vec<Predicate> {
    let members = match json {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => return vec![Predicate::Equals(json.clone())],
        Value::Object(members) => members,
        Value::Null | Value::Array(_) => {
            errors.report("map?", at);
            return Vec::new();
        }
    };
    let mut out = Vec::with_capacity(members.len());
    let mut not = None;
    for (operator, operand) in members.iter() {
        let here = at.then(match operator {
            "$ne" => "$not",
            "in" => "$in",
            operator => operator,
        });
        let scalar = !matches!(operand, Value::Null | Value::Array(_) | Value::Object(_));
        let value = operand.clone();
        match operator {
            "$in" | "in" => match operand {
                Value::Array(items) => {
                    match items.iter().position(|item| matches!(item, Value::Array(_) | Value::Object(_))) {
                        None => out.push(Predicate::In(items.clone())),
                        Some(item) => errors.report("in-value-valid?", &here.at(item)),
                    }
                }
                _ => errors.report("vector?", &here),
            },
            "$isNull" => match operand {
                Value::Bool(null) => out.push(Predicate::IsNull(*null)),
                _ => errors.report("boolean?", &here),
            },
            "$not" | "$ne" if !scalar => errors.report("instant.db.instaql/where-value-valid?", &here),
            "$gt" | "$gte" | "$lt" | "$lte" | "$like" | "$ilike" if !scalar => {
                errors.report("boolean?", &here)
            }
            "$not" => out.push(Predicate::Not(value)),
            // The server renames `$ne` to `$not`: after all other operators, or in place of a
            // `$not`.
            "$ne" => not = Some(value),
            "$gt" => out.push(Predicate::Gt(value)),
            "$gte" => out.push(Predicate::Gte(value)),
            "$lt" => out.push(Predicate::Lt(value)),
            "$lte" => out.push(Predicate::Lte(value)),
            "$like" => out.push(Predicate::Like(value)),
            "$ilike" => out.push(Predicate::ILike(value)),
            "$entityId" => out.push(Predicate::EntityId(value)),
            _ => errors.report("instant.db.instaql/where-value-valid-keys?", at),
        }
    }
    if let Some(value) = not {
        match out.iter_mut().find(|test| matches!(test, Predicate::Not(_))) {
            Some(test) => *test = Predicate::Not(value),
            None => out.push(Predicate::Not(value)),
        }
    }
    out
}
