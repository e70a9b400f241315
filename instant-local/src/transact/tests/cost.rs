//! The cost of transactions: their counted work, and what ends them.

use std::time::Duration;

use instant_core::{Value, steps};

use super::{app, json};
use crate::{
    app::App,
    budget::tests::LAST,
    caller::Caller,
    failure::Failure,
    limits::Limits,
    request::{CancelFlag, RequestContext},
    rules::{self, RuleSource, RulesCache},
    store::Store,
    transact::{TransactOptions, execute},
};

const ID: &str = "a1000000-0000-4000-8000-000000000000";

fn new_app(rules: &str) -> App {
    let app = app(Store::in_memory(), "");
    if !rules.is_empty() {
        rules::push(&app, json(rules).as_object().unwrap()).unwrap();
    }
    app
}

fn perform(app: &App, context: &RequestContext, steps: &str, limits: &Limits) -> Result<i64, Failure> {
    let cache = RulesCache::default();
    let steps = steps::parse(&Value::parse(steps).unwrap()).unwrap();
    let options = TransactOptions::new(limits, RuleSource::stored(&cache));
    execute(app, context, &steps, options).map(|outcome| outcome.number)
}

/// Returns the work of the last of several transactions in units.
fn work(caller: Caller, rules: &str, transactions: &[String]) -> u64 {
    let (app, context) = (new_app(rules), RequestContext::internal(caller));
    for steps in transactions {
        let outcome = perform(&app, &context, steps, &Limits::new());
        let denied = |failure: &Failure| failure.error.kind.as_deref() == Some("permission-denied");
        assert!(outcome.as_ref().err().is_none_or(denied), "{outcome:?}");
    }
    LAST.get()
}

fn attributes(count: usize, value: &str) -> String {
    let values = Vec::from_iter((0..count).map(|at| format!("\"a{at}\": {value}"))).join(",");
    format!(r#"["update", "wide", "{ID}", {{{values}}}]"#)
}

fn many(count: usize, step: impl Fn(usize) -> String) -> String {
    format!("[{}]", Vec::from_iter((0..count).map(step)).join(","))
}

/// Returns transactions of a size.
type Shape<'a> = &'a dyn Fn(usize) -> Vec<String>;

#[test]
fn work_grows_with_the_size_of_a_transaction() {
    const DENY: &str = r#"{"$default": {"allow": {"$default": "false"}}}"#;
    const ALLOW: &str = r#"{"$default": {"allow": {"$default": "data.id != null"}}}"#;
    let row = |count| vec![format!("[{}]", attributes(count, "1"))];
    let update =
        |count| vec![format!("[{}]", attributes(count, "1")), format!("[{}]", attributes(count, "2"))];
    let merges =
        |count| vec![many(count, |at| format!(r#"["merge", "wide", "{ID}", {{"m": {{"key{at}": {at}}}}}]"#))];
    let params = |count| {
        let step = |at: usize| {
            let id = format!("a1000000-0000-4000-8000-{at:012}");
            format!(r#"["ruleParams", "wide", "{id}", {{"p": 1}}], ["update", "wide", "{id}", {{"a": 1}}]"#)
        };
        vec![many(count, step)]
    };
    let links = |count| {
        let step = |at: usize| {
            let id = format!("a1000000-0000-4000-8000-{at:012}");
            format!(r#"["update", "wide", "{id}", {{"a": 1}}], ["link", "wide", "{id}", {{"hub": "{ID}"}}]"#)
        };
        vec![many(count, step)]
    };
    let shapes: [(&str, Shape<'_>); 5] =
        [("row", &row), ("update", &update), ("merges", &merges), ("params", &params), ("links", &links)];
    for (shape, transactions) in shapes {
        for (caller, rules) in [(Caller::Admin, ""), (Caller::Guest, DENY), (Caller::Guest, ALLOW)] {
            let (half, whole) =
                (work(caller, rules, &transactions(200)), work(caller, rules, &transactions(400)));
            let doubled = (15 * half..=23 * half).contains(&(10 * whole));
            assert!(doubled && half > 200, "{shape} as {caller:?} with {rules}: {half}, then {whole}");
        }
    }
}

#[test]
fn transactions_end_in_time_and_when_their_caller_leaves() {
    let steps =
        many(300, |at| format!(r#"["update", "wide", "a1000000-0000-4000-8000-{at:012}", {{"a": 1}}]"#));
    let one = format!("[{}]", attributes(1, "1"));
    let context = RequestContext { cancel: CancelFlag::new(), ..RequestContext::internal(Caller::Admin) };
    let app = new_app("");
    let slow = perform(&app, &context, &steps, &Limits::new().time(Duration::ZERO)).unwrap_err();
    assert_eq!((slow.status, &*slow.error.message), (429, "The transaction took too long to complete."));
    context.cancel.set();
    for steps in [&steps, &one] {
        let left = perform(&app, &context, steps, &Limits::new()).unwrap_err();
        assert_eq!(left.error.kind.as_deref(), Some("connection-closed"));
    }
    assert_eq!(super::rows(&app, "wide"), "[]");
    assert!(perform(&app, &RequestContext::internal(Caller::Admin), &one, &Limits::new()).is_ok());
}
