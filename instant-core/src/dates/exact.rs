//! Writes dates in a form that operands of a query and stored values share, and reads it back to the
//! nanosecond.
//!
//! Servers count microseconds, but return stored values as they were written.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{DAY, INFINITY, MINUS_INFINITY, civil, stored_text};
use crate::Value;

const NANOS_PER_DAY: i128 = DAY as i128 * 1000;
/// The first year that a text can name without `BC`.
const FIRST_YEAR: i64 = 1;
/// The last year whose dates all fit into 64 bits of microseconds.
const LAST_YEAR: i64 = 294_246;
/// The milliseconds that a server stores as a date (`docs/protocol/transactions.md`, "6. Values").
const MILLISECONDS: std::ops::Range<i128> = -210_866_803_200_000..9_224_318_016_000_000;

/// Writes a point in time, in nanoseconds since 1970: `2025-01-02T03:04:05.678Z`. A date outside the
/// years 1 to 294246 becomes a number of milliseconds.
///
/// Returns `None` for a date that no server stores (before 4714 BC, after 294276), and for one that
/// would be a number with a fraction.
///
/// ```
/// use instant_core::dates;
///
/// assert_eq!(dates::to_value(1_500_000_000).unwrap().to_string(), r#""1970-01-01T00:00:01.5Z""#);
/// ```
pub fn to_value(nanos: i128) -> Option<Value> {
    let days = i64::try_from(nanos.div_euclid(NANOS_PER_DAY)).ok()?;
    let Some(day) = day_text(days) else { return milliseconds(nanos) };
    let nanos = nanos.rem_euclid(NANOS_PER_DAY);
    let (seconds, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{day}T{hours:02}:{minutes:02}:{seconds:02}");
    if fraction > 0 {
        let digits = format!(".{fraction:09}");
        text.push_str(digits.trim_end_matches('0'));
    }
    text.push('Z');
    Some(text.into())
}

/// Writes a day, in days since 1970: `2025-01-02`. A day outside the years 1 to 294246 becomes a
/// number of milliseconds.
///
/// Returns `None` for a day that no server stores (before 4714 BC, after 294276).
///
/// ```
/// use instant_core::dates;
///
/// assert_eq!(dates::day_to_value(1).unwrap().to_string(), r#""1970-01-02""#);
/// ```
pub fn day_to_value(days: i64) -> Option<Value> {
    match day_text(days) {
        Some(text) => Some(text.into()),
        None => milliseconds(i128::from(days) * NANOS_PER_DAY),
    }
}

fn day_text(days: i64) -> Option<String> {
    let (year, month, day) = civil::from_days(days)?;
    (FIRST_YEAR..=LAST_YEAR).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn milliseconds(nanos: i128) -> Option<Value> {
    let millis = nanos / 1_000_000;
    let is_stored = nanos % 1_000_000 == 0 && MILLISECONDS.contains(&millis);
    i64::try_from(millis).ok().filter(|_| is_stored).map(Value::from)
}

/// Reads a stored string to the nanosecond, where it has this precision. Returns nanoseconds since
/// 1970; `now` returns the current time in microseconds since 1970.
///
/// Returns `None` for a text that is not a date, and for `infinity` and `-infinity`.
///
/// ```
/// use instant_core::dates;
///
/// let nanos = |text| dates::nanoseconds(text, || 0);
/// assert_eq!(nanos("1970-01-01T00:00:01.000000001Z"), Some(1_000_000_001));
/// assert_eq!(nanos("Thu Jan 01 1970 00:00:01 GMT+0000"), Some(1_000_000_000));
/// assert_eq!(nanos("infinity"), None);
/// ```
pub fn nanoseconds(text: &str, now: impl FnOnce() -> i64) -> Option<i128> {
    if let Some(nanos) = written(text) {
        return Some(nanos);
    }
    let precise = precise(text);
    match stored_text(text, now) {
        Some(INFINITY | MINUS_INFINITY) => None,
        // The range of 64 bits ends before that of the database.
        Some(micros) if micros == INFINITY - 1 || micros == MINUS_INFINITY + 1 => None,
        Some(micros) => {
            let rounded = i128::from(micros) * 1000;
            Some(precise.filter(|precise| (precise - rounded).abs() <= 500).unwrap_or(rounded))
        }
        // A query accepts some forms that cannot be stored. Attributes without a type can hold them.
        None => precise,
    }
}

/// Reads a date in the form that [`to_value`] and [`day_to_value`] write.
fn written(text: &str) -> Option<i128> {
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        let is_number = digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|_| is_number)
    };
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, time.strip_suffix('Z')?),
        None => (text, "00:00:00"),
    };
    let mut parts = date.splitn(3, '-');
    let mut next = |digits| number(parts.next()?, digits);
    let (year, month, day) = (next(4..=6)?, next(2..=2)?, next(2..=2)?);
    let is_day = (FIRST_YEAR..=LAST_YEAR).contains(&year)
        && (1..=12).contains(&month)
        && (1..=civil::days_in(year, month)).contains(&day);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = clock.splitn(3, ':');
    let mut next = || number(parts.next()?, 2..=2);
    let (hour, minute, second) = (next()?, next()?, next()?);
    if !is_day || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let digits = u32::try_from(fraction.len()).ok()?;
    let fraction = number(fraction, 1..=9)? * 10_i64.pow(9 - digits);
    let seconds = civil::days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(fraction))
}

/// Reads RFC 3339 and RFC 9557, and a date without a time zone as one in UTC.
fn precise(text: &str) -> Option<i128> {
    let text = text.trim();
    let local = |text: &str| text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    let time = text.parse::<Timestamp>().ok().or_else(|| Some(local(text)?.timestamp()))?;
    Some(time.as_nanosecond())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::dates::operand;

    fn read(value: &Value) -> Option<i128> {
        match value {
            Value::String(text) => nanoseconds(text, || 0),
            value => Some(i128::from(value.as_i64()?) * 1_000_000),
        }
    }

    #[test]
    fn dates_at_the_edges_are_written() {
        let day = |year, month, day| i128::from(civil::days(year, month, day)) * NANOS_PER_DAY;
        for (nanos, want) in [
            (0, r#""1970-01-01T00:00:00Z""#),
            (-1, r#""1969-12-31T23:59:59.999999999Z""#),
            (day(1, 1, 1), r#""0001-01-01T00:00:00Z""#),
            (day(10_000, 1, 1) - 1, r#""9999-12-31T23:59:59.999999999Z""#),
            (day(10_000, 1, 1), r#""10000-01-01T00:00:00Z""#),
            (day(294_247, 1, 1) - 1, r#""294246-12-31T23:59:59.999999999Z""#),
            (day(294_247, 1, 1), "9223371244800000"),
            (day(1, 1, 1) - 1_000_000, "-62135596800001"),
            (day(-4713, 11, 24), "-210866803200000"),
        ] {
            let value = to_value(nanos).unwrap();
            assert_eq!(value.to_string(), want);
            assert_eq!(read(&value), Some(nanos), "{want}");
        }
        for nanos in
            [day(1, 1, 1) - 1, day(-4713, 11, 24) - 1_000_000, day(294_277, 1, 1), i128::MAX, i128::MIN]
        {
            assert_eq!(to_value(nanos), None, "{nanos}");
        }
        assert_eq!(day_to_value(civil::days(0, 12, 31)).unwrap().to_string(), "-62135683200000");
        assert_eq!(day_to_value(civil::days(9999, 12, 31)).unwrap().to_string(), r#""9999-12-31""#);
        assert_eq!([day_to_value(i64::MAX), day_to_value(i64::MIN)], [None, None]);
    }

    #[test]
    fn forms_of_other_clients_are_read() {
        /// 2026-01-02T10:00:00Z.
        const TEN: i128 = 1_767_348_000_000_000_000;
        for (text, want) in [
            ("Fri Jan 02 2026 10:00:00 GMT+0000", TEN),
            ("Fri, 02 Jan 2026 10:00:00 GMT", TEN),
            ("1/2/2026, 10:00:00 AM", TEN),
            ("2026-1-2 10:00", TEN),
            ("2026-01-02T11:00:00.000000001+01:00", TEN + 1),
            ("2026-01-02T10:00:00.000000001", TEN + 1),
            ("2026-01-02T11:00:00+01:00[Europe/Berlin]", TEN),
            ("2026-01-02 11:00:00 Europe/Berlin", TEN),
            ("2026-01-01T24:00:00Z", TEN - 36_000_000_000_000),
            // The database has no leap seconds.
            ("2026-01-02T09:59:60Z", TEN),
            ("20260102T100000Z", TEN),
            ("now", 7000),
        ] {
            assert_eq!(nanoseconds(text, || 7), Some(want), "{text}");
        }
        for text in
            ["soon", "", "infinity", "-infinity", "2026-02-30", "2026-13-01", "294277-01-01", "T", "é"]
        {
            assert_eq!(nanoseconds(text, || 7), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn dates_read_back(seconds in -300_000_000_000_i64..10_000_000_000_000, nanos in 0_u32..1_000_000_000) {
            let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
            let Some(value) = to_value(nanos) else { return Ok(()) };
            prop_assert_eq!(read(&value), Some(nanos));
            // The server reads it alike, to the microsecond, as a stored value and as an operand.
            let micros = operand(&value);
            if let (Value::String(text), Some(micros)) = (&value, micros) {
                prop_assert_eq!(stored_text(text, || 0), Some(micros));
                prop_assert!((i128::from(micros) * 1000 - nanos).abs() <= 500);
            }
            if let Ok(time) = Timestamp::from_nanosecond(nanos) && nanos > -62_135_596_800_000_000_000 {
                prop_assert_eq!(value, Value::from(time.to_string()));
            }
        }

        #[test]
        fn no_text_panics(text in "[0-9a-zA-Z:/., +-]{0,30}") {
            let _ = (nanoseconds(&text, || 0), stored_text(&text, || 0), crate::dates::operand_text(&text));
        }
    }
}
