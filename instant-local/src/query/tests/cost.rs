//! The cost of queries: their counted work, and the limits on what they hold.

use std::time::Duration;

use instant_core::{Object, Value};

use super::fixture::{Fixture, run_as, short};
use crate::{
    app::App,
    budget::tests::LAST,
    caller::Caller,
    failure::Failure,
    limits::Limits,
    query::QueryOptions,
    request::{CancelFlag, RequestContext},
    rules::{self, RuleSource, RulesCache},
};

/// Creates rows whose `name` has `length` characters, and which are all linked to each other.
fn notes(rows: usize, length: usize) -> Fixture {
    let schema = r#"{"entities": {"notes": {"attrs": {
            "name": {"valueType": "string", "config": {"indexed": true}}, "big": {"valueType": "string", "config": {}}}}},
        "links": {"l": {"forward": {"on": "notes", "has": "many", "label": "friends"},
                        "reverse": {"on": "notes", "has": "many", "label": "friendOf"}}}}"#;
    let all = Vec::from_iter((0..rows).map(|at| format!("\"N{at}\""))).join(",");
    let name = "a".repeat(length.min(1000));
    let big = "b".repeat(length);
    let values = format!(r#"{{"name": "{name}", "big": "{big}", "friends": [{all}]}}"#);
    let ids = Vec::from_iter((0..rows).map(|at| format!("N{at}")));
    Fixture::new(schema, &Vec::from_iter(ids.iter().map(|id| ("notes", id.as_str(), values.as_str()))))
}

fn run(context: &RequestContext, app: &App, query: &Value, limits: &Limits) -> Result<usize, Failure> {
    let cache = RulesCache::default();
    let options = QueryOptions::new(limits, RuleSource::stored(&cache));
    Ok(run_as(context, app, query, &options)?.into_response()?.body.len())
}

/// Returns the work of a query in units.
fn work(context: &RequestContext, app: &App, query: &Value) -> u64 {
    run(context, app, query, &Limits::new()).unwrap();
    LAST.get()
}

fn object(key: &str, value: impl Into<Value>) -> Value {
    Object::from_iter([(key.to_owned(), value.into())]).into()
}

fn notes_where(condition: Value) -> Value {
    object("notes", object("$", object("where", condition)))
}

#[track_caller]
fn check_double(half: u64, whole: u64) {
    assert!((15 * half..=25 * half).contains(&(10 * whole)), "{half} units, then {whole} for twice as much");
}

#[test]
fn patterns_cost_what_they_compare() {
    let admin = RequestContext::internal(Caller::Admin);
    let patterns = |count: usize, pattern: &str| {
        let like = |at| object("name", object("$like", format!("%{pattern}{at}")));
        notes_where(object("or", Value::from_iter((0..count).map(like))))
    };
    let fixture = notes(20, 1000);
    for app in &fixture.apps {
        let half = work(&admin, app, &patterns(50, "x"));
        // Each pattern compares 1,000 characters of 20 rows, and 64 comparisons are a unit.
        assert!(half >= 50 * 20 * 1000 / 64, "{half}");
        check_double(half, work(&admin, app, &patterns(100, "x")));
        // Each character of the text can begin a match of 100 others.
        let repeated = work(&admin, app, &patterns(50, &"a".repeat(100)));
        assert!(repeated > 30 * half, "{repeated} after {half}");
    }
    let short = notes(20, 500);
    let half = work(&admin, &short.apps[0], &patterns(50, "x"));
    check_double(half, work(&admin, &fixture.apps[0], &patterns(50, "x")));
}

#[test]
fn lists_of_operands_are_counted_while_they_are_resolved() {
    let context = RequestContext { cancel: CancelFlag::new(), ..RequestContext::internal(Caller::Admin) };
    context.cancel.set();
    // There are no rows, so that all work is that of the operands.
    let fixture = notes(0, 0);
    let ids = Value::from_iter((0..1000).map(|at| short(&format!("N{at}")).to_string()));
    let names = Value::from_iter((0..1000).map(|at| format!("n{at}")));
    let either = Value::from_iter((0..1000).map(|at| object("name", format!("n{at}"))));
    for condition in [
        object("id", object("$in", ids.clone())),
        object("friends", object("$in", ids.clone())),
        object("friends.id", object("$in", ids)),
        object("name", object("$in", names.clone())),
        object("big", object("$in", names)),
        object("or", either),
    ] {
        for app in &fixture.apps {
            let query = notes_where(condition.clone());
            let left = run(&context, app, &query, &Limits::new().time(Duration::MAX)).unwrap_err();
            assert_eq!(left.error.kind.as_deref(), Some("connection-closed"));
            let timeout = RequestContext::internal(Caller::Admin);
            let timeout = run(&timeout, app, &query, &Limits::new().time(Duration::ZERO)).unwrap_err();
            assert!(timeout.is_timeout(), "{timeout}");
        }
    }
}

#[track_caller]
fn check_limited(outcome: Result<usize, Failure>, limit: &str) {
    let failure = outcome.unwrap_err();
    let hint = failure.error.hint.as_ref().and_then(|hint| hint.get("limit"));
    assert_eq!((failure.error.kind.as_deref(), hint), (Some("limit-exceeded"), Some(&limit.into())));
}

#[test]
fn responses_and_rows_are_limited() {
    let admin = RequestContext::internal(Caller::Admin);
    // 20 rows of 10 KB, of which a nested form repeats each 20 or 400 times.
    let fixture = notes(20, 10_000);
    let friends = |levels: usize| {
        object("notes", (0..levels).fold(Value::from(Object::new()), |form, _| object("friends", form)))
    };
    for app in &fixture.apps {
        let limits = Limits::new().response_bytes(300_000);
        assert!(run(&admin, app, &friends(0), &limits).is_ok_and(|bytes| bytes < 300_000));
        for levels in [1, 2, 5] {
            check_limited(run(&admin, app, &friends(levels), &limits), "response_bytes");
        }
        let limits = Limits::new().held_bytes(300_000);
        check_limited(run(&admin, app, &friends(1), &limits), "held_bytes");
        // A scan keeps the documents of its rows.
        let ordered = r#"{"notes": {"$": {"where": {"big": {"$isNull": false}}, "fields": ["name"]}}}"#;
        let ordered = Value::parse(ordered).unwrap();
        check_limited(run(&admin, app, &ordered, &Limits::new().held_bytes(100_000)), "held_bytes");
        assert!(run(&admin, app, &ordered, &Limits::new()).is_ok());
    }
    let full = Limits::new().shared_bytes(1_000_000);
    check_limited(run(&admin, &fixture.apps[0], &friends(1), &full), "shared_bytes");
}

/// Returns a query by a guest with a `view` rule.
fn with_rule(app: &App, rule: &str, params: &str, limits: &Limits) -> Result<u64, Failure> {
    let code = object("notes", object("allow", object("view", rule)));
    rules::push(app, code.as_object().unwrap()).unwrap();
    let query = Value::parse(&format!(r#"{{"notes": {{}}, "$$ruleParams": {params}}}"#)).unwrap();
    run(&RequestContext::internal(Caller::Guest), app, &query, limits)?;
    Ok(LAST.get())
}

#[test]
fn rules_count_their_steps_and_what_they_create() {
    let fixture = notes(20, 10_000);
    let app = &fixture.apps[0];
    let list = |items: usize| format!("{{\"l\": [{}]}}", vec!["1"; items].join(","));
    let rule = "ruleParams.l.all(x, x == 1)";
    let half = with_rule(app, rule, &list(2000), &Limits::new()).unwrap();
    check_double(half, with_rule(app, rule, &list(4000), &Limits::new()).unwrap());
    assert!(half > 20 * 2000 / 8, "{half}");
    for rule in [
        "ruleParams.l.map(x, data.big).size() > 0",
        "ruleParams.l.map(x, data.big.split('')).size() > 0",
        "ruleParams.l.map(x, data.big + data.big).size() > 0",
        "ruleParams.l.map(x, data.big.upperAscii()).size() > 0",
        "ruleParams.l.map(x, data.big.replace('b', 'cc')).size() > 0",
        "ruleParams.l.map(x, data.ref('friends.big')).size() > 0",
    ] {
        check_limited(
            with_rule(app, rule, &list(500), &Limits::new().held_bytes(700_000)).map(|_| 0),
            "held_bytes",
        );
    }
    let steps = with_rule(app, rule, &list(2000), &Limits::new().rule_steps(1000)).unwrap_err();
    assert_eq!(steps.error.kind.as_deref(), Some("permission-evaluation-failed"));
    // One row's values do not count for the next one.
    let once = "data.big.upperAscii().size() > 0";
    assert!(with_rule(app, once, "{}", &Limits::new().held_bytes(700_000)).is_ok());
}

#[test]
fn rules_end_when_the_caller_leaves() {
    let fixture = notes(1, 10);
    let app = &fixture.apps[0];
    let code = object("notes", object("allow", object("view", "ruleParams.l.all(x, x == 1 || x == 2)")));
    rules::push(app, code.as_object().unwrap()).unwrap();
    let context = RequestContext { cancel: CancelFlag::new(), ..RequestContext::internal(Caller::Guest) };
    context.cancel.set();
    let list = vec!["1"; 5000].join(",");
    let query = Value::parse(&format!(r#"{{"notes": {{}}, "$$ruleParams": {{"l": [{list}]}}}}"#)).unwrap();
    let left = run(&context, app, &query, &Limits::new()).unwrap_err();
    assert_eq!(left.error.kind.as_deref(), Some("connection-closed"));
}
