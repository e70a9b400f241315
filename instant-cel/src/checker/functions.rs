//! The signatures of functions and operators.

use std::{collections::HashMap, sync::LazyLock};

use super::types::Type;

/// A function with its signatures.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) signatures: Vec<Signature>,
    #[cfg_attr(not(feature = "eval"), expect(dead_code, reason = "only the evaluator runs functions"))]
    pub(crate) builtin: Builtin,
}

#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) parameters: Vec<Type>,
    pub(crate) result: Type,
}

/// The implementation of a function. Operators have signatures here and run on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    Operator,
    Size,
    TypeOf,
    Dyn,
    ToBool,
    ToInt,
    ToUint,
    ToDouble,
    ToString,
    ToBytes,
    ToTimestamp,
    ToDuration,
    GetTime,
    GetFullYear,
    GetMonth,
    GetDate,
    GetDayOfMonth,
    GetDayOfWeek,
    GetDayOfYear,
    GetHours,
    GetMinutes,
    GetSeconds,
    GetMilliseconds,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    CharAt,
    IndexOf,
    LastIndexOf,
    Join,
    Replace,
    Split,
    Substring,
    Trim,
    LowerAscii,
    UpperAscii,
    MathCeil,
    MathFloor,
    MathRound,
    MathTrunc,
    MathIsNaN,
    MathIsInf,
    MathIsFinite,
    MathAbs,
    MathSign,
    MathSqrt,
    MathBitAnd,
    MathBitOr,
    MathBitXor,
    MathBitNot,
    MathBitShiftLeft,
    MathBitShiftRight,
    MathGreatest,
    MathLeast,
}

/// Returns the function called `name`. The name of a method begins with a dot.
pub(crate) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// Returns the names of all functions.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().map(|name| name.trim_start_matches('.'))
}

impl Function {
    /// Returns the type of the result for arguments of these types, or `None` if no signature
    /// matches.
    pub(crate) fn result(&self, arguments: &[Type]) -> Option<Type> {
        let mut result: Option<Type> = None;
        for signature in &self.signatures {
            let mut variables = [None, None];
            let fits = signature.parameters.len() == arguments.len()
                && signature
                    .parameters
                    .iter()
                    .zip(arguments)
                    .all(|(parameter, argument)| parameter.accepts(argument, &mut variables));
            if fits {
                let result_type = signature.result.filled(&variables);
                result = Some(match result {
                    Some(other) if other != result_type => Type::Dyn,
                    _ => result_type,
                });
            }
        }
        result
    }
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let read = |(name, signatures, builtin): &(&'static str, &'static str, Builtin)| {
        let signature = |text: &str| {
            let (parameters, result) = text.trim().split_once("-> ")?;
            let parameters = parameters.split(", ").map(str::trim).filter(|name| !name.is_empty());
            Some(Signature {
                parameters: parameters.map(Type::parse).collect::<Option<_>>()?,
                result: Type::parse(result)?,
            })
        };
        let signatures = signatures.split(';').filter_map(signature).collect();
        (*name, Function { name: name.trim_start_matches('.'), signatures, builtin: *builtin })
    };
    TABLE.iter().map(read).collect()
});

const TABLE: &[(&str, &str, Builtin)] = &[
    (
        "_+_",
        "int, int -> int; uint, uint -> uint; double, double -> double; string, string -> string; \
         bytes, bytes -> bytes; list(A), list(A) -> list(A); timestamp, duration -> timestamp; \
         duration, timestamp -> timestamp; duration, duration -> duration",
        Builtin::Operator,
    ),
    (
        "_-_",
        "int, int -> int; uint, uint -> uint; double, double -> double; timestamp, timestamp -> duration; \
         timestamp, duration -> timestamp; duration, duration -> duration",
        Builtin::Operator,
    ),
    ("_*_", "int, int -> int; uint, uint -> uint; double, double -> double", Builtin::Operator),
    ("_/_", "int, int -> int; uint, uint -> uint; double, double -> double", Builtin::Operator),
    ("_%_", "int, int -> int; uint, uint -> uint", Builtin::Operator),
    ("_<_", ORDER, Builtin::Operator),
    ("_<=_", ORDER, Builtin::Operator),
    ("_>_", ORDER, Builtin::Operator),
    ("_>=_", ORDER, Builtin::Operator),
    ("_==_", "A, A -> bool", Builtin::Operator),
    ("_!=_", "A, A -> bool", Builtin::Operator),
    ("@in", "A, list(A) -> bool; A, map(A,B) -> bool", Builtin::Operator),
    ("_[_]", "list(A), int -> A; map(A,B), A -> B", Builtin::Operator),
    ("!_", "bool -> bool", Builtin::Operator),
    ("-_", "int -> int; double -> double", Builtin::Operator),
    ("_&&_", "bool, bool -> bool", Builtin::Operator),
    ("_||_", "bool, bool -> bool", Builtin::Operator),
    ("_?_:_", "bool, A, A -> A", Builtin::Operator),
    ("size", SIZE, Builtin::Size),
    (".size", SIZE, Builtin::Size),
    ("type", "A -> type", Builtin::TypeOf),
    ("dyn", "A -> dyn", Builtin::Dyn),
    ("bool", "bool -> bool; string -> bool", Builtin::ToBool),
    ("int", "int -> int; uint -> int; double -> int; string -> int; timestamp -> int", Builtin::ToInt),
    ("uint", "uint -> uint; int -> uint; double -> uint; string -> uint", Builtin::ToUint),
    ("double", "double -> double; int -> double; uint -> double; string -> double", Builtin::ToDouble),
    (
        "string",
        "string -> string; int -> string; uint -> string; double -> string; bool -> string; bytes -> string; \
         timestamp -> string; duration -> string",
        Builtin::ToString,
    ),
    ("bytes", "bytes -> bytes; string -> bytes", Builtin::ToBytes),
    ("timestamp", "string -> timestamp; int -> timestamp; timestamp -> timestamp", Builtin::ToTimestamp),
    ("duration", "duration -> duration; string -> duration", Builtin::ToDuration),
    (".getTime", "timestamp -> int", Builtin::GetTime),
    (".getFullYear", PART_OF_DATE, Builtin::GetFullYear),
    (".getMonth", PART_OF_DATE, Builtin::GetMonth),
    (".getDate", PART_OF_DATE, Builtin::GetDate),
    (".getDayOfMonth", PART_OF_DATE, Builtin::GetDayOfMonth),
    (".getDayOfWeek", PART_OF_DATE, Builtin::GetDayOfWeek),
    (".getDayOfYear", PART_OF_DATE, Builtin::GetDayOfYear),
    (".getHours", PART_OF_TIME, Builtin::GetHours),
    (".getMinutes", PART_OF_TIME, Builtin::GetMinutes),
    (".getSeconds", PART_OF_TIME, Builtin::GetSeconds),
    (".getMilliseconds", PART_OF_TIME, Builtin::GetMilliseconds),
    (".contains", "string, string -> bool", Builtin::Contains),
    (".startsWith", "string, string -> bool", Builtin::StartsWith),
    (".endsWith", "string, string -> bool", Builtin::EndsWith),
    ("matches", "string, string -> bool", Builtin::Matches),
    (".matches", "string, string -> bool", Builtin::Matches),
    (".charAt", "string, int -> string", Builtin::CharAt),
    (".indexOf", "string, string -> int; string, string, int -> int", Builtin::IndexOf),
    (".lastIndexOf", "string, string -> int; string, string, int -> int", Builtin::LastIndexOf),
    (".join", "list(string) -> string; list(string), string -> string", Builtin::Join),
    (".replace", "string, string, string -> string; string, string, string, int -> string", Builtin::Replace),
    (".split", "string, string -> list(string); string, string, int -> list(string)", Builtin::Split),
    (".substring", "string, int -> string; string, int, int -> string", Builtin::Substring),
    (".trim", "string -> string", Builtin::Trim),
    (".lowerAscii", "string -> string", Builtin::LowerAscii),
    (".upperAscii", "string -> string", Builtin::UpperAscii),
    ("math.ceil", "double -> double", Builtin::MathCeil),
    ("math.floor", "double -> double", Builtin::MathFloor),
    ("math.round", "double -> double", Builtin::MathRound),
    ("math.trunc", "double -> double", Builtin::MathTrunc),
    ("math.isNaN", "double -> bool", Builtin::MathIsNaN),
    ("math.isInf", "double -> bool", Builtin::MathIsInf),
    ("math.isFinite", "double -> bool", Builtin::MathIsFinite),
    ("math.abs", NUMBER, Builtin::MathAbs),
    ("math.sign", NUMBER, Builtin::MathSign),
    ("math.sqrt", "double -> double; int -> double; uint -> double", Builtin::MathSqrt),
    ("math.bitAnd", BITS, Builtin::MathBitAnd),
    ("math.bitOr", BITS, Builtin::MathBitOr),
    ("math.bitXor", BITS, Builtin::MathBitXor),
    ("math.bitNot", "int -> int; uint -> uint", Builtin::MathBitNot),
    ("math.bitShiftLeft", "int, int -> int; uint, int -> uint", Builtin::MathBitShiftLeft),
    ("math.bitShiftRight", "int, int -> int; uint, int -> uint", Builtin::MathBitShiftRight),
    ("math.greatest", "", Builtin::MathGreatest),
    ("math.least", "", Builtin::MathLeast),
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
    fn every_signature_parses() {
        for (name, signatures, _) in TABLE {
            let written = signatures.split(';').filter(|text| !text.trim().is_empty()).count();
            assert_eq!(function(name).unwrap().signatures.len(), written, "{name}");
        }
    }
}
