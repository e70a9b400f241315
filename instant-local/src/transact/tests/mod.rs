//! Tests of transactions as data: a schema, steps, and the expected rows or error.

mod concurrency;
mod cost;
mod intents;
mod model;
mod rejection;
mod required;
mod stale_plans;
mod writing;

use std::sync::Arc;

use instant_core::{Uuid, Value, schema::Schema, steps};

use super::{TransactOptions, execute};
use crate::{
    app::App,
    caller::Caller,
    check,
    document::Document,
    failure::Failure,
    layout,
    limits::Limits,
    request::RequestContext,
    rules::{RuleSource, RulesCache},
    schema,
    state::AppInfo,
    store::{Direction, Durability, Store},
};

/// Creates an app with a schema, in the JSON that clients send.
pub(crate) fn app(store: Store, schema: &str) -> App {
    let schema = if schema.is_empty() { "{}" } else { schema };
    let schema = Schema::parse(&json(schema)).unwrap();
    let info = AppInfo { id: Uuid::new_v4(), admin_token: Uuid::new_v4(), title: "Test".into(), created: 0 };
    create(store, info, &schema).unwrap()
}

/// Creates an app in an empty store.
pub(crate) fn create(store: Store, info: AppInfo, schema: &Schema) -> Result<App, Failure> {
    App::create(store, info, Arc::default(), |transaction, now| {
        schema::write_initial(transaction, schema, now)
    })
}

/// Returns the findings of the integrity check.
pub(crate) fn findings(app: &App) -> Vec<String> {
    check::check(app.state().unwrap()).unwrap()
}

/// Runs `test` on an app in memory and on one in a file.
pub(crate) fn on_both_stores(schema: &str, test: impl Fn(&App)) {
    test(&app(Store::in_memory(), schema));
    let directory = tempfile::tempdir().unwrap();
    let file = Store::open(&directory.path().join("app.db"), Durability::Relaxed).unwrap();
    test(&app(file, schema));
}

pub(crate) fn json(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Expands shorthand: `'` to `"`, and `#a1` to an id that starts with `a1`.
pub(crate) fn expand(text: &str) -> String {
    let mut out = String::new();
    let text = text.replace('\'', "\"");
    let mut rest = text.as_str();
    while let Some(at) = rest.find('#') {
        out.push_str(&rest[..at]);
        let short = &rest[at + 1..at + 3];
        out.push_str(&format!("{short}000000-0000-4000-8000-000000000000"));
        rest = &rest[at + 3..];
    }
    out + rest
}

pub(crate) fn transact(app: &App, steps: &str) -> Result<i64, Failure> {
    perform(app, &json(&expand(steps)), &Limits::default())
}

/// Performs steps as the admin.
pub(crate) fn perform(app: &App, steps: &Value, limits: &Limits) -> Result<i64, Failure> {
    let (context, rules) = (RequestContext::internal(Caller::Admin), RulesCache::default());
    let run = || {
        let steps = steps::parse(steps).map_err(|invalid| Failure::invalid_request(&invalid))?;
        let options = TransactOptions::new(limits, RuleSource::stored(&rules));
        execute(app, &context, &steps, options).map(|outcome| outcome.number)
    };
    run().map_err(|failure| failure.quoting(steps))
}

/// Returns the rows of a namespace in the order of their creation, with shortened ids.
pub(crate) fn rows(app: &App, namespace: &str) -> String {
    let state = app.state().unwrap();
    let Some(namespace) = state.catalog.namespace(namespace) else { return "[]".to_owned() };
    let keys = state.snapshot.scan(&layout::creations(namespace.no), Direction::Ascending).unwrap();
    let rows = Vec::from_iter(keys.map(|entry| {
        let id = layout::last_id(&entry.unwrap().0);
        let bytes = state.document(namespace.no, &id).unwrap().expect("a row has a document");
        let row = String::from_utf8(Document::new(&bytes).json().to_vec()).unwrap();
        row.replace("000000-0000-4000-8000-000000000000", "").replace('"', "'")
    }));
    format!("[{}]", rows.join(","))
}

/// Performs transactions, and compares the rows of `namespace` or the error of the last transaction
/// with `want`.
pub(super) fn check(schema: &str, transactions: &[&str], namespace: &str, want: &str) {
    on_both_stores(schema, |app| {
        let mut rejected = None;
        for (index, steps) in transactions.iter().enumerate() {
            match transact(app, steps) {
                Ok(_) => {}
                Err(failure) if index + 1 == transactions.len() => rejected = Some(failure.to_string()),
                Err(failure) => panic!("{steps}: {failure}"),
            }
        }
        let got = match rejected {
            Some(rejected) => rejected.replace("000000-0000-4000-8000-000000000000", ""),
            None => rows(app, namespace),
        };
        assert_eq!(got, want, "{transactions:?}");
        assert_eq!(findings(app), Vec::<String>::new(), "{transactions:?}");
    });
}
