//! Conversions between types, sizes, and the parts of times.

use std::sync::Arc;

use instant_core::{Number, Value};

use super::{Budget, FunctionResult, RuleError, time};
use crate::CelValue;

pub(crate) fn size(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let size = match args {
        [CelValue::String(text)] => {
            budget.spend_bytes(text.len())?;
            text.chars().count()
        }
        [CelValue::Bytes(bytes)] => bytes.len(),
        [CelValue::List(items)] => items.len(),
        [CelValue::Map(entries)] => entries.len(),
        [CelValue::Json(_)] => return Err(RuleError::stored("size")),
        _ => return Err(RuleError::overload("size")),
    };
    Ok(CelValue::Int(size as i64))
}

pub(crate) fn type_of(args: &[CelValue]) -> FunctionResult {
    Ok(CelValue::Type(args.first().map_or("null_type", CelValue::type_name)))
}

pub(crate) fn dynamic(args: &[CelValue]) -> FunctionResult {
    Ok(args.first().cloned().unwrap_or_default())
}

pub(crate) fn to_bool(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Bool(value)] => Ok(CelValue::Bool(*value)),
        [CelValue::String(text)] => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(CelValue::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(CelValue::Bool(false)),
            other => {
                Err(RuleError::format(format!("Type conversion error from 'string' to 'bool': [{other}]")))
            }
        },
        _ => Err(RuleError::overload("bool")),
    }
}

pub(crate) fn to_int(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Int(number)] => Ok(CelValue::Int(*number)),
        [CelValue::Uint(number)] => {
            i64::try_from(*number).map(CelValue::Int).map_err(|_| out_of_range("unsigned out of int range"))
        }
        [CelValue::Double(number)] if number.abs() < 9.223_372_036_854_775e18 => {
            Ok(CelValue::Int(*number as i64))
        }
        [CelValue::Double(_)] => Err(out_of_range("double is out of range for int")),
        [CelValue::String(text)] => text.parse().map(CelValue::Int).map_err(|_| not_a_number(text)),
        [CelValue::Timestamp(nanos)] => Ok(CelValue::Int(nanos.div_euclid(1_000_000_000) as i64)),
        _ => Err(RuleError::overload("int")),
    }
}

pub(crate) fn to_uint(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Uint(number)] => Ok(CelValue::Uint(*number)),
        [CelValue::Int(number)] => {
            u64::try_from(*number).map(CelValue::Uint).map_err(|_| out_of_range("int out of uint range"))
        }
        [CelValue::Double(number)] if *number > -1.0 && *number < 1.844_674_407_370_955e19 => {
            Ok(CelValue::Uint(*number as u64))
        }
        [CelValue::Double(_)] => Err(out_of_range("double out of uint range")),
        [CelValue::String(text)] => text.parse().map(CelValue::Uint).map_err(|_| not_a_number(text)),
        _ => Err(RuleError::overload("uint")),
    }
}

pub(crate) fn to_double(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Double(number)] => Ok(CelValue::Double(*number)),
        [CelValue::Int(number)] => Ok(CelValue::Double(*number as f64)),
        [CelValue::Uint(number)] => Ok(CelValue::Double(*number as f64)),
        [CelValue::String(text)] => text.trim().parse().map(CelValue::Double).map_err(|_| not_a_number(text)),
        _ => Err(RuleError::overload("double")),
    }
}

pub(crate) fn to_text(args: &[CelValue], budget: &Budget) -> FunctionResult {
    Ok(match args {
        [CelValue::String(text)] => CelValue::String(Arc::clone(text)),
        [CelValue::Bool(value)] => CelValue::string(value.to_string()),
        [CelValue::Int(number)] => CelValue::string(number.to_string()),
        [CelValue::Uint(number)] => CelValue::string(number.to_string()),
        [CelValue::Double(number)] => {
            CelValue::string(Value::Number(Number::Float(*number)).to_string().trim_matches('"'))
        }
        [CelValue::Bytes(bytes)] => {
            budget.spend_bytes(bytes.len())?;
            let text = std::str::from_utf8(bytes);
            CelValue::string(
                text.map_err(|_| RuleError::format("invalid UTF-8 in bytes, cannot convert to string"))?,
            )
        }
        [CelValue::Timestamp(nanos)] => CelValue::string(time::timestamp_text(*nanos)),
        [CelValue::Duration(nanos)] => CelValue::string(time::duration_text(*nanos)),
        _ => return Err(RuleError::overload("string")),
    })
}

pub(crate) fn to_bytes(args: &[CelValue], budget: &Budget) -> FunctionResult {
    match args {
        [CelValue::Bytes(bytes)] => Ok(CelValue::Bytes(Arc::clone(bytes))),
        [CelValue::String(text)] => {
            budget.spend_bytes(text.len())?;
            Ok(CelValue::Bytes(text.as_bytes().into()))
        }
        _ => Err(RuleError::overload("bytes")),
    }
}

/// Converts text, which the host reads as `parsed` nanoseconds since 1970, to a timestamp.
pub(crate) fn to_timestamp(text: &str, parsed: Option<i128>) -> FunctionResult {
    let invalid = || {
        RuleError::format(format!("invalid date \"{text}\"; write one as 2024-03-01 or 2024-03-01T08:09:10Z"))
    };
    Ok(CelValue::Timestamp(time::timestamp(parsed.ok_or_else(invalid)?)?))
}

/// Converts milliseconds since 1970 to a timestamp.
pub(crate) fn millis_to_timestamp(args: &[CelValue]) -> FunctionResult {
    let nanos = match args {
        [CelValue::Timestamp(nanos)] => *nanos,
        [CelValue::Int(millis)] => i128::from(*millis) * 1_000_000,
        _ => return Err(RuleError::overload("timestamp")),
    };
    Ok(CelValue::Timestamp(time::timestamp(nanos)?))
}

pub(crate) fn to_duration(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Duration(nanos)] => Ok(CelValue::Duration(*nanos)),
        [CelValue::String(text)] => Ok(CelValue::Duration(time::parse_duration(text)?)),
        _ => Err(RuleError::overload("duration")),
    }
}

pub(crate) fn get_time(args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Timestamp(nanos)] => Ok(CelValue::Int(nanos.div_euclid(1_000_000) as i64)),
        _ => Err(RuleError::overload("getTime")),
    }
}

/// Returns the part of a time that `getHours` or a similar function names.
pub(crate) fn part(function: &'static str, args: &[CelValue]) -> FunctionResult {
    match args {
        [CelValue::Timestamp(nanos)] => time::part(function, *nanos, None).map(CelValue::Int),
        [CelValue::Timestamp(nanos), CelValue::String(zone)] => {
            time::part(function, *nanos, Some(zone)).map(CelValue::Int)
        }
        [CelValue::Duration(nanos)]
            if !matches!(function, "getFullYear" | "getMonth" | "getDate") && !function.contains("Day") =>
        {
            Ok(CelValue::Int(time::duration_part(function, *nanos)))
        }
        _ => Err(RuleError::overload(function)),
    }
}

fn out_of_range(message: &str) -> RuleError {
    RuleError::new("NUMERIC_OVERFLOW", message)
}

fn not_a_number(text: &str) -> RuleError {
    RuleError::format(format!("For input string: \"{text}\""))
}
