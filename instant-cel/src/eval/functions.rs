//! The implementations of functions.

use super::{Budget, FunctionResult, RuleError, conversions, math, patterns, strings};
use crate::{CelValue, checker::functions::Builtin};

/// Calls a function: the receiver, if there is one, is the first argument.
///
/// # Errors
///
/// Returns an error if the function does not accept the arguments.
pub(super) fn call(builtin: Builtin, args: &[CelValue], budget: &Budget) -> FunctionResult {
    match builtin {
        Builtin::Operator => Err(RuleError::internal("an operator is not a function")),
        Builtin::Size => conversions::size(args, budget),
        Builtin::TypeOf => conversions::type_of(args),
        Builtin::Dyn => conversions::dynamic(args),
        Builtin::ToBool => conversions::to_bool(args),
        Builtin::ToInt => conversions::to_int(args),
        Builtin::ToUint => conversions::to_uint(args),
        Builtin::ToDouble => conversions::to_double(args),
        Builtin::ToString => conversions::to_text(args, budget),
        Builtin::ToBytes => conversions::to_bytes(args, budget),
        Builtin::ToTimestamp => conversions::millis_to_timestamp(args),
        Builtin::ToDuration => conversions::to_duration(args),
        Builtin::GetTime => conversions::get_time(args),
        Builtin::GetFullYear => conversions::part("getFullYear", args),
        Builtin::GetMonth => conversions::part("getMonth", args),
        Builtin::GetDate => conversions::part("getDate", args),
        Builtin::GetDayOfMonth => conversions::part("getDayOfMonth", args),
        Builtin::GetDayOfWeek => conversions::part("getDayOfWeek", args),
        Builtin::GetDayOfYear => conversions::part("getDayOfYear", args),
        Builtin::GetHours => conversions::part("getHours", args),
        Builtin::GetMinutes => conversions::part("getMinutes", args),
        Builtin::GetSeconds => conversions::part("getSeconds", args),
        Builtin::GetMilliseconds => conversions::part("getMilliseconds", args),
        Builtin::Contains => strings::search("contains", args, budget),
        Builtin::StartsWith => strings::search("startsWith", args, budget),
        Builtin::EndsWith => strings::search("endsWith", args, budget),
        Builtin::Matches => patterns::matches(args, budget),
        Builtin::CharAt => strings::char_at(args, budget),
        Builtin::IndexOf => strings::index_of(args, budget),
        Builtin::LastIndexOf => strings::last_index_of(args, budget),
        Builtin::Join => strings::join(args, budget),
        Builtin::Replace => strings::replace(args, budget),
        Builtin::Split => strings::split(args, budget),
        Builtin::Substring => strings::substring(args, budget),
        Builtin::Trim => strings::change("trim", args, budget),
        Builtin::LowerAscii => strings::change("lowerAscii", args, budget),
        Builtin::UpperAscii => strings::change("upperAscii", args, budget),
        Builtin::MathCeil => math::rounded("math.ceil", args, f64::ceil),
        Builtin::MathFloor => math::rounded("math.floor", args, f64::floor),
        Builtin::MathRound => math::rounded("math.round", args, f64::round),
        Builtin::MathTrunc => math::rounded("math.trunc", args, f64::trunc),
        Builtin::MathIsNaN => math::tested("math.isNaN", args, f64::is_nan),
        Builtin::MathIsInf => math::tested("math.isInf", args, f64::is_infinite),
        Builtin::MathIsFinite => math::tested("math.isFinite", args, f64::is_finite),
        Builtin::MathAbs => math::abs(args),
        Builtin::MathSign => math::sign(args),
        Builtin::MathSqrt => math::sqrt(args),
        Builtin::MathBitAnd => math::bits("math.bitAnd", args, |a, b| a & b),
        Builtin::MathBitOr => math::bits("math.bitOr", args, |a, b| a | b),
        Builtin::MathBitXor => math::bits("math.bitXor", args, |a, b| a ^ b),
        Builtin::MathBitNot => math::bit_not(args),
        Builtin::MathBitShiftLeft => math::shift("math.bitShiftLeft", args),
        Builtin::MathBitShiftRight => math::shift("math.bitShiftRight", args),
        Builtin::MathGreatest => math::extreme("math.@max", args, budget),
        Builtin::MathLeast => math::extreme("math.@min", args, budget),
    }
}
