//! Tests of plans: the source that drives a query, and its estimated cost.

use instant_core::Value;

use super::fixture::{Fixture, run, run_as};
use crate::{
    caller::Caller,
    limits::Limits,
    query::{Outcome, QueryOptions},
    request::RequestContext,
    rules::{self, RuleSource, RulesCache},
};

fn shop() -> Fixture {
    let schema = r#"{"entities": {
        "makers": {"attrs": {"name": {"valueType": "string", "config": {"indexed": true, "unique": true}}}},
        "things": {"attrs": {
            "name": {"valueType": "string", "config": {"indexed": true}},
            "price": {"valueType": "number", "config": {"indexed": true}},
            "sold": {"valueType": "boolean", "config": {"indexed": true}},
            "made": {"valueType": "date", "config": {"indexed": true}},
            "code": {"valueType": "string", "config": {"unique": true}},
            "note": {"valueType": "json", "config": {}}}}},
        "links": {
        "thingsMaker": {"forward": {"on": "things", "has": "one", "label": "maker"},
                        "reverse": {"on": "makers", "has": "many", "label": "things"}},
        "thingsParts": {"forward": {"on": "things", "has": "many", "label": "parts"},
                        "reverse": {"on": "things", "has": "many", "label": "partOf"}}}}"#;
    let mut rows = vec![("makers", "M1".to_owned(), r#"{"name": "Anna"}"#.to_owned())];
    for at in 0..1200 {
        let values = format!(
            r#"{{"name": "thing {at}", "price": {}, "sold": {}, "made": {at}, "code": "c{at}", "note": {at},
                 "maker": "M1", "parts": ["T{}"]}}"#,
            at % 10,
            at % 2 == 0,
            at / 2
        );
        rows.push(("things", format!("T{at}"), values));
    }
    let rows = Vec::from_iter(rows.iter().map(|(a, b, c)| (*a, b.as_str(), c.as_str())));
    Fixture::new(schema, &rows)
}

#[test]
fn most_selective_source_drives_the_query() {
    let fixture = shop();
    for (options, want) in [
        ("{}", "rows as created"),
        (r##"{"where": {"id": "#T7"}}"##, "ids(1)"),
        (r##"{"where": {"id": {"$in": ["#T7", "#T8"]}, "price": 3}}"##, "ids(2)"),
        (r#"{"where": {"$entityIdStartsWith": "54"}}"#, "ids that begin alike"),
        (r#"{"where": {"code": "c7"}}"#, "index things.code = 1 value"),
        (r#"{"where": {"name": "thing 7"}}"#, "index things.name = 1 value"),
        (r#"{"where": {"price": 3, "name": "thing 3"}}"#, "index things.name = 1 value"),
        (r#"{"where": {"price": {"$in": [3, 4, 3]}}}"#, "index things.price = 2 values"),
        (r#"{"where": {"name": {"$gt": "thing 9"}}}"#, "index things.name range"),
        (r#"{"where": {"name": {"$like": "thing 9%"}}}"#, "index things.name range"),
        (r#"{"where": {"note": 3}}"#, "scan"),
        (r#"{"where": {"price": {"$not": 3}}}"#, "scan"),
        (r#"{"where": {"note": {"$isNull": true}, "code": "c9"}}"#, "index things.code = 1 value"),
        (
            r#"{"where": {"or": [{"code": "c1"}, {"name": "thing 2"}]}}"#,
            "union(index things.code = 1 value; index things.name = 1 value)",
        ),
        (r#"{"where": {"or": [{"code": "c1"}, {"code": "c2"}]}}"#, "index things.code = 2 values"),
        (r#"{"where": {"or": [{"code": "c1"}, {"note": 2}]}}"#, "scan"),
        (r##"{"where": {"maker": "#M1"}}"##, "links things.maker of 1 id"),
        (r##"{"where": {"maker.id": "#M1"}}"##, "links things.maker of 1 id"),
        (r#"{"where": {"maker.name": "Anna"}}"#, "index makers.name = 1 value > links things.maker"),
        (
            r#"{"where": {"maker.things.code": "c1"}}"#,
            "index things.code = 1 value > links things.maker > links things.maker",
        ),
        (r#"{"where": {"parts.note": 7}}"#, "all links things.parts"),
        (r#"{"where": {"maker.name": "Anna", "code": "c1"}}"#, "index things.code = 1 value"),
        (r#"{"where": {"typo": 1}}"#, "nothing: a name is unknown"),
    ] {
        fixture.check_plan("things", options, want);
    }
}

#[test]
fn pages_walk_an_order_until_full() {
    let fixture = shop();
    for (options, want) in [
        (r#"{"limit": 5}"#, "walk rows as created"),
        (r#"{"order": {"price": "desc"}, "limit": 5}"#, "walk index things.price"),
        (r#"{"order": {"price": "asc"}}"#, "walk index things.price"),
        (
            r#"{"order": {"made": "asc"}, "limit": 5, "where": {"made": {"$gt": 100}}}"#,
            "walk index things.made range",
        ),
        (
            r#"{"order": {"made": "asc"}, "limit": 5, "where": {"maker.name": "Anna"}}"#,
            "walk index things.made",
        ),
        (
            r#"{"order": {"made": "asc"}, "limit": 5, "where": {"price": 7}}"#,
            "index things.price = 1 value, sorted",
        ),
        (r#"{"order": {"made": "asc"}, "limit": 5, "where": {"note": 7}}"#, "walk index things.made"),
        (r#"{"limit": 5, "where": {"note": 7}}"#, "walk rows as created"),
        (r#"{"order": {"serverCreatedAt": "desc"}, "where": {"note": 7}}"#, "scan, sorted"),
    ] {
        fixture.check_plan("things", options, want);
    }
    fixture.check_rows(
        "things",
        r#"{"order": {"made": "desc"}, "limit": 2, "where": {"made": {"$lt": 100}}}"#,
        "T99 T98",
    );
    fixture.check_rows(
        "things",
        r#"{"order": {"made": "desc"}, "last": 2, "where": {"price": 7}}"#,
        "T17 T7",
    );
    fixture.check_rows(
        "things",
        r#"{"where": {"maker.name": "Anna"}, "order": {"made": "asc"}, "offset": 3, "limit": 1}"#,
        "T3",
    );
}

/// Checks whether a query is small enough to be evaluated inline.
#[track_caller]
fn check_inline(fixture: &Fixture, query: &str, want: bool) {
    let query = Value::parse(query).unwrap();
    for app in &fixture.apps {
        let outcome = run(app, &query, |options| (options.inference, options.inline) = (true, true));
        assert_eq!(matches!(outcome.unwrap(), Outcome::Done(_)), want, "{query}");
    }
}

#[test]
fn inline_evaluation_depends_on_the_plan() {
    let fixture = shop();
    // A large query also ends, at the time limit, but only a small one completes.
    for (options, small) in [
        (r#"{"where": {"code": "c7"}}"#, true),
        (r#"{"where": {"code": {"$in": ["c7", "c8"]}}}"#, true),
        (r#"{"where": {"name": "nothing"}}"#, true),
        (r#"{"where": {"price": {"$gt": 100}}}"#, true),
        (r#"{"where": {"price": 3}}"#, false),
        (r#"{"where": {"note": 3}}"#, false),
        ("{}", false),
        (r#"{"limit": 20}"#, true),
        (r#"{"limit": 20, "offset": 1000}"#, false),
        (r#"{"order": {"price": "desc"}, "first": 20}"#, true),
        (r#"{"order": {"price": "desc"}}"#, false),
        (r#"{"order": {"price": "desc"}, "limit": 1, "where": {"note": 3}}"#, false),
        (r#"{"where": {"code": "c1", "maker.name": "Anna"}}"#, true),
        (r#"{"where": {"maker.name": "Anna"}}"#, false),
        (r#"{"where": {"maker.name": "Berta"}}"#, true),
    ] {
        check_inline(&fixture, &format!(r#"{{"things": {{"$": {options}}}}}"#), small);
    }
    for (query, small) in [
        (r#"{"makers": {}}"#, true),
        (r#"{"things": {"$": {"limit": 50}, "maker": {}}}"#, true),
        (r#"{"things": {"$": {"limit": 50}, "parts": {}}}"#, false),
        (r#"{"makers": {}, "things": {"$": {"limit": 99}}}"#, true),
        (r#"{"makers": {}, "things": {"$": {"limit": 100}}}"#, false),
    ] {
        check_inline(&fixture, query, small);
    }
}

#[test]
fn query_with_rate_limits_takes_its_tokens_once() {
    let fixture = shop();
    let code = r#"{"$rateLimits": {"reads": {"limits": [{"capacity": 1}]}},
        "makers": {"allow": {"view": "rateLimit.reads.limit('all')"}}}"#;
    let (code, query) = (Value::parse(code).unwrap(), Value::parse(r#"{"makers": {}}"#).unwrap());
    for app in &fixture.apps {
        rules::push(app, code.as_object().unwrap()).unwrap();
        let (limits, cache) = (Limits::default(), RulesCache::default());
        let (guest, rules) = (RequestContext::internal(Caller::Guest), RuleSource::stored(&cache));
        let run = |inline| {
            run_as(&guest, app, &query, &QueryOptions { inline, ..QueryOptions::new(&limits, rules) })
        };
        assert_eq!([run(true), run(true)], [Ok(Outcome::TooLarge), Ok(Outcome::TooLarge)]);
        let found = |outcome: Outcome| outcome.into_response().unwrap().body.len() > 20;
        let run = || run(false).map(found).map_err(|failure| failure.status);
        assert_eq!([run(), run()], [Ok(true), Err(429)]);
    }
}
