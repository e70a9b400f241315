//! The functions that begin with `math.`.

use super::{Budget, FunctionResult, RuleError};
use crate::CelValue;

pub(crate) fn rounded(function: &str, args: &[CelValue], round: fn(f64) -> f64) -> FunctionResult {
    match args {
        [CelValue::Double(number)] => Ok(CelValue::Double(round(*number))),
        _ => Err(RuleError::overload(function)),
    }
}

pub(crate) fn tested(function: &str, args: &[CelValue], test: fn(f64) -> bool) -> FunctionResult {
    match args {
        [CelValue::Double(number)] => Ok(CelValue::Bool(test(*number))),
        _ => Err(RuleError::overload(function)),
    }
}

pub(crate) fn abs(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Int(number)] => number.checked_abs().map(CelValue::Int).ok_or_else(RuleError::overflow),
        [CelValue::Uint(number)] => Ok(CelValue::Uint(*number)),
        [CelValue::Double(number)] => Ok(CelValue::Double(number.abs())),
        _ => Err(RuleError::overload("math.abs")),
    }
}

pub(crate) fn sign(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Int(number)] => Ok(CelValue::Int(number.signum())),
        [CelValue::Uint(number)] => Ok(CelValue::Uint((*number).min(1))),
        [CelValue::Double(number)] if *number == 0.0 || number.is_nan() => Ok(CelValue::Double(*number)),
        [CelValue::Double(number)] => Ok(CelValue::Double(number.signum())),
        _ => Err(RuleError::overload("math.sign")),
    }
}

pub(crate) fn sqrt(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Int(number)] => Ok(CelValue::Double((*number as f64).sqrt())),
        [CelValue::Uint(number)] => Ok(CelValue::Double((*number as f64).sqrt())),
        [CelValue::Double(number)] => Ok(CelValue::Double(number.sqrt())),
        _ => Err(RuleError::overload("math.sqrt")),
    }
}

pub(crate) fn bits(function: &str, args: &[CelValue], combine: fn(u64, u64) -> u64) -> FunctionResult {
    match args {
        [CelValue::Int(a), CelValue::Int(b)] => Ok(CelValue::Int(combine(*a as u64, *b as u64) as i64)),
        [CelValue::Uint(a), CelValue::Uint(b)] => Ok(CelValue::Uint(combine(*a, *b))),
        _ => Err(RuleError::overload(function)),
    }
}

pub(crate) fn bit_not(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Int(number)] => Ok(CelValue::Int(!number)),
        [CelValue::Uint(number)] => Ok(CelValue::Uint(!number)),
        _ => Err(RuleError::overload("math.bitNot")),
    }
}

/// Shifts bits; both directions fill with zeros.
pub(crate) fn shift(function: &str, args: &[CelValue]) -> FunctionResult {
    let left = function.ends_with("Left");
    let shifted = |bits: u64, by: i64| {
        let by = u32::try_from(by).map_err(|_| {
            RuleError::new("INVALID_ARGUMENT", format!("{function} failure: negative offset: {by}"))
        })?;
        Ok(if left { bits.checked_shl(by) } else { bits.checked_shr(by) }.unwrap_or(0))
    };
    match args {
        [CelValue::Int(bits), CelValue::Int(by)] => Ok(CelValue::Int(shifted(*bits as u64, *by)? as i64)),
        [CelValue::Uint(bits), CelValue::Int(by)] => Ok(CelValue::Uint(shifted(*bits, *by)?)),
        _ => Err(RuleError::overload(function)),
    }
}

/// Returns the greatest or least argument, or item if the argument is a list.
pub(crate) fn extreme(function: &str, args: &[CelValue], budget: &Budget) -> FunctionResult {
    let of_list;
    let args = match args {
        [list] if list.is_list() => {
            of_list = list.items();
            &*of_list
        }
        args => args,
    };
    budget.spend(args.len())?;
    let wanted =
        if function.ends_with("max") { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
    let mut best: Option<&CelValue> = None;
    for candidate in args {
        if !matches!(candidate, CelValue::Int(_) | CelValue::Uint(_) | CelValue::Double(_)) {
            return Err(RuleError::overload(function));
        }
        if best.is_none_or(|best| candidate.compare_numbers(best) == Some(wanted)) {
            best = Some(candidate);
        }
    }
    let empty = || RuleError::new("INVALID_ARGUMENT", format!("{function}(list) argument must not be empty"));
    best.cloned().ok_or_else(empty)
}
