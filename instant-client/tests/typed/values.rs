//! Reading and writing of each Rust type that an attribute can have.

use instant_client::{AttrValue, BuildError, Uuid, Value, prelude::*};
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

/// Reads `json`, and writes the value back.
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
        ("1e400", "expected a number (f64), found 1e400"),
    ]);
    check::<f32>(&[
        ("1.5", "1.5"),
        ("0.1", "0.1"),
        ("0.10000000149011612", "0.1"),
        ("16777217", "16777216"),
        ("1e300", "expected a number (f32), found 1e300"),
    ]);
    check::<bool>(&[("true", "true"), ("0", "expected a boolean, found 0")]);
}

#[test]
fn json() {
    check::<serde_json::Value>(&[(r#"{"a":[1,null]}"#, r#"{"a":[1,null]}"#), ("null", "null")]);
    check::<Option<Json<Vec<u8>>>>(&[("[1,2]", "[1,2]"), ("null", "null")]);
    check::<Json<(String, u8)>>(&[(r#"["a",1]"#, r#"["a",1]"#)]);
}

#[test]
fn f32_is_compared_as_its_shortest_decimal() {
    #[derive(InstantEntity)]
    #[instant(namespace = "readings")]
    struct Reading {
        id: Id<Reading>,
        #[instant(indexed)]
        level: f32,
        other: Option<f32>,
        #[instant(unique)]
        key: Tenths,
    }

    #[derive(InstantValue)]
    struct Tenths(f32);

    let text = |value: Value| value.to_string();
    let query = Reading::query().filter(|r| {
        let either = r.level.gt(0.1).or(r.other.one_of([0.7, 1.1]));
        either.and(r.key.eq(Tenths(0.3)))
    });
    let json = text(query.to_json().unwrap());
    for decimal in [r#"{"$gt":0.1}"#, "[0.7,1.1]", r#""key":0.3"#] {
        assert!(json.contains(decimal), "{json}");
    }
    let write =
        Reading::update(Reading::FIELDS.key.lookup(Tenths(0.6))).set(|r| r.level, 0.2).set(|r| r.other, 0.9);
    assert_eq!(
        text(write.to_json().unwrap()),
        r#"[["update","readings",["key",0.6],{"level":0.2,"other":0.9}]]"#
    );
    let create = Reading::create(NewReading { level: 0.1, key: Tenths(0.4) });
    assert!(text(create.to_json().unwrap()).ends_with(r#"{"level":0.1,"key":0.4}]]"#));
    let json = Json(vec![0.1_f32]).to_value().unwrap();
    assert_eq!(text(json), "[0.1]");
}

#[test]
fn json_with_a_number_that_json_lacks_is_rejected_with_its_path() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Geo {
        at: Vec<f64>,
    }

    #[derive(InstantEntity)]
    #[instant(namespace = "places")]
    struct Place {
        id: Id<Place>,
        geo: Json<Geo>,
        score: Option<Json<f64>>,
        tree: Option<Value>,
    }

    let geo = || Json(Geo { at: vec![1.0, f64::NAN] });
    let good = || Json(Geo { at: vec![1.0] });
    let message = |built: Result<Value, BuildError>| built.unwrap_err().to_string();
    let want = "geo: at[1]: the number NaN cannot be written as JSON";
    assert_eq!(message(Place::create(NewPlace { geo: geo() }).to_json()), want);
    assert_eq!(message(Place::update(Id::new()).set(|p| p.geo, geo()).to_json()), want);
    let score = |score| Place::create(NewPlace { geo: good() }).set(|p| p.score, score).to_json();
    assert_eq!(message(score(Json(f64::INFINITY))), "score: the number inf cannot be written as JSON");
    assert!(score(Json(0.5)).is_ok());
    let tree = Value::from_iter([Value::from(f64::NEG_INFINITY)]);
    let write = Place::update(Id::new()).set(|p| p.tree, tree);
    assert_eq!(message(write.to_json()), "tree: [0]: the number -inf cannot be written as JSON");
    let row = Place { id: Id::new(), geo: geo(), score: None, tree: None };
    assert_eq!(message(Place::put(&row).to_json()), want);
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
