//! Timestamps and durations: their spellings, and the parts of a timestamp in a time zone.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::error::EvalError;

const SECOND: i128 = 1_000_000_000;
/// The years 1 to 9999.
const RANGE: std::ops::RangeInclusive<i128> =
    -62_135_596_800 * SECOND..=253_402_300_799 * SECOND + SECOND - 1;
/// What a duration can hold: about 10,000 years.
const LONGEST: i128 = 315_576_000_000 * SECOND;

/// A timestamp within the years that there are.
pub(super) fn timestamp(nanos: i128) -> Result<i128, EvalError> {
    let beyond = || EvalError::internal("the timestamp lies outside of the years 1 to 9999");
    RANGE.contains(&nanos).then_some(nanos).ok_or_else(beyond)
}

/// A duration of a length that there is.
pub(super) fn duration(nanos: i128) -> Result<i128, EvalError> {
    let beyond = || EvalError::internal("the duration is longer than 10000 years");
    (nanos.abs() <= LONGEST).then_some(nanos).ok_or_else(beyond)
}

/// As `1h30m`, `1.5s`, `-100ms`.
pub(super) fn parse_duration(text: &str) -> Result<i128, EvalError> {
    let invalid = || EvalError::format("invalid duration format");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    let mut nanos = 0_i128;
    while !rest.is_empty() || nanos == 0 {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(invalid)?;
        let (number, unit) = rest.split_at(digits);
        let units: [(&str, i128); 7] = [
            ("ns", 1),
            ("us", 1_000),
            ("µs", 1_000),
            ("ms", 1_000_000),
            ("s", SECOND),
            ("m", 60 * SECOND),
            ("h", 3600 * SECOND),
        ];
        let (name, size) = units.into_iter().find(|(name, _)| unit.starts_with(name)).ok_or_else(invalid)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || whole.len() > 18 || fraction.contains('.') {
            return Err(invalid());
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let fraction: f64 = format!("0.{fraction}0").parse().map_err(|_| invalid())?;
        nanos += whole * size + (fraction * size as f64).round() as i128;
        rest = &unit[name.len()..];
        if rest.is_empty() {
            break;
        }
    }
    duration(if negative { -nanos } else { nanos })
}

/// As JSON has durations: seconds, with three, six or nine digits behind the point.
pub(super) fn duration_text(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, rest) = (nanos.abs() / SECOND, nanos.abs() % SECOND);
    format!("{sign}{seconds}{}s", fraction(rest))
}

/// As `2024-01-01T00:00:00Z`.
pub(super) fn timestamp_text(nanos: i128) -> String {
    let at = civil(nanos);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        fraction(nanos.rem_euclid(SECOND))
    )
}

fn fraction(nanos: i128) -> String {
    match nanos {
        0 => String::new(),
        nanos if nanos % 1_000_000 == 0 => format!(".{:03}", nanos / 1_000_000),
        nanos if nanos % 1_000 == 0 => format!(".{:06}", nanos / 1_000),
        nanos => format!(".{nanos:09}"),
    }
}

/// A part of a timestamp, by the name of the function that asks for it.
pub(super) fn part(function: &str, nanos: i128, zone: Option<&str>) -> Result<i64, EvalError> {
    let at = civil(nanos + offset(nanos, zone.unwrap_or("UTC"))?);
    Ok(i64::from(match function {
        "getFullYear" => at.year(),
        "getMonth" => i16::from(at.month()) - 1,
        "getDate" => i16::from(at.day()),
        "getDayOfMonth" => i16::from(at.day()) - 1,
        "getDayOfWeek" => i16::from(at.weekday().to_sunday_zero_offset()),
        "getDayOfYear" => at.day_of_year() - 1,
        "getHours" => i16::from(at.hour()),
        "getMinutes" => i16::from(at.minute()),
        "getSeconds" => i16::from(at.second()),
        _ => at.millisecond(),
    }))
}

/// A whole duration in the unit that a function's name says; milliseconds are those of its last second.
pub(super) fn duration_part(function: &str, nanos: i128) -> i64 {
    let value = match function {
        "getHours" => nanos / (3600 * SECOND),
        "getMinutes" => nanos / (60 * SECOND),
        "getSeconds" => nanos / SECOND,
        _ => nanos % SECOND / 1_000_000,
    };
    value as i64
}

/// How far the clocks of a zone are ahead, in nanoseconds: of a name, or of an offset as `+05:30`.
fn offset(nanos: i128, zone: &str) -> Result<i128, EvalError> {
    if matches!(zone, "UTC" | "Z") {
        return Ok(0);
    }
    let unknown = || EvalError::format(format!("Unknown time-zone ID: {zone}"));
    if let Some((hours, minutes)) = zone.split_once(':') {
        let negative = hours.starts_with('-');
        let hours: i128 = hours.trim_start_matches(['+', '-']).parse().map_err(|_| unknown())?;
        let minutes: i128 = minutes.parse().map_err(|_| unknown())?;
        if hours > 18 || !(0..60).contains(&minutes) {
            return Err(unknown());
        }
        let ahead = (hours * 60 + minutes) * 60 * SECOND;
        return Ok(if negative { -ahead } else { ahead });
    }
    let zone = TimeZone::get(zone).map_err(|_| unknown())?;
    let at = Timestamp::from_second((nanos / SECOND) as i64).unwrap_or_default();
    Ok(i128::from(zone.to_offset(at).seconds()) * SECOND)
}

fn civil(nanos: i128) -> DateTime {
    let nanos = nanos.clamp(*RANGE.start(), *RANGE.end());
    let (days, rest) = (nanos.div_euclid(86_400 * SECOND), nanos.rem_euclid(86_400 * SECOND));
    let midnight = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let span = jiff::SignedDuration::new((days * 86_400 + rest / SECOND) as i64, (rest % SECOND) as i32);
    midnight.saturating_add(span)
}
