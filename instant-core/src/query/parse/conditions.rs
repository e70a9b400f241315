//! `where`: conditions and operators.

use std::borrow::Cow;

use super::{Operands, Step, Trail, bare, refuse};
use crate::{
    Issue, Object, PathSegment, ValidationError, Value,
    query::{Condition, Path, Predicate, Where},
};

/// One `where` object. `counted` is its place as the server's second stage counts it.
pub(super) fn conditions(
    json: &Value,
    written: &Trail<'_>,
    counted: &Trail<'_>,
    operands: &mut Operands,
) -> Result<Where, ValidationError> {
    match json.as_object() {
        Some(members) => of_object(members, written, counted, operands),
        None => refuse(Issue::expected("map?").at(written.place())),
    }
}

fn of_object(
    json: &Object,
    written: &Trail<'_>,
    counted: &Trail<'_>,
    operands: &mut Operands,
) -> Result<Where, ValidationError> {
    let mut out = Where(Vec::with_capacity(json.len()));
    // A member of `or` with one key is counted as a condition itself.
    let single =
        json.len() == 1 && matches!(counted.before, Some(Trail { step: Step::Key("or" | "and"), .. }));
    for (index, (key, value)) in json.iter().enumerate() {
        let condition = if single { *counted } else { counted.at(index) };
        out.0.push(match (bare(key), value) {
            (name @ ("or" | "and"), Value::Array(items)) => {
                let written = written.then(name);
                let counted = condition.then(name);
                let members = members(items, name == "or", &written, &counted, operands)?;
                if members.is_empty() {
                    let message = format!("The list of `{name}` conditions can't be empty.");
                    return refuse(
                        Issue::expected("non-empty-list?").with_message(message).at(emptied(&written, name)),
                    );
                }
                if name == "or" { Condition::Any(members) } else { Condition::All(members) }
            }
            (key, value) => Condition::Path {
                path: Path::from(key),
                predicates: predicates(value, &condition.at(1), operands),
            },
        });
    }
    Ok(out)
}

/// The place that an empty list is reported at: the option, as if there were no `where` around it.
fn emptied(written: &Trail<'_>, name: &str) -> Vec<PathSegment> {
    let mut place = written.place();
    if let Some(at) = place.iter().rposition(|step| *step == PathSegment::from("where")).filter(|at| *at > 0)
    {
        place.truncate(at);
    } else {
        place.pop();
    }
    place.push(name.into());
    place
}

/// The members of `or` or `and`. Empty ones of `and` say nothing; `or` has none.
fn members(
    items: &[Value],
    or: bool,
    written: &Trail<'_>,
    counted: &Trail<'_>,
    operands: &mut Operands,
) -> Result<Vec<Where>, ValidationError> {
    let mut members = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let written = written.at(at);
        let object = match item {
            Value::Object(object) => Cow::Borrowed(object),
            Value::Null if !or => continue,
            Value::Array(pairs) => match of_pairs(pairs) {
                Some(object) => Cow::Owned(object),
                None => return refuse(Issue::expected("map?").at(written.place())),
            },
            _ => return refuse(Issue::expected("map?").at(written.place())),
        };
        if object.is_empty() {
            if or {
                let message = "a member of `or` without conditions says nothing; leave it out";
                return refuse(Issue::expected("non-empty-map?").with_message(message).at(written.place()));
            }
            continue;
        }
        members.push(of_object(&object, &written, &counted.at(at), operands)?);
    }
    Ok(members)
}

/// A list of pairs is taken for an object.
fn of_pairs(pairs: &[Value]) -> Option<Object> {
    let pair = |pair: &Value| match pair.as_array()? {
        [Value::String(key), value] => Some((key.clone(), value.clone())),
        _ => None,
    };
    pairs.iter().map(pair).collect()
}

/// The value of a condition: a plain value, or an object of operators.
fn predicates(json: &Value, at: &Trail<'_>, operands: &mut Operands) -> Vec<Predicate> {
    let members = match json {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => return vec![Predicate::Equals(json.clone())],
        Value::Object(members) => members,
        Value::Null | Value::Array(_) => {
            operands.refuse("map?", at);
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
                        Some(item) => operands.refuse("in-value-valid?", &here.at(item)),
                    }
                }
                _ => operands.refuse("vector?", &here),
            },
            "$isNull" => match operand {
                Value::Bool(null) => out.push(Predicate::IsNull(*null)),
                _ => operands.refuse("boolean?", &here),
            },
            "$not" | "$ne" if !scalar => operands.refuse("instant.db.instaql/where-value-valid?", &here),
            "$gt" | "$gte" | "$lt" | "$lte" | "$like" | "$ilike" if !scalar => {
                operands.refuse("boolean?", &here)
            }
            "$not" => out.push(Predicate::Not(value)),
            // The server renames it, behind all others or over a `$not` that is there.
            "$ne" => not = Some(value),
            "$gt" => out.push(Predicate::Gt(value)),
            "$gte" => out.push(Predicate::Gte(value)),
            "$lt" => out.push(Predicate::Lt(value)),
            "$lte" => out.push(Predicate::Lte(value)),
            "$like" => out.push(Predicate::Like(value)),
            "$ilike" => out.push(Predicate::ILike(value)),
            "$entityId" => out.push(Predicate::EntityId(value)),
            _ => operands.refuse("instant.db.instaql/where-value-valid-keys?", at),
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
