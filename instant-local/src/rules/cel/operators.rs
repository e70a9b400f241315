//! What operators mean on values. Both sides must be of one kind; nothing is converted, but `==` and `in` compare numbers
//! by what they are.

use std::{cmp::Ordering, sync::Arc};

use instant_core::Value;

use super::{
    ast::Operator,
    error::EvalError,
    eval::Budget,
    time,
    value::{Val, find},
};

type Outcome = Result<Val, EvalError>;

pub(super) fn apply(operator: Operator, left: &Val, right: &Val, budget: &Budget) -> Outcome {
    match operator {
        Operator::Equal => same(left, right, budget).map(Val::Bool),
        Operator::NotEqual => same(left, right, budget).map(|same| Val::Bool(!same)),
        Operator::In => contains(right, left, budget).map(Val::Bool),
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
            // Not a number is neither less nor greater.
            let order = order(operator, left, right)?;
            Ok(Val::Bool(order.is_some_and(|order| match operator {
                Operator::Less => order.is_lt(),
                Operator::LessEqual => order.is_le(),
                Operator::Greater => order.is_gt(),
                _ => order.is_ge(),
            })))
        }
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Modulo => {
            arithmetic(operator, left, right, budget)
        }
    }
}

fn same(left: &Val, right: &Val, budget: &Budget) -> Result<bool, EvalError> {
    if is_map(left) && is_map(right) && (is_stored(left) || is_stored(right)) {
        return Err(EvalError::stored("=="));
    }
    budget.spend(weight(left).min(weight(right)))?;
    Ok(left.same(right))
}

fn is_map(value: &Val) -> bool {
    matches!(value, Val::Map(_)) || is_stored(value)
}

fn is_stored(value: &Val) -> bool {
    match value {
        Val::Subject(_) => true,
        Val::Json(json) => json.as_object().is_some(),
        _ => false,
    }
}

/// About how much there is to compare.
fn weight(value: &Val) -> usize {
    match value {
        Val::Text(text) => text.len() / 64,
        Val::List(items) => items.len(),
        Val::Map(entries) => entries.len().saturating_mul(entries.len()),
        Val::Json(json) => match &**json {
            Value::Array(items) => items.len(),
            Value::Object(members) => members.len(),
            _ => 0,
        },
        _ => 0,
    }
}

fn order(operator: Operator, left: &Val, right: &Val) -> Result<Option<Ordering>, EvalError> {
    Ok(Some(match (left, right) {
        (Val::Bool(a), Val::Bool(b)) => a.cmp(b),
        (Val::Int(a), Val::Int(b)) => a.cmp(b),
        (Val::Uint(a), Val::Uint(b)) => a.cmp(b),
        (Val::Double(a), Val::Double(b)) => return Ok(a.partial_cmp(b)),
        (Val::Text(a), Val::Text(b)) => utf16(a, b),
        (Val::Bytes(a), Val::Bytes(b)) => a.cmp(b),
        (Val::Timestamp(a), Val::Timestamp(b)) | (Val::Duration(a), Val::Duration(b)) => a.cmp(b),
        _ => return Err(EvalError::overload(operator.function())),
    }))
}

/// The server is a Java program: its texts are in UTF-16, and so is their order.
fn utf16(a: &str, b: &str) -> Ordering {
    if a.is_ascii() || b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// `item in list` and `key in map`.
fn contains(container: &Val, item: &Val, budget: &Budget) -> Result<bool, EvalError> {
    match container {
        // Whatever is stored or passed has every key.
        Val::Subject(_) => Ok(true),
        Val::Map(entries) => {
            budget.spend(entries.len())?;
            Ok(find(entries, item).is_some())
        }
        Val::Json(json) if json.as_object().is_some() => Ok(true),
        Val::Json(json) => {
            let items = json.as_array().unwrap_or_default();
            budget.spend(items.len())?;
            Ok(items.iter().any(|own| match (own, item) {
                (Value::String(own), Val::Text(item)) => **own == **item,
                (Value::String(_), _) => false,
                (own, item) => Val::from_json(own.clone()).same(item),
            }))
        }
        Val::List(items) => {
            budget.spend(items.len())?;
            Ok(items.iter().any(|own| own.same(item)))
        }
        _ => Err(EvalError::overload("@in")),
    }
}

fn arithmetic(operator: Operator, left: &Val, right: &Val, budget: &Budget) -> Outcome {
    match (left, right) {
        (Val::Int(a), Val::Int(b)) => whole(operator, (*a).into(), (*b).into()).map(Val::Int),
        (Val::Uint(a), Val::Uint(b)) => whole(operator, (*a).into(), (*b).into()).map(Val::Uint),
        (Val::Double(a), Val::Double(b)) => Ok(Val::Double(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            _ => return Err(EvalError::overload(operator.function())),
        })),
        _ => sum(operator, left, right, budget),
    }
}

/// Whole numbers are calculated where those of both types fit, so that what does not fit `N` is seen at the end.
fn whole<N: TryFrom<i128>>(operator: Operator, left: i128, right: i128) -> Result<N, EvalError> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        _ if right == 0 => return Err(EvalError::divided_by_zero()),
        Operator::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    result.and_then(|result| N::try_from(result).ok()).ok_or_else(EvalError::overflow)
}

/// `+` and `-` of what is no number.
fn sum(operator: Operator, left: &Val, right: &Val, budget: &Budget) -> Outcome {
    match (operator, left, right) {
        (Operator::Add, Val::Text(a), Val::Text(b)) => {
            budget.spend_bytes(a.len() + b.len())?;
            Ok(Val::Text([&**a, &**b].concat().into()))
        }
        (Operator::Add, Val::Bytes(a), Val::Bytes(b)) => {
            budget.spend_bytes(a.len() + b.len())?;
            Ok(Val::Bytes([&**a, &**b].concat().into()))
        }
        (Operator::Add, Val::Json(_), _) | (Operator::Add, _, Val::Json(_)) => Err(EvalError::stored("+")),
        (Operator::Add, a, b) if a.is_list() && b.is_list() => {
            let (a, b) = (a.items(), b.items());
            budget.spend(a.len() + b.len())?;
            Ok(Val::List(Arc::from([&*a, &*b].concat())))
        }
        (Operator::Add, Val::Timestamp(a), Val::Duration(b))
        | (Operator::Add, Val::Duration(a), Val::Timestamp(b)) => time::timestamp(a + b).map(Val::Timestamp),
        (Operator::Add, Val::Duration(a), Val::Duration(b)) => time::duration(a + b).map(Val::Duration),
        (Operator::Subtract, Val::Timestamp(a), Val::Duration(b)) => {
            time::timestamp(a - b).map(Val::Timestamp)
        }
        (Operator::Subtract, Val::Timestamp(a), Val::Timestamp(b))
        | (Operator::Subtract, Val::Duration(a), Val::Duration(b)) => {
            time::duration(a - b).map(Val::Duration)
        }
        _ => Err(EvalError::overload(operator.function())),
    }
}
