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

#[derive(InstantValue, Debug, Clone, PartialEq)]
enum Phase {
    Draft,
    #[instant(rename = "sent out")]
    Sent,
    #[instant(other)]
    Other(String),
}

#[test]
fn a_variant_holds_the_strings_of_no_other() {
    check::<Phase>(&[
        (r#""draft""#, r#""draft""#),
        (r#""sent out""#, r#""sent out""#),
        (r#""archived""#, r#""archived""#),
        (r#""Draft""#, r#""Draft""#),
        (r#""""#, r#""""#),
        (r#""a\"é""#, r#""a\"é""#),
        ("7", "expected a string, found 7"),
        ("null", "expected a string, found null"),
    ]);
    check::<Option<Phase>>(&[("null", "null"), (r#""paid""#, r#""paid""#)]);
    let read = |json| Phase::read(&mut Reader::new(json)).unwrap();
    assert_eq!([read(r#""sent out""#), read(r#""paid""#)], [Phase::Sent, Phase::Other("paid".to_owned())]);

    #[derive(InstantEntity)]
    #[instant(namespace = "letters")]
    struct Letter {
        id: Id<Letter>,
        phase: Phase,
    }
    let query = Letter::query().filter(|l| l.phase.one_of([Phase::Draft, Phase::Other("paid".to_owned())]));
    assert_eq!(
        query.to_json().unwrap().to_string(),
        r#"{"letters":{"$":{"where":{"phase":{"$in":["draft","paid"]}}}}}"#
    );

    // An enum that a macro generates.
    macro_rules! word {
        ($name:ident $rest:ident $ty:ty) => {
            #[derive(InstantValue, Debug, PartialEq)]
            enum $name {
                Known,
                #[instant(other)]
                $rest($ty),
            }
        };
    }
    word! { Word Rest String }
    check::<Word>(&[(r#""known""#, r#""known""#), (r#""x""#, r#""x""#)]);
}

#[test]
fn merge_rejects_what_the_type_cannot_contain() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Settings {
        payment_days: u32,
        currency: String,
    }

    #[derive(InstantEntity)]
    #[instant(namespace = "clients")]
    struct Customer {
        id: Id<Customer>,
        settings: Json<Settings>,
        draft: Option<Json<Settings>>,
        notes: Option<serde_json::Value>,
        tree: Option<Value>,
    }

    let id = Id::new();
    let text = |built: Result<Value, BuildError>| {
        built.map_or_else(|error| error.to_string(), |json| json.to_string().replace(&id.to_string(), "ID"))
    };
    let soon = || json!({"payment_days": "soon"});
    let want = r#"payment_days: invalid type: string "soon", expected u32; the attribute is a `Settings`"#;
    assert_eq!(text(Customer::merge(id, |c| c.settings, soon()).to_json()), format!("settings: {want}"));
    assert_eq!(text(Customer::update(id).merge(|c| c.draft, soon()).to_json()), format!("draft: {want}"));
    assert_eq!(
        text(Customer::update(id).merge_at(|c| c.settings, ["payment_days"], "soon").to_json()),
        format!("settings: {want}")
    );
    assert_eq!(
        text(Customer::merge(id, |c| c.settings, json!({"payment_days": 14})).to_json()),
        r#"[["merge","clients","ID",{"settings":{"payment_days":14}}]]"#
    );
    assert!(Customer::merge(id, |c| c.notes, soon()).to_json().is_ok());
    let infinite = Value::from_iter([f64::INFINITY]);
    assert_eq!(
        text(Customer::merge(id, |c| c.tree, infinite).to_json()),
        "tree: [0]: the number inf cannot be written as JSON"
    );
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
        ("1e300", "expected a date that `Timestamp` can hold, found 1e300"),
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
        (r#""2025-01-02T03:04:05.5Z""#, r#""2025-01-02T03:04:05.5Z""#),
        ("1740873600000", r#""2025-03-02T00:00:00Z""#),
        ("-1500", r#""1969-12-31T23:59:58.5Z""#),
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

/// Reads what was written, and expects the same value.
#[track_caller]
fn reads_back<T: AttrValue + PartialEq + std::fmt::Debug>(value: T, want: &str) {
    let json = value.to_value().unwrap().to_string();
    assert_eq!(json, want);
    assert_eq!(T::read(&mut Reader::new(&json)), Ok(value), "{json}");
}

const NOT_STORED: &str = "cannot be stored: Instant stores dates from 4714 BC to the year 294276, and those before \
                          the year 1 only in whole milliseconds";

#[track_caller]
fn is_rejected(value: &impl AttrValue, date: &str) {
    assert_eq!(value.to_value().unwrap_err().to_string(), format!("the date {date} {NOT_STORED}"));
}

#[test]
fn dates_at_the_edges_read_back() {
    reads_back(Timestamp::MAX, r#""9999-12-30T22:00:00.999999999Z""#);
    reads_back(jiff::civil::Date::MAX, r#""9999-12-31""#);
    reads_back(jiff::civil::date(1, 1, 1), r#""0001-01-01""#);
    reads_back(jiff::civil::date(0, 12, 31), "-62135683200000");
    reads_back(jiff::civil::date(-4000, 2, 29), "-188389929600000");
    is_rejected(&jiff::civil::Date::MIN, "-009999-01-01");
    is_rejected(&Timestamp::MIN, "-009999-01-02T01:59:59Z");
    let before_christ = Timestamp::from_second(-70_000_000_000).unwrap();
    reads_back(before_christ, "-70000000000000");
    is_rejected(&(before_christ + std::time::Duration::from_micros(1)), "-000249-10-15T19:33:20.000001Z");
    // Another client stored a date that the type cannot hold.
    check::<Timestamp>(&[
        (r#""9999-12-31""#, r#"expected a date that `Timestamp` can hold, found "9999-12-31""#),
        ("9224318015999999", "expected a date that `Timestamp` can hold, found 9224318015999999"),
        ("1e17", "expected a date that `Timestamp` can hold, found 1e17"),
        (r#""infinity""#, r#"expected a date, found "infinity""#),
    ]);
    check::<jiff::civil::Date>(&[
        ("253402300799999", r#""9999-12-31""#),
        ("253402300800000", "expected a date that `Date` can hold, found 253402300800000"),
    ]);
}

#[test]
fn dates_of_other_clients_are_read() {
    for text in [
        "Fri Jan 02 2026 10:00:00 GMT+0000",
        "Fri, 02 Jan 2026 10:00:00 GMT",
        "1/2/2026, 10:00:00 AM",
        "2026-1-2 10:00",
        "2026-01-02T09:59:60Z",
        "20260102T100000Z",
        "Jan 2, 2026 10:00 UTC",
        " 2026-01-02T12:00+02:00 ",
    ] {
        check::<Timestamp>(&[(&format!("\"{text}\""), r#""2026-01-02T10:00:00Z""#)]);
        check::<jiff::civil::Date>(&[(&format!("\"{text}\""), r#""2026-01-02""#)]);
    }
    check::<Timestamp>(&[
        (r#""2026-01-01T24:00:00Z""#, r#""2026-01-02T00:00:00Z""#),
        (r#""2025-1-2""#, r#""2025-01-02T00:00:00Z""#),
        (r#""EPOCH""#, r#""1970-01-01T00:00:00Z""#),
    ]);
    let now = Timestamp::read(&mut Reader::new(r#""now""#)).unwrap();
    assert!((Timestamp::now() - now).get_seconds() < 600, "{now}");
}

#[cfg(feature = "chrono")]
#[test]
fn chrono_dates_at_the_edges_read_back() {
    use chrono::{DateTime, NaiveDate, Utc};

    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    reads_back(at("9999-12-31T23:59:59.999999999Z"), r#""9999-12-31T23:59:59.999999999Z""#);
    let far =
        NaiveDate::from_ymd_opt(200_000, 12, 31).unwrap().and_hms_nano_opt(1, 2, 3, 4).unwrap().and_utc();
    reads_back(far, r#""200000-12-31T01:02:03.000000004Z""#);
    reads_back(NaiveDate::MAX, r#""262142-12-31""#);
    reads_back(NaiveDate::from_ymd_opt(-4713, 11, 24).unwrap(), "-210866803200000");
    assert!(NaiveDate::MIN.to_value().is_err() && DateTime::<Utc>::MIN_UTC.to_value().is_err());
    // A leap second is the second after it.
    check::<DateTime<Utc>>(&[(r#""2016-12-31T23:59:60Z""#, r#""2017-01-01T00:00:00Z""#)]);
    assert_eq!(at("2016-12-31T23:59:60Z").to_value().unwrap(), Value::from("2017-01-01T00:00:00Z"));
}

#[cfg(feature = "time")]
#[test]
fn time_dates_at_the_edges_read_back() {
    use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

    reads_back(PrimitiveDateTime::MAX.assume_utc(), r#""9999-12-31T23:59:59.999999999Z""#);
    let early = Date::from_calendar_date(-1, Month::March, 1).unwrap().with_time(Time::MIDNIGHT).assume_utc();
    reads_back(early, "-62193657600000");
    assert!(PrimitiveDateTime::MIN.assume_utc().to_value().is_err());
    let east = OffsetDateTime::UNIX_EPOCH.to_offset(UtcOffset::from_hms(5, 30, 0).unwrap());
    reads_back(east, r#""1970-01-01T00:00:00Z""#);
}
