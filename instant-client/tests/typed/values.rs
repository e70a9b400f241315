//! Each Rust type that an attribute can have: what it reads, and what it writes.

use instant_client::{AttrValue, Uuid, prelude::*};
use instant_core::json::Reader;

use crate::model::Status;

#[derive(InstantValue, Debug, PartialEq)]
struct Slug(String);

#[derive(InstantValue, Debug, PartialEq)]
#[instant(rename_all = "SCREAMING_SNAKE_CASE")]
enum Level {
    VeryHigh,
    Low,
}

/// Reads `json`, and writes what was read.
fn round<T: AttrValue>(json: &str) -> String {
    match T::read(&mut Reader::new(json)) {
        Ok(value) => value.to_value().map_or_else(|error| error.to_string(), |value| value.to_string()),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn check<T: AttrValue>(cases: &[(&str, &str)]) {
    for (json, want) in cases {
        assert_eq!(round::<T>(json), *want, "{json} as {}", std::any::type_name::<T>());
    }
}

#[test]
fn texts() {
    check::<String>(&[
        (r#""a\"é""#, r#""a\"é""#),
        ("1", "expected a string, found 1"),
        ("null", "expected a string, found null"),
    ]);
    check::<Option<String>>(&[("null", "null"), (r#""a""#, r#""a""#)]);
    check::<Slug>(&[(r#""a""#, r#""a""#), ("1", "expected a string, found 1")]);
    check::<Status>(&[(r#""open""#, r#""open""#), (r#""finished""#, r#""finished""#)]);
    check::<Level>(&[
        (r#""VERY_HIGH""#, r#""VERY_HIGH""#),
        (r#""LOW""#, r#""LOW""#),
        ("1", r#"expected one of "VERY_HIGH", "LOW", found 1"#),
    ]);
    check::<Uuid>(&[
        (r#""8aa64e4c-64f9-472e-8a61-3fa28870e6cb""#, r#""8aa64e4c-64f9-472e-8a61-3fa28870e6cb""#),
        (r#""8aa""#, r#"expected a UUID, found "8aa""#),
    ]);
}

#[test]
fn numbers() {
    check::<i64>(&[
        ("1", "1"),
        ("-1.0", "-1"),
        ("1e2", "100"),
        ("1.5", "expected a whole number (i64), found 1.5"),
        ("1e30", "expected a whole number (i64), found 1e30"),
        ("9007199254740992", "9007199254740992"),
        (
            "9007199254740993",
            "the number 9007199254740993 exceeds 2^53, up to which JSON numbers are exact; store it as a string",
        ),
        ("9223372036854775808", "expected a whole number (i64), found 9223372036854775808"),
    ]);
    check::<u8>(&[
        ("255", "255"),
        ("256", "expected a whole number (u8), found 256"),
        ("-1", "expected a whole number (u8), found -1"),
    ]);
    check::<u64>(&[(
        "18446744073709551615",
        "the number 18446744073709551615 exceeds 2^53, up to which JSON numbers are exact; store it as a string",
    )]);
    check::<f64>(&[
        ("1", "1.0"),
        ("1.5", "1.5"),
        ("true", "expected a number, found true"),
        ("1e400", "the number inf cannot be written as JSON"),
    ]);
    check::<f32>(&[("1.5", "1.5")]);
    check::<bool>(&[("true", "true"), ("0", "expected a boolean, found 0")]);
}

#[test]
fn json() {
    check::<serde_json::Value>(&[(r#"{"a":[1,null]}"#, r#"{"a":[1,null]}"#), ("null", "null")]);
    check::<Option<Json<Vec<u8>>>>(&[("[1,2]", "[1,2]"), ("null", "null")]);
    check::<Json<(String, u8)>>(&[(r#"["a",1]"#, r#"["a",1]"#)]);
}

#[test]
fn dates() {
    check::<Timestamp>(&[
        (r#""2025-01-02T03:04:05Z""#, r#""2025-01-02T03:04:05Z""#),
        (r#""2025-01-02T03:04:05.678+01:00""#, r#""2025-01-02T02:04:05.678Z""#),
        (r#""2025-01-02""#, r#""2025-01-02T00:00:00Z""#),
        (r#""2025-01-02T03:04:05""#, r#""2025-01-02T03:04:05Z""#),
        (r#""2025-01-15 20:53:08.89""#, r#""2025-01-15T20:53:08.89Z""#),
        ("1740873600000", r#""2025-03-02T00:00:00Z""#),
        ("0", r#""1970-01-01T00:00:00Z""#),
        ("1.5", r#""1970-01-01T00:00:00.0015Z""#),
        (r#""soon""#, r#"expected a date, found "soon""#),
        ("1e300", "expected a date, found 1e300"),
        ("null", "expected a date, found null"),
    ]);
    check::<jiff::civil::Date>(&[
        (r#""2025-01-02""#, r#""2025-01-02""#),
        (r#""2025-01-02T23:00:00-05:00""#, r#""2025-01-03""#),
        ("1740873600000", r#""2025-03-02""#),
    ]);
}

#[cfg(feature = "chrono")]
#[test]
fn chrono_dates() {
    check::<chrono::DateTime<chrono::Utc>>(&[
        (r#""2025-01-02T03:04:05.5Z""#, r#""2025-01-02T03:04:05.500Z""#),
        ("1740873600000", r#""2025-03-02T00:00:00Z""#),
        ("-1500", r#""1969-12-31T23:59:58.500Z""#),
    ]);
    check::<chrono::NaiveDate>(&[(r#""2025-01-02""#, r#""2025-01-02""#)]);
}

#[cfg(feature = "time")]
#[test]
fn time_dates() {
    check::<time::OffsetDateTime>(&[
        (r#""2025-01-02T03:04:05.5Z""#, r#""2025-01-02T03:04:05.5Z""#),
        ("-1500", r#""1969-12-31T23:59:58.5Z""#),
    ]);
}
