//! Transactions as data: a schema, steps, and the rows or the refusal that come of them.

mod intents;
mod model;
mod refusing;
mod required;
mod stale;
mod together;
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

/// An app with a schema, which is JSON as a client sends it.
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

/// What the integrity check finds.
pub(crate) fn disagreements(app: &App) -> Vec<String> {
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

/// `'` for `"`, and `A1` for an id that begins with `a1`.
pub(crate) fn spell(text: &str) -> String {
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
    perform(app, &json(&spell(steps)), &Limits::default())
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

/// The rows of a namespace in the order of their creation, without their ids' tails.
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

/// Performs transactions and compares what is then in `namespace`, or what the last one is refused with.
pub(super) fn check(schema: &str, transactions: &[&str], namespace: &str, want: &str) {
    on_both_stores(schema, |app| {
        let mut refused = None;
        for (index, steps) in transactions.iter().enumerate() {
            match transact(app, steps) {
                Ok(_) => {}
                Err(failure) if index + 1 == transactions.len() => refused = Some(failure.to_string()),
                Err(failure) => panic!("{steps}: {failure}"),
            }
        }
        let got = match refused {
            Some(refused) => refused.replace("000000-0000-4000-8000-000000000000", ""),
            None => rows(app, namespace),
        };
        assert_eq!(got, want, "{transactions:?}");
        assert_eq!(disagreements(app), Vec::<String>::new(), "{transactions:?}");
    });
}
