//! The spellings of a date (`instaql.md` 11), read to microseconds since 1970.
//!
//! A query's operand and a stored text are read by different parts of the real server, and so by different rules here:
//! [`operand`] and [`stored`]. What [`stored`] cannot read may not be stored as a date.

mod civil;
mod fields;
mod scan;
mod spelling;
mod timestamp;
mod zone;

use instant_core::{Number, Value, json::Reader};

/// Later than every instant.
pub(crate) const INFINITY: i64 = i64::MAX;
/// Earlier than every instant.
pub(crate) const MINUS_INFINITY: i64 = i64::MIN;

const DAY: i64 = 86_400_000_000;

/// The instant that an operand or a value in a returned list stands for; none if it is no date. Numbers are
/// milliseconds, and lose their fraction.
pub(crate) fn operand(value: &Value) -> Option<i64> {
    match value {
        Value::Number(Number::Int(millis)) => Some(millis.saturating_mul(1000)),
        Value::Number(Number::Float(millis)) if millis.is_finite() => {
            Some((millis.trunc() as i64).saturating_mul(1000))
        }
        Value::String(text) => operand_text(text),
        _ => None,
    }
}

/// The instant that an operand's text stands for; none for words that depend on the clock, see [`relative`].
pub(crate) fn operand_text(text: &str) -> Option<i64> {
    word(text).or_else(|| spelling::read(text))
}

/// `now`, `today`, `tomorrow` or `yesterday` at `now`, in microseconds since 1970.
pub(crate) fn relative(text: &str, now: i64) -> Option<i64> {
    let today = now - now.rem_euclid(DAY);
    match text {
        "now" => Some(now),
        "today" => Some(today),
        "tomorrow" => Some(today + DAY),
        "yesterday" => Some(today - DAY),
        _ => None,
    }
}

/// The instant that a stored value stands for, from its JSON text.
pub(crate) fn stored(json: &str) -> Option<i64> {
    match json.as_bytes() {
        [b'"', ..] => stored_text(&Reader::new(json).string().ok()?),
        [b'-' | b'0'..=b'9', ..] => match json.parse::<i64>() {
            Ok(millis) => Some(millis.saturating_mul(1000)),
            // Rounds to the microsecond, as the database does.
            Err(_) => json.parse::<f64>().ok().map(|millis| (millis * 1000.0).round() as i64),
        },
        _ => None,
    }
}

/// The instant that a stored text stands for, if it is a date at all. Words that depend on the clock stand for now.
pub(crate) fn stored_text(text: &str) -> Option<i64> {
    timestamp::read(text, crate::app::now().saturating_mul(1000))
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
    fn operands() {
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
    fn no_operands() {
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
    fn stored_texts() {
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
            assert_eq!(stored_text(text), Some(NEW_YEAR), "{text}");
        }
        assert_eq!(stored_text("2025-02-30"), None);
        assert_eq!(stored_text("Infinity"), Some(INFINITY));
        assert_eq!(stored("1735776000000.5"), Some(NEW_YEAR + 500));
        assert_eq!(operand(&Value::from(1_735_776_000_000.5)), Some(NEW_YEAR));
        assert_eq!(relative("yesterday", NEW_YEAR + 5), Some(NEW_YEAR - DAY));
    }
}
