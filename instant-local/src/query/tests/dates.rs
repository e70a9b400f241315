//! Dates whose attribute has an index only because it is unique.

use super::fixture::Fixture;

#[test]
fn unique_date_without_index_is_compared_as_json() {
    let attr = |config: &str| {
        format!(
            r#"{{"entities": {{"events": {{"attrs": {{"at": {{"valueType": "date", "config": {config}}}}}}}}}}}"#
        )
    };
    let rows = [("events", "E1", r#"{"at": "2025-03-01"}"#), ("events", "E2", r#"{"at": "2025-03-02"}"#)];
    let unique = Fixture::new(&attr(r#"{"unique": true}"#), &rows);
    let indexed = Fixture::new(&attr(r#"{"unique": true, "indexed": true}"#), &rows);
    for (at, when_unique, when_indexed) in [
        (r#""2025-03-01""#, "E1", "E1"),
        (r#""2025-03-01T00:00:00Z""#, "", "E1"),
        (r#"{"$in": ["2025-03-01T00:00:00Z", "2025-03-02"]}"#, "E2", "E1 E2"),
        ("1740787200000", "", "E1"),
    ] {
        let options = format!(r#"{{"where": {{"at": {at}}}}}"#);
        unique.check_rows("events", &options, when_unique);
        indexed.check_rows("events", &options, when_indexed);
    }
}
