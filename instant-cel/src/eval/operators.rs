//! Operators on values. Both sides must have the same type, except that `==` and `in` compare
//! numbers of different types by value.

use std::{cmp::Ordering, sync::Arc};

use instant_core::Value;

use super::{Budget, FunctionResult, RuleError, budget::json_bytes, time, value::find};
use crate::{CelValue, syntax::ast::Operator};

pub(crate) fn apply(
    operator: Operator,
    left: &CelValue,
    right: &CelValue,
    budget: &Budget,
) -> FunctionResult {
    match operator {
        Operator::Equal => equals(left, right, budget).map(CelValue::Bool),
        Operator::NotEqual => equals(left, right, budget).map(|same| CelValue::Bool(!same)),
        Operator::In => contains(right, left, budget).map(CelValue::Bool),
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
            // NaN is neither less nor greater than any number.
            let order = order(operator, left, right)?;
            Ok(CelValue::Bool(order.is_some_and(|order| match operator {
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

fn equals(left: &CelValue, right: &CelValue, budget: &Budget) -> Result<bool, RuleError> {
    if is_map(left) && is_map(right) && (is_stored(left) || is_stored(right)) {
        return Err(RuleError::stored("=="));
    }
    budget.spend(weight(left).min(weight(right)))?;
    Ok(left.equals(right))
}

fn is_map(value: &CelValue) -> bool {
    matches!(value, CelValue::Map(_)) || is_stored(value)
}

fn is_stored(value: &CelValue) -> bool {
    match value {
        CelValue::Record(_) => true,
        CelValue::Json(json) => json.as_object().is_some(),
        _ => false,
    }
}

/// Estimates the steps of a comparison.
fn weight(value: &CelValue) -> usize {
    match value {
        CelValue::String(text) => text.len() / 64,
        CelValue::List(items) => items.len(),
        CelValue::Map(entries) => entries.len().saturating_mul(entries.len()),
        CelValue::Json(json) => json_bytes(json) / size_of::<Value>(),
        _ => 0,
    }
}

fn order(operator: Operator, left: &CelValue, right: &CelValue) -> Result<Option<Ordering>, RuleError> {
    Ok(Some(match (left, right) {
        (CelValue::Bool(a), CelValue::Bool(b)) => a.cmp(b),
        (CelValue::Int(a), CelValue::Int(b)) => a.cmp(b),
        (CelValue::Uint(a), CelValue::Uint(b)) => a.cmp(b),
        (CelValue::Double(a), CelValue::Double(b)) => return Ok(a.partial_cmp(b)),
        (CelValue::String(a), CelValue::String(b)) => utf16(a, b),
        (CelValue::Bytes(a), CelValue::Bytes(b)) => a.cmp(b),
        (CelValue::Timestamp(a), CelValue::Timestamp(b)) | (CelValue::Duration(a), CelValue::Duration(b)) => {
            a.cmp(b)
        }
        _ => return Err(RuleError::overload(operator.function())),
    }))
}

/// Compares strings by UTF-16 code units, the order of the server, a Java program.
fn utf16(a: &str, b: &str) -> Ordering {
    if a.is_ascii() || b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Evaluates `item in list` and `key in map`.
fn contains(container: &CelValue, item: &CelValue, budget: &Budget) -> Result<bool, RuleError> {
    match container {
        // Stored objects have every key, because a missing one is null.
        CelValue::Record(_) => Ok(true),
        CelValue::Map(entries) => {
            budget.spend(entries.len())?;
            Ok(find(entries, item).is_some())
        }
        CelValue::Json(json) if json.as_object().is_some() => Ok(true),
        CelValue::Json(json) => {
            let items = json.as_array().unwrap_or_default();
            budget.spend(json_bytes(json) / size_of::<Value>())?;
            Ok(items.iter().any(|own| match (own, item) {
                (Value::String(own), CelValue::String(item)) => **own == **item,
                (Value::String(_), _) => false,
                (own, item) => CelValue::from_json(own.clone()).equals(item),
            }))
        }
        CelValue::List(items) => {
            budget.spend(items.len())?;
            Ok(items.iter().any(|own| own.equals(item)))
        }
        _ => Err(RuleError::overload("@in")),
    }
}

fn arithmetic(operator: Operator, left: &CelValue, right: &CelValue, budget: &Budget) -> FunctionResult {
    match (left, right) {
        (CelValue::Int(a), CelValue::Int(b)) => whole(operator, (*a).into(), (*b).into()).map(CelValue::Int),
        (CelValue::Uint(a), CelValue::Uint(b)) => {
            whole(operator, (*a).into(), (*b).into()).map(CelValue::Uint)
        }
        (CelValue::Double(a), CelValue::Double(b)) => Ok(CelValue::Double(match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            _ => return Err(RuleError::overload(operator.function())),
        })),
        _ => sum(operator, left, right, budget),
    }
}

/// Calculates in 128 bits, where integers of both types fit, and checks the result against `N`.
fn whole<N: TryFrom<i128>>(operator: Operator, left: i128, right: i128) -> Result<N, RuleError> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        _ if right == 0 => return Err(RuleError::division_by_zero()),
        Operator::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    result.and_then(|result| N::try_from(result).ok()).ok_or_else(RuleError::overflow)
}

/// Evaluates `+` and `-` on values that are not numbers.
fn sum(operator: Operator, left: &CelValue, right: &CelValue, budget: &Budget) -> FunctionResult {
    match (operator, left, right) {
        (Operator::Add, CelValue::String(a), CelValue::String(b)) => {
            budget.create(a.len() + b.len())?;
            Ok(CelValue::String([&**a, &**b].concat().into()))
        }
        (Operator::Add, CelValue::Bytes(a), CelValue::Bytes(b)) => {
            budget.create(a.len() + b.len())?;
            Ok(CelValue::Bytes([&**a, &**b].concat().into()))
        }
        (Operator::Add, CelValue::Json(_), _) | (Operator::Add, _, CelValue::Json(_)) => {
            Err(RuleError::stored("+"))
        }
        (Operator::Add, a, b) if a.is_list() && b.is_list() => {
            let (a, b) = (a.items(), b.items());
            budget.spend(a.len() + b.len())?;
            budget.create((a.len() + b.len()) * size_of::<CelValue>())?;
            Ok(CelValue::List(Arc::from([&*a, &*b].concat())))
        }
        (Operator::Add, CelValue::Timestamp(a), CelValue::Duration(b))
        | (Operator::Add, CelValue::Duration(a), CelValue::Timestamp(b)) => {
            time::timestamp(a + b).map(CelValue::Timestamp)
        }
        (Operator::Add, CelValue::Duration(a), CelValue::Duration(b)) => {
            time::duration(a + b).map(CelValue::Duration)
        }
        (Operator::Subtract, CelValue::Timestamp(a), CelValue::Duration(b)) => {
            time::timestamp(a - b).map(CelValue::Timestamp)
        }
        (Operator::Subtract, CelValue::Timestamp(a), CelValue::Timestamp(b))
        | (Operator::Subtract, CelValue::Duration(a), CelValue::Duration(b)) => {
            time::duration(a - b).map(CelValue::Duration)
        }
        _ => Err(RuleError::overload(operator.function())),
    }
}
