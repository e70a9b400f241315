//! Timestamps and durations: parsing, formatting, and the parts of a timestamp in a time zone.

use jiff::{Timestamp, civil::DateTime, fmt::temporal::Pieces, tz::TimeZone};

use super::RuleError;

const SECOND: i128 = 1_000_000_000;
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// The years 1 to 9999.
const RANGE: std::ops::RangeInclusive<i128> =
    -62_135_596_800 * SECOND..=253_402_300_799 * SECOND + SECOND - 1;
/// Maximum length of a duration, about 10,000 years.
const LONGEST: i128 = 315_576_000_000 * SECOND;

/// Checks that a timestamp is within the years 1 to 9999.
pub(crate) fn timestamp(nanos: i128) -> Result<i128, RuleError> {
    let beyond = || RuleError::internal("the timestamp is outside of the years 1 to 9999");
    RANGE.contains(&nanos).then_some(nanos).ok_or_else(beyond)
}

/// Checks that a duration is not too long.
pub(crate) fn duration(nanos: i128) -> Result<i128, RuleError> {
    let beyond = || RuleError::internal("the duration is longer than 10000 years");
    (nanos.abs() <= LONGEST).then_some(nanos).ok_or_else(beyond)
}

/// Parses a duration such as `1h30m`, `1.5s` or `-100ms`.
pub(crate) fn parse_duration(text: &str) -> Result<i128, RuleError> {
    let invalid = || RuleError::format("invalid duration format");
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

/// Formats a duration in seconds, with no, three, six or nine decimals.
pub(crate) fn duration_text(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, rest) = (nanos.abs() / SECOND, nanos.abs() % SECOND);
    format!("{sign}{seconds}{}s", fraction(rest))
}

/// Formats a timestamp as `2024-01-01T00:00:00Z`.
pub(crate) fn timestamp_text(nanos: i128) -> String {
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

/// Returns the part of a timestamp that the function called `function` returns.
pub(crate) fn part(function: &str, nanos: i128, zone: Option<&str>) -> Result<i64, RuleError> {
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

/// Returns a duration in the unit that the function called `function` returns; milliseconds are
/// those of its last second.
pub(crate) fn duration_part(function: &str, nanos: i128) -> i64 {
    let value = match function {
        "getHours" => nanos / (3600 * SECOND),
        "getMinutes" => nanos / (60 * SECOND),
        "getSeconds" => nanos / SECOND,
        _ => nanos % SECOND / 1_000_000,
    };
    value as i64
}

/// Returns the offset of a time zone in nanoseconds. The zone is a name, or an offset such as
/// `+05:30`.
fn offset(nanos: i128, zone: &str) -> Result<i128, RuleError> {
    if matches!(zone, "UTC" | "Z") {
        return Ok(0);
    }
    let unknown = || RuleError::format(format!("Unknown time-zone ID: {zone}"));
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

/// Parses a date or a time of RFC 3339 to nanoseconds since 1970. Times without an offset are in
/// UTC.
pub(super) fn parse_timestamp(text: &str) -> Option<i128> {
    // `jiff::Timestamp` ends a day before the year 9999 does, so its parts are read.
    let pieces = Pieces::parse(text).ok()?;
    let civil = pieces.date().to_datetime(pieces.time().unwrap_or_default());
    let offset = pieces.to_numeric_offset().map_or(0, |offset| i128::from(offset.seconds()));
    Some(civil.duration_since(EPOCH).as_nanos() - offset * SECOND)
}

fn civil(nanos: i128) -> DateTime {
    let nanos = nanos.clamp(*RANGE.start(), *RANGE.end());
    let (days, rest) = (nanos.div_euclid(86_400 * SECOND), nanos.rem_euclid(86_400 * SECOND));
    let span = jiff::SignedDuration::new((days * 86_400 + rest / SECOND) as i64, (rest % SECOND) as i32);
    EPOCH.saturating_add(span)
}
