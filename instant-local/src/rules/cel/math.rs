//! The functions that begin with `math.`.

use super::{error::EvalError, eval::Budget, value::Val};

type Outcome = Result<Val, EvalError>;

pub(super) fn rounded(function: &str, args: &[Val], round: fn(f64) -> f64) -> Outcome {
    match args {
        [Val::Double(number)] => Ok(Val::Double(round(*number))),
        _ => Err(EvalError::overload(function)),
    }
}

pub(super) fn tested(function: &str, args: &[Val], test: fn(f64) -> bool) -> Outcome {
    match args {
        [Val::Double(number)] => Ok(Val::Bool(test(*number))),
        _ => Err(EvalError::overload(function)),
    }
}

pub(super) fn abs(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Int(number)] => number.checked_abs().map(Val::Int).ok_or_else(EvalError::overflow),
        [Val::Uint(number)] => Ok(Val::Uint(*number)),
        [Val::Double(number)] => Ok(Val::Double(number.abs())),
        _ => Err(EvalError::overload("math.abs")),
    }
}

pub(super) fn sign(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Int(number)] => Ok(Val::Int(number.signum())),
        [Val::Uint(number)] => Ok(Val::Uint((*number).min(1))),
        [Val::Double(number)] if *number == 0.0 || number.is_nan() => Ok(Val::Double(*number)),
        [Val::Double(number)] => Ok(Val::Double(number.signum())),
        _ => Err(EvalError::overload("math.sign")),
    }
}

pub(super) fn sqrt(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Int(number)] => Ok(Val::Double((*number as f64).sqrt())),
        [Val::Uint(number)] => Ok(Val::Double((*number as f64).sqrt())),
        [Val::Double(number)] => Ok(Val::Double(number.sqrt())),
        _ => Err(EvalError::overload("math.sqrt")),
    }
}

pub(super) fn bits(function: &str, args: &[Val], combine: fn(u64, u64) -> u64) -> Outcome {
    match args {
        [Val::Int(a), Val::Int(b)] => Ok(Val::Int(combine(*a as u64, *b as u64) as i64)),
        [Val::Uint(a), Val::Uint(b)] => Ok(Val::Uint(combine(*a, *b))),
        _ => Err(EvalError::overload(function)),
    }
}

pub(super) fn bit_not(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Int(number)] => Ok(Val::Int(!number)),
        [Val::Uint(number)] => Ok(Val::Uint(!number)),
        _ => Err(EvalError::overload("math.bitNot")),
    }
}

/// Bits shifted out are lost, and zeros come in from both sides.
pub(super) fn shift(function: &str, args: &[Val]) -> Outcome {
    let left = function.ends_with("Left");
    let shifted = |bits: u64, by: i64| {
        let by = u32::try_from(by).map_err(|_| {
            EvalError::new("INVALID_ARGUMENT", format!("{function} failure: negative offset: {by}"))
        })?;
        Ok(if left { bits.checked_shl(by) } else { bits.checked_shr(by) }.unwrap_or(0))
    };
    match args {
        [Val::Int(bits), Val::Int(by)] => Ok(Val::Int(shifted(*bits as u64, *by)? as i64)),
        [Val::Uint(bits), Val::Int(by)] => Ok(Val::Uint(shifted(*bits, *by)?)),
        _ => Err(EvalError::overload(function)),
    }
}

/// The greatest or least of the arguments, or of the items of one list.
pub(super) fn extreme(function: &str, args: &[Val], budget: &Budget) -> Outcome {
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
    let mut best: Option<&Val> = None;
    for candidate in args {
        if !matches!(candidate, Val::Int(_) | Val::Uint(_) | Val::Double(_)) {
            return Err(EvalError::overload(function));
        }
        if best.is_none_or(|best| candidate.compare_numbers(best) == Some(wanted)) {
            best = Some(candidate);
        }
    }
    let empty = || EvalError::new("INVALID_ARGUMENT", format!("{function}(list) argument must not be empty"));
    best.cloned().ok_or_else(empty)
}
