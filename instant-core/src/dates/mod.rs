//! Parses dates to microseconds since 1970 (`docs/protocol/instaql.md`, "11. Values").
//!
//! A real server parses operands of a query itself, and stored dates in its database, by different
//! rules: [`operand`] and [`stored`]. A value that [`stored`] rejects cannot be stored as a date.
//! Words that depend on the current time, such as `today`, get it as an argument.

mod civil;
mod exact;
mod fields;
mod operand_formats;
mod scan;
mod timestamp;
mod zone;

pub use exact::{day_to_value, nanoseconds, to_value};

use crate::{Number, Value, json::Reader};

/// The date after all others, `infinity`.
pub const INFINITY: i64 = i64::MAX;
/// The date before all others, `-infinity`.
pub const MINUS_INFINITY: i64 = i64::MIN;

const DAY: i64 = 86_400_000_000;

/// Parses an operand of a query, or a value by which a returned list is ordered. Numbers are
/// milliseconds, without their fraction.
///
/// ```
/// use instant_core::dates;
///
/// let noon = instant_core::Value::from("2025-01-02T12:00:00Z");
/// assert_eq!(dates::operand(&noon), Some(1_735_819_200_000_000));
/// ```
pub fn operand(value: &Value) -> Option<i64> {
    match value {
        Value::Number(Number::Int(millis)) => Some(millis.saturating_mul(1000)),
        Value::Number(Number::Float(millis)) if millis.is_finite() => {
            Some((millis.trunc() as i64).saturating_mul(1000))
        }
        Value::String(text) => operand_text(text),
        _ => None,
    }
}

/// Parses an operand that is a string. Words that depend on the current time are left to
/// [`relative`].
///
/// ```
/// use instant_core::dates;
///
/// assert_eq!(dates::operand_text("1/1/1970"), Some(0));
/// assert_eq!(dates::operand_text("today"), None);
/// ```
pub fn operand_text(text: &str) -> Option<i64> {
    word(text).or_else(|| operand_formats::parse(text))
}

/// Parses `now`, `today`, `tomorrow` and `yesterday`. `now` is in microseconds since 1970.
///
/// ```
/// use instant_core::dates;
///
/// assert_eq!(dates::relative("now", 7), Some(7));
/// assert_eq!(dates::relative("today", 7), Some(0));
/// ```
pub fn relative(text: &str, now: i64) -> Option<i64> {
    let today = now - now.rem_euclid(DAY);
    match text {
        "now" => Some(now),
        "today" => Some(today),
        "tomorrow" => Some(today + DAY),
        "yesterday" => Some(today - DAY),
        _ => None,
    }
}

/// Parses the JSON of a stored value. `now` returns the current time in microseconds since 1970.
///
/// ```
/// use instant_core::dates;
///
/// assert_eq!(dates::stored("1.5", || 0), Some(1500));
/// assert_eq!(dates::stored(r#""Jan 1, 1970""#, || 0), Some(0));
/// ```
pub fn stored(json: &str, now: impl FnOnce() -> i64) -> Option<i64> {
    match json.as_bytes() {
        [b'"', ..] => stored_text(&Reader::new(json).string().ok()?, now),
        [b'-' | b'0'..=b'9', ..] => match json.parse::<i64>() {
            Ok(millis) => Some(millis.saturating_mul(1000)),
            // The database rounds to microseconds.
            Err(_) => json.parse::<f64>().ok().map(|millis| (millis * 1000.0).round() as i64),
        },
        _ => None,
    }
}

/// Parses a stored string. `now` returns the current time in microseconds since 1970.
///
/// ```
/// use instant_core::dates;
///
/// assert_eq!(dates::stored_text("Jan 1, 1970", || 0), Some(0));
/// assert_eq!(dates::stored_text("now", || 7), Some(7));
/// ```
pub fn stored_text(text: &str, now: impl FnOnce() -> i64) -> Option<i64> {
    timestamp::parse(text, now)
}

fn word(text: &str) -> Option<i64> {
    match text {
        "epoch" => Some(0),
        "infinity" => Some(INFINITY),
        "-infinity" => Some(MINUS_INFINITY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-01-02T00:00:00Z.
    const NEW_YEAR: i64 = 1_735_776_000_000_000;

    #[test]
    fn operand_accepts_the_formats_of_the_server() {
        for text in [
            "2025-01-02T00:00:00Z",
            "2025-01-02T05:30:00+05:30",
            "2025-01-02T05:30:00+0530",
            "2025-01-01T16:00:00-08",
            "2025-01-01T19:00:00EST",
            "2025-01-01T24:00:00Z",
            "2025-01-02T00:00:00",
            "2025-01-02T00:00",
            "2025-01-02",
            "2025-1-2T0:0:00Z",
            "  2025-01-02 ",
            "+2025-01-02",
            "2025-01-02 00:00:00",
            "2025-01-02 00:00",
            "2025-01-02 00:00:00.000+00",
            "Thu, 02 Jan 2025 00:00:00 GMT",
            "02 Jan 2025 00:00:00 GMT",
            "Thu, 02 Jan 2025 00:00:00 +0200",
            "1/2/2025, 12:00:00 AM",
            "1/2/2025",
            "01-02-2025",
            "Thu Jan 02 2025 00:00:00 GMT+0000",
            "Thu Jan 02 2025 01:00:00 GMT+0100",
            "Thu Jan 02 2025",
            "\"2025-01-02T00:00:00Z\"",
            "2025-01-02T01:00:00+01:00[Europe/Berlin]",
        ] {
            assert_eq!(operand_text(text), Some(NEW_YEAR), "{text}");
        }
        assert_eq!(operand_text("2025-02-30"), operand_text("2025-02-28"));
        assert_eq!(operand_text("2025-01-02T00:00:00.1234567Z"), Some(NEW_YEAR + 123_457));
        assert!(operand_text("12025-01-02").is_some_and(|micros| micros > NEW_YEAR));
    }

    #[test]
    fn operand_rejects_other_texts() {
        for text in [
            "",
            "soon",
            "now",
            "2025",
            "2025-01",
            "2025-01-0",
            "2025-1-2",
            "20250102",
            "2025-13-01",
            "2025-01-32",
            "2025-01-02 00:00:00+00:00",
            "8/4/2025, 23:02:31",
            "1735776000000",
            "4-17-2025",
            "January 8, 1999",
            "Fri Jan 02 2025",
            "Thu Jan 2 2025",
            "2025-01-02T25:00:00Z",
            "\"",
            "\"\"",
            " epoch",
            "EPOCH",
            "é",
        ] {
            assert_eq!(operand_text(text), None, "{text}");
        }
    }

    #[test]
    fn stored_accepts_the_formats_of_the_database() {
        for text in [
            "2025-01-02",
            "2025-1-2",
            "20250102",
            "January 2, 2025",
            "Jan 2 2025",
            "Thu, 02 Jan 2025 02:00:00 +0200",
            "2025-01-02 00:00:00+00:00",
            "1/2/2025",
            "2025-01-02T00:00:00Z",
            "Thu Jan 02 2025 00:00:00 GMT+0000",
        ] {
            assert_eq!(stored_text(text, || 0), Some(NEW_YEAR), "{text}");
        }
        assert_eq!(stored_text("2025-02-30", || 0), None);
        assert_eq!(stored_text("Infinity", || 0), Some(INFINITY));
        assert_eq!(stored(r#""tomorrow""#, || NEW_YEAR + 5), Some(NEW_YEAR + DAY));
        assert_eq!(stored("1735776000000.5", || 0), Some(NEW_YEAR + 500));
        assert_eq!(operand(&Value::from(1_735_776_000_000.5)), Some(NEW_YEAR));
        assert_eq!(relative("yesterday", NEW_YEAR + 5), Some(NEW_YEAR - DAY));
    }
}
