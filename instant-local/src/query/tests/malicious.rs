//! Malicious queries end in time, on a small stack.

use std::time::Duration;

use instant_core::{Object, Value};

use super::fixture::{self, Fixture, short};
use crate::{
    app::App,
    caller::Caller,
    failure::Failure,
    limits::Limits,
    query::QueryOptions,
    request::{CancelFlag, RequestContext},
    rules::{RuleSource, RulesCache},
};

fn people() -> Fixture {
    let schema = r#"{"entities": {"people": {"attrs": {
            "name": {"valueType": "string", "config": {"indexed": true}}, "note": {"valueType": "json", "config": {}}}}},
        "links": {"peopleBoss": {"forward": {"on": "people", "has": "one", "label": "boss"},
                                 "reverse": {"on": "people", "has": "many", "label": "team"}},
                  "peopleFriends": {"forward": {"on": "people", "has": "many", "label": "friends"},
                                    "reverse": {"on": "people", "has": "many", "label": "friendOf"}}}}"#;
    let all = (0..30).map(|at| format!("\"P{at}\"")).collect::<Vec<_>>().join(",");
    let rows = Vec::from_iter((0..30).map(|at| {
        let boss = if at == 0 { r#", "boss": "P0""# } else { "" };
        (format!("P{at}"), format!(r#"{{"name": "n{at}", "friends": [{all}]{boss}}}"#))
    }));
    let rows = Vec::from_iter(rows.iter().map(|(id, values)| ("people", id.as_str(), values.as_str())));
    Fixture::new(schema, &rows)
}

fn run(app: &App, query: &Value, limits: &Limits) -> Result<usize, Failure> {
    run_as(&RequestContext::internal(Caller::Admin), app, query, limits)
}

fn run_as(context: &RequestContext, app: &App, query: &Value, limits: &Limits) -> Result<usize, Failure> {
    let rules = RulesCache::default();
    let options = QueryOptions::new(limits, RuleSource::stored(&rules));
    let response = fixture::run_as(context, app, query, &options)?.into_response()?;
    Ok(response.body.len())
}

/// Runs `work` on a stack of the size that a server's thread has.
fn on_a_small_stack<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, work).unwrap();
        thread.join().unwrap()
    })
}

fn object(key: &str, value: impl Into<Value>) -> Value {
    Object::from_iter([(key.to_owned(), value.into())]).into()
}

fn people_where(condition: Value) -> Value {
    object("people", object("$", object("where", condition)))
}

#[test]
fn deep_queries_fit_a_small_stack() {
    let fixture = people();
    let app = &fixture.apps[0];
    on_a_small_stack(|| {
        // The reader allows a thousand levels. Forms of that depth have rows at every level,
        // because P0 is their own boss.
        let forms = (0..990).fold(Value::from(Object::new()), |form, _| object("boss", form));
        let filtered = object("people", forms);
        assert!(run(app, &filtered, &Limits::default()).unwrap() > 990 * 10);
        let wrong = (0..990).fold(object("$", object("limit", 0)), |form, _| object("boss", form));
        let rejected = run(app, &object("people", wrong), &Limits::default()).unwrap_err();
        assert!(rejected.error.to_json().to_string().len() > 990 * 10);
        for word in ["and", "or"] {
            let deep = (0..490).fold(object("name", "n1"), |condition, at| {
                let other = object("note", at as i64);
                object(word, Value::Array(vec![condition, other]))
            });
            assert!(run(app, &people_where(deep), &Limits::default()).is_ok());
        }
        let path = format!("{}.name", ["boss"; 100].join("."));
        assert!(run(app, &people_where(object(&path, "n0")), &Limits::default()).is_ok());
        let path = format!("{}.name", ["boss"; 100_000].join("."));
        let rejected = run(app, &people_where(object(&path, "n0")), &Limits::default()).unwrap_err();
        assert_eq!((rejected.status, rejected.error.kind.as_deref()), (400, Some("validation-failed")));
    });
}

#[test]
fn wide_queries_complete() {
    let fixture = people();
    on_a_small_stack(|| {
        let members = Vec::from_iter((0..10_000).map(|at| object("name", format!("n{at}"))));
        for word in ["and", "or"] {
            let query = people_where(object(word, Value::Array(members.clone())));
            assert!(run(&fixture.apps[0], &query, &Limits::default()).is_ok());
        }
        let keys: Object = (0..10_000).map(|at| (format!("friends.name{at}"), Value::from("x"))).collect();
        assert!(run(&fixture.apps[0], &people_where(keys.into()), &Limits::default()).is_ok());
        let names = Value::from_iter((0..100_000).map(|at| format!("n{at}")));
        let query = people_where(object("name", object("$in", names)));
        assert!(run(&fixture.apps[0], &query, &Limits::default()).unwrap() > 30 * 36);
        let ids = Value::from_iter((0..100_000).map(|at| short(&format!("P{at}")).to_string()));
        let query = people_where(object("friends", object("$in", ids)));
        assert!(run(&fixture.apps[0], &query, &Limits::default()).unwrap() > 30 * 36);
        // The part before a slash is ignored, so that all of these are one form.
        let forms = |name: &str| {
            Object::from_iter((0..10_000).map(|at| (format!("{at}/{name}"), Object::new().into())))
        };
        let once =
            run(&fixture.apps[0], &object("people", object("team", Object::new())), &Limits::default())
                .unwrap();
        for query in [Value::from(forms("people")), object("people", forms("team"))] {
            assert!(run(&fixture.apps[0], &query, &Limits::default()).unwrap() <= once, "{once}");
        }
        // Converted to a normal form, this condition would have 2^60 branches.
        let either =
            |at: usize| object("or", Value::Array(vec![object("name", format!("n{at}")), object("note", 1)]));
        let query = people_where(object("and", Value::from_iter((0..60).map(either))));
        assert!(run(&fixture.apps[0], &query, &Limits::default()).is_ok());
    });
}

#[test]
fn endless_query_is_cancelled_when_the_caller_leaves() {
    let fixture = people();
    let path = format!("{}.note", ["friends"; 8].join("."));
    let query = people_where(object(&path, "missing"));
    let context = RequestContext { cancel: CancelFlag::new(), ..RequestContext::internal(Caller::Admin) };
    context.cancel.set();
    let limits = Limits { time: Duration::MAX, ..Limits::default() };
    for app in &fixture.apps {
        let rejected = run_as(&context, app, &query, &limits).unwrap_err();
        assert_eq!(rejected.error.kind.as_deref(), Some("connection-closed"));
    }
}

#[test]
fn endless_query_times_out() {
    let fixture = people();
    // All people are friends of each other, so that a search for a missing one tries 30^8 paths.
    let path = people_where(object(&format!("{}.note", ["friends"; 8].join(".")), "missing"));
    let knot =
        r#"{"friends.boss.note": 1, "friendOf.team.note": 2, "friends.friends.friends.friends.note": 3}"#;
    let knot = people_where(Value::parse(knot).unwrap());
    let limits = Limits { time: Duration::from_millis(50), ..Limits::default() };
    for app in &fixture.apps {
        let rejected = run(app, &path, &limits).unwrap_err();
        assert_eq!((rejected.status, rejected.error.kind.as_deref()), (429, Some("timeout")));
        assert_eq!(rejected.error.message, "The query took too long to complete.");
        // A fast machine may complete this one in time.
        if let Err(rejected) = run(app, &knot, &limits) {
            assert_eq!(rejected.error.kind.as_deref(), Some("timeout"));
        }
    }
}
