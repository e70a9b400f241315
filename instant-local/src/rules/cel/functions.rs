//! The functions and operators there are: what they take, what they answer, and what runs.

use std::{collections::HashMap, sync::LazyLock};

use super::{conversions, error::EvalError, eval::Budget, math, patterns, strings, types::Type, value::Val};

/// What runs: receiver and arguments in, value out.
pub(super) type Run = fn(&[Val], &Budget) -> Result<Val, EvalError>;

/// A function, with all its signatures.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) signatures: Vec<Signature>,
    pub(super) run: Run,
}

#[derive(Debug)]
pub(super) struct Signature {
    pub(super) takes: Vec<Type>,
    pub(super) gives: Type,
}

/// The function called `name`; with a dot in front if it is called on a value.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().map(|name| name.trim_start_matches('.'))
}

impl Function {
    /// What the function answers to arguments of these types; none if it does not take them.
    pub(super) fn result(&self, arguments: &[Type]) -> Option<Type> {
        let mut result: Option<Type> = None;
        for signature in &self.signatures {
            let mut variables = [None, None];
            let fits = signature.takes.len() == arguments.len()
                && signature
                    .takes
                    .iter()
                    .zip(arguments)
                    .all(|(takes, argument)| takes.takes(argument, &mut variables));
            if fits {
                let gives = signature.gives.filled(&variables);
                result = Some(match result {
                    Some(other) if other != gives => Type::Dyn,
                    _ => gives,
                });
            }
        }
        result
    }
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let read = |(name, signatures, run): &(&'static str, &'static str, Run)| {
        let signature = |text: &str| {
            let (takes, gives) = text.trim().split_once("-> ")?;
            let takes = takes.split(", ").map(str::trim).filter(|name| !name.is_empty());
            Some(Signature {
                takes: takes.map(Type::parse).collect::<Option<_>>()?,
                gives: Type::parse(gives)?,
            })
        };
        let signatures = signatures.split(';').filter_map(signature).collect();
        (*name, Function { name: name.trim_start_matches('.'), signatures, run: *run })
    };
    TABLE.iter().map(read).collect()
});

/// Operators are checked by this table and run by `operators`.
const OPERATOR: Run = |_, _| Err(EvalError::internal("an operator is no function"));

const TABLE: &[(&str, &str, Run)] = &[
    (
        "_+_",
        "int, int -> int; uint, uint -> uint; double, double -> double; string, string -> string; \
         bytes, bytes -> bytes; list(A), list(A) -> list(A); timestamp, duration -> timestamp; \
         duration, timestamp -> timestamp; duration, duration -> duration",
        OPERATOR,
    ),
    (
        "_-_",
        "int, int -> int; uint, uint -> uint; double, double -> double; timestamp, timestamp -> duration; \
         timestamp, duration -> timestamp; duration, duration -> duration",
        OPERATOR,
    ),
    ("_*_", "int, int -> int; uint, uint -> uint; double, double -> double", OPERATOR),
    ("_/_", "int, int -> int; uint, uint -> uint; double, double -> double", OPERATOR),
    ("_%_", "int, int -> int; uint, uint -> uint", OPERATOR),
    ("_<_", ORDER, OPERATOR),
    ("_<=_", ORDER, OPERATOR),
    ("_>_", ORDER, OPERATOR),
    ("_>=_", ORDER, OPERATOR),
    ("_==_", "A, A -> bool", OPERATOR),
    ("_!=_", "A, A -> bool", OPERATOR),
    ("@in", "A, list(A) -> bool; A, map(A,B) -> bool", OPERATOR),
    ("_[_]", "list(A), int -> A; map(A,B), A -> B", OPERATOR),
    ("!_", "bool -> bool", OPERATOR),
    ("-_", "int -> int; double -> double", OPERATOR),
    ("_&&_", "bool, bool -> bool", OPERATOR),
    ("_||_", "bool, bool -> bool", OPERATOR),
    ("_?_:_", "bool, A, A -> A", OPERATOR),
    ("size", SIZE, conversions::size),
    (".size", SIZE, conversions::size),
    ("type", "A -> type", conversions::type_of),
    ("dyn", "A -> dyn", conversions::dynamic),
    ("bool", "bool -> bool; string -> bool", conversions::to_bool),
    ("int", "int -> int; uint -> int; double -> int; string -> int; timestamp -> int", conversions::to_int),
    ("uint", "uint -> uint; int -> uint; double -> uint; string -> uint", conversions::to_uint),
    ("double", "double -> double; int -> double; uint -> double; string -> double", conversions::to_double),
    (
        "string",
        "string -> string; int -> string; uint -> string; double -> string; bool -> string; bytes -> string; \
         timestamp -> string; duration -> string",
        conversions::to_text,
    ),
    ("bytes", "bytes -> bytes; string -> bytes", conversions::to_bytes),
    ("timestamp", "string -> timestamp; int -> timestamp; timestamp -> timestamp", conversions::to_timestamp),
    ("duration", "duration -> duration; string -> duration", conversions::to_duration),
    (".getTime", "timestamp -> int", conversions::get_time),
    (".getFullYear", PART_OF_DATE, |args, _| conversions::part("getFullYear", args)),
    (".getMonth", PART_OF_DATE, |args, _| conversions::part("getMonth", args)),
    (".getDate", PART_OF_DATE, |args, _| conversions::part("getDate", args)),
    (".getDayOfMonth", PART_OF_DATE, |args, _| conversions::part("getDayOfMonth", args)),
    (".getDayOfWeek", PART_OF_DATE, |args, _| conversions::part("getDayOfWeek", args)),
    (".getDayOfYear", PART_OF_DATE, |args, _| conversions::part("getDayOfYear", args)),
    (".getHours", PART_OF_TIME, |args, _| conversions::part("getHours", args)),
    (".getMinutes", PART_OF_TIME, |args, _| conversions::part("getMinutes", args)),
    (".getSeconds", PART_OF_TIME, |args, _| conversions::part("getSeconds", args)),
    (".getMilliseconds", PART_OF_TIME, |args, _| conversions::part("getMilliseconds", args)),
    (".contains", "string, string -> bool", |args, budget| strings::search("contains", args, budget)),
    (".startsWith", "string, string -> bool", |args, budget| strings::search("startsWith", args, budget)),
    (".endsWith", "string, string -> bool", |args, budget| strings::search("endsWith", args, budget)),
    ("matches", "string, string -> bool", patterns::matches),
    (".matches", "string, string -> bool", patterns::matches),
    (".charAt", "string, int -> string", strings::char_at),
    (".indexOf", "string, string -> int; string, string, int -> int", strings::index_of),
    (".lastIndexOf", "string, string -> int; string, string, int -> int", strings::last_index_of),
    (".join", "list(string) -> string; list(string), string -> string", strings::join),
    (".replace", "string, string, string -> string; string, string, string, int -> string", strings::replace),
    (".split", "string, string -> list(string); string, string, int -> list(string)", strings::split),
    (".substring", "string, int -> string; string, int, int -> string", strings::substring),
    (".trim", "string -> string", |args, budget| strings::change("trim", args, budget)),
    (".lowerAscii", "string -> string", |args, budget| strings::change("lowerAscii", args, budget)),
    (".upperAscii", "string -> string", |args, budget| strings::change("upperAscii", args, budget)),
    ("math.ceil", "double -> double", |args, _| math::rounded("math.ceil", args, f64::ceil)),
    ("math.floor", "double -> double", |args, _| math::rounded("math.floor", args, f64::floor)),
    ("math.round", "double -> double", |args, _| math::rounded("math.round", args, f64::round)),
    ("math.trunc", "double -> double", |args, _| math::rounded("math.trunc", args, f64::trunc)),
    ("math.isNaN", "double -> bool", |args, _| math::tested("math.isNaN", args, f64::is_nan)),
    ("math.isInf", "double -> bool", |args, _| math::tested("math.isInf", args, f64::is_infinite)),
    ("math.isFinite", "double -> bool", |args, _| math::tested("math.isFinite", args, f64::is_finite)),
    ("math.abs", NUMBER, math::abs),
    ("math.sign", NUMBER, math::sign),
    ("math.sqrt", "double -> double; int -> double; uint -> double", math::sqrt),
    ("math.bitAnd", BITS, |args, _| math::bits("math.bitAnd", args, |a, b| a & b)),
    ("math.bitOr", BITS, |args, _| math::bits("math.bitOr", args, |a, b| a | b)),
    ("math.bitXor", BITS, |args, _| math::bits("math.bitXor", args, |a, b| a ^ b)),
    ("math.bitNot", "int -> int; uint -> uint", math::bit_not),
    ("math.bitShiftLeft", "int, int -> int; uint, int -> uint", |args, _| {
        math::shift("math.bitShiftLeft", args)
    }),
    ("math.bitShiftRight", "int, int -> int; uint, int -> uint", |args, _| {
        math::shift("math.bitShiftRight", args)
    }),
    ("math.greatest", "", |args, budget| math::extreme("math.@max", args, budget)),
    ("math.least", "", |args, budget| math::extreme("math.@min", args, budget)),
];

const ORDER: &str = "bool, bool -> bool; int, int -> bool; uint, uint -> bool; double, double -> bool; \
    string, string -> bool; bytes, bytes -> bool; timestamp, timestamp -> bool; duration, duration -> bool";
const SIZE: &str = "string -> int; bytes -> int; list(A) -> int; map(A,B) -> int";
const PART_OF_DATE: &str = "timestamp -> int; timestamp, string -> int";
const PART_OF_TIME: &str = "timestamp -> int; timestamp, string -> int; duration -> int";
const NUMBER: &str = "int -> int; uint -> uint; double -> double";
const BITS: &str = "int, int -> int; uint, uint -> uint";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_read() {
        for (name, signatures, _) in TABLE {
            let written = signatures.split(';').filter(|text| !text.trim().is_empty()).count();
            assert_eq!(function(name).unwrap().signatures.len(), written, "{name}");
        }
    }
}
