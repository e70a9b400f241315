//! Conversions between kinds of values, sizes, and the parts of times.

use std::sync::Arc;

use instant_core::{Number, Value};

use super::{error::EvalError, eval::Budget, time, value::Val};
use crate::dates;

type Outcome = Result<Val, EvalError>;

pub(super) fn size(args: &[Val], budget: &Budget) -> Outcome {
    let size = match args {
        [Val::Text(text)] => {
            budget.spend_bytes(text.len())?;
            text.chars().count()
        }
        [Val::Bytes(bytes)] => bytes.len(),
        [Val::List(items)] => items.len(),
        [Val::Map(entries)] => entries.len(),
        [Val::Json(_)] => return Err(EvalError::stored("size")),
        _ => return Err(EvalError::overload("size")),
    };
    Ok(Val::Int(size as i64))
}

pub(super) fn type_of(args: &[Val], _: &Budget) -> Outcome {
    Ok(Val::Type(args.first().map_or("null_type", Val::type_name)))
}

pub(super) fn dynamic(args: &[Val], _: &Budget) -> Outcome {
    Ok(args.first().cloned().unwrap_or_default())
}

pub(super) fn to_bool(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Bool(value)] => Ok(Val::Bool(*value)),
        [Val::Text(text)] => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Val::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Val::Bool(false)),
            other => {
                Err(EvalError::format(format!("Type conversion error from 'string' to 'bool': [{other}]")))
            }
        },
        _ => Err(EvalError::overload("bool")),
    }
}

pub(super) fn to_int(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Int(number)] => Ok(Val::Int(*number)),
        [Val::Uint(number)] => {
            i64::try_from(*number).map(Val::Int).map_err(|_| out_of_range("unsigned out of int range"))
        }
        [Val::Double(number)] if number.abs() < 9.223_372_036_854_775e18 => Ok(Val::Int(*number as i64)),
        [Val::Double(_)] => Err(out_of_range("double is out of range for int")),
        [Val::Text(text)] => text.parse().map(Val::Int).map_err(|_| not_a_number(text)),
        [Val::Timestamp(nanos)] => Ok(Val::Int(nanos.div_euclid(1_000_000_000) as i64)),
        _ => Err(EvalError::overload("int")),
    }
}

pub(super) fn to_uint(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Uint(number)] => Ok(Val::Uint(*number)),
        [Val::Int(number)] => {
            u64::try_from(*number).map(Val::Uint).map_err(|_| out_of_range("int out of uint range"))
        }
        [Val::Double(number)] if *number > -1.0 && *number < 1.844_674_407_370_955e19 => {
            Ok(Val::Uint(*number as u64))
        }
        [Val::Double(_)] => Err(out_of_range("double out of uint range")),
        [Val::Text(text)] => text.parse().map(Val::Uint).map_err(|_| not_a_number(text)),
        _ => Err(EvalError::overload("uint")),
    }
}

pub(super) fn to_double(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Double(number)] => Ok(Val::Double(*number)),
        [Val::Int(number)] => Ok(Val::Double(*number as f64)),
        [Val::Uint(number)] => Ok(Val::Double(*number as f64)),
        [Val::Text(text)] => text.trim().parse().map(Val::Double).map_err(|_| not_a_number(text)),
        _ => Err(EvalError::overload("double")),
    }
}

pub(super) fn to_text(args: &[Val], budget: &Budget) -> Outcome {
    Ok(match args {
        [Val::Text(text)] => Val::Text(Arc::clone(text)),
        [Val::Bool(value)] => Val::text(value.to_string()),
        [Val::Int(number)] => Val::text(number.to_string()),
        [Val::Uint(number)] => Val::text(number.to_string()),
        [Val::Double(number)] => {
            Val::text(Value::Number(Number::Float(*number)).to_string().trim_matches('"'))
        }
        [Val::Bytes(bytes)] => {
            budget.spend_bytes(bytes.len())?;
            let text = std::str::from_utf8(bytes);
            Val::text(
                text.map_err(|_| EvalError::format("invalid UTF-8 in bytes, cannot convert to string"))?,
            )
        }
        [Val::Timestamp(nanos)] => Val::text(time::timestamp_text(*nanos)),
        [Val::Duration(nanos)] => Val::text(time::duration_text(*nanos)),
        _ => return Err(EvalError::overload("string")),
    })
}

pub(super) fn to_bytes(args: &[Val], budget: &Budget) -> Outcome {
    match args {
        [Val::Bytes(bytes)] => Ok(Val::Bytes(Arc::clone(bytes))),
        [Val::Text(text)] => {
            budget.spend_bytes(text.len())?;
            Ok(Val::Bytes(text.as_bytes().into()))
        }
        _ => Err(EvalError::overload("bytes")),
    }
}

/// Any date that Instant stores, or whole milliseconds.
pub(super) fn to_timestamp(args: &[Val], _: &Budget) -> Outcome {
    let nanos = match args {
        [Val::Timestamp(nanos)] => *nanos,
        [Val::Int(millis)] => i128::from(*millis) * 1_000_000,
        [Val::Text(text)] => {
            let micros = dates::operand_text(text).filter(|micros| !matches!(*micros, i64::MIN | i64::MAX));
            let micros = micros.ok_or_else(|| {
                EvalError::format(format!(
                    "\"{text}\" is no date; write one as 2024-03-01 or 2024-03-01T08:09:10Z"
                ))
            })?;
            i128::from(micros) * 1000
        }
        _ => return Err(EvalError::overload("timestamp")),
    };
    Ok(Val::Timestamp(time::timestamp(nanos)?))
}

pub(super) fn to_duration(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Duration(nanos)] => Ok(Val::Duration(*nanos)),
        [Val::Text(text)] => Ok(Val::Duration(time::parse_duration(text)?)),
        _ => Err(EvalError::overload("duration")),
    }
}

pub(super) fn get_time(args: &[Val], _: &Budget) -> Outcome {
    match args {
        [Val::Timestamp(nanos)] => Ok(Val::Int(nanos.div_euclid(1_000_000) as i64)),
        _ => Err(EvalError::overload("getTime")),
    }
}

/// `getHours` and the like.
pub(super) fn part(function: &'static str, args: &[Val]) -> Outcome {
    match args {
        [Val::Timestamp(nanos)] => time::part(function, *nanos, None).map(Val::Int),
        [Val::Timestamp(nanos), Val::Text(zone)] => time::part(function, *nanos, Some(zone)).map(Val::Int),
        [Val::Duration(nanos)]
            if !matches!(function, "getFullYear" | "getMonth" | "getDate") && !function.contains("Day") =>
        {
            Ok(Val::Int(time::duration_part(function, *nanos)))
        }
        _ => Err(EvalError::overload(function)),
    }
}

fn out_of_range(message: &str) -> EvalError {
    EvalError::new("NUMERIC_OVERFLOW", message)
}

fn not_a_number(text: &str) -> EvalError {
    EvalError::format(format!("For input string: \"{text}\""))
}
