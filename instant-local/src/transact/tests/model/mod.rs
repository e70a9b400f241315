//! Random transactions have the same effect on the backend as on a model without indexes, documents
//! or stores.

mod links;
mod state;
mod steps;

use std::collections::BTreeMap;

use instant_core::{Uuid, Value};
use proptest::{prelude::*, test_runner::Config};

use self::{
    state::State,
    steps::{Action, transactions},
};
use super::{app, findings, on_both_stores, perform};
use crate::{app::App, document::Document, layout, limits::Limits, store::Direction};

const SCHEMA: &str = r#"{"entities": {
    "goals": {"attrs": {"title": {"valueType": "string"}, "rank": {"valueType": "number", "config": {"indexed": true}},
              "code": {"valueType": "string", "config": {"unique": true}}, "meta": {"valueType": "json"}}},
    "people": {"attrs": {"title": {"valueType": "string", "required": true},
               "code": {"valueType": "string", "config": {"unique": true, "indexed": true}}, "meta": {"valueType": "json"}}}},
  "links": {
    "owner": {"forward": {"on": "goals", "has": "one", "label": "owner", "onDelete": "cascade"},
              "reverse": {"on": "people", "has": "many", "label": "goals"}},
    "tags": {"forward": {"on": "goals", "has": "many", "label": "tags"},
             "reverse": {"on": "people", "has": "one", "label": "tagged"}},
    "twin": {"forward": {"on": "goals", "has": "one", "label": "twin"},
             "reverse": {"on": "goals", "has": "one", "label": "twinOf", "onDelete": "cascade"}},
    "fans": {"forward": {"on": "people", "has": "many", "label": "fans"},
             "reverse": {"on": "goals", "has": "many", "label": "fanOf"}}}}"#;

proptest! {
    #![proptest_config(Config { cases: 48, ..Config::default() })]

    #[test]
    fn backend_agrees_with_the_model(transactions in transactions()) {
        on_both_stores(SCHEMA, |app| {
            let mut model = State::default();
            for actions in &transactions {
                step(app, &mut model, actions);
            }
            assert_eq!(findings(app), Vec::<String>::new());
        });
    }
}

fn step(app: &App, model: &mut State, actions: &[Action]) {
    let json = Value::from_iter(actions.iter().map(Action::to_json));
    let before = stored(app);
    let outcome = perform(app, &json, &Limits::default());
    // The backend chooses the ids of entities that lookups create.
    let created = stored(app).into_iter().filter(|(key, _)| !before.contains_key(key));
    let ids = created
        .filter_map(|((namespace, id), row)| Some(((namespace, row.get("code")?.as_str()?.to_owned()), id)));
    let expected = model.after(actions, &ids.collect());
    match (&outcome, expected) {
        (Ok(_), Ok(state)) => *model = state,
        (Err(_), Err(_)) => {}
        (Ok(_), Err(reason)) => panic!("{json} is accepted, but {reason}"),
        (Err(failure), Ok(_)) => panic!("{json} is rejected: {failure}"),
    }
    assert_eq!(stored(app), model.documents(), "after {json}, {outcome:?}");
    assert_eq!(links(app), model.links(), "after {json}, {outcome:?}");
}

type Documents = BTreeMap<(String, Uuid), Value>;

/// Returns all documents, also those that are not rows.
fn stored(app: &App) -> Documents {
    let state = app.state().unwrap();
    let mut out = Documents::new();
    for name in ["goals", "people"] {
        let namespace = state.catalog.namespace(name).unwrap().no;
        for entry in state.snapshot.scan(&layout::entities(namespace), Direction::Ascending).unwrap() {
            let (key, bytes) = entry.unwrap();
            let json = Document::new(&bytes).json().to_vec();
            let json = Value::parse(&String::from_utf8(json).unwrap()).unwrap();
            out.insert((name.to_owned(), layout::last_id(&key)), json);
        }
    }
    out
}

/// Returns all links, as `(label, from, to)`.
fn links(app: &App) -> Vec<(String, Uuid, Uuid)> {
    let state = app.state().unwrap();
    let mut out = Vec::new();
    for attribute in state.catalog.attributes() {
        for entry in state.snapshot.scan(&layout::links(attribute.no), Direction::Ascending).unwrap() {
            let (key, _) = entry.unwrap();
            out.push((attribute.label().to_owned(), layout::first_id(&key), layout::last_id(&key)));
        }
    }
    out.sort();
    out
}

#[test]
fn model_covers_both_cascades() {
    let linked = |label, namespace, from, to| Action {
        edges: vec![(label, vec![steps::EntityKey::Id(steps::id(to))])],
        ..Action::values("link", namespace, steps::id(from), &[])
    };
    let create = |number| Action::values("create", "goals", steps::id(number), &[]);
    let delete = |namespace, number| Action::values("delete", namespace, steps::id(number), &[]);
    on_both_stores(SCHEMA, |app| {
        let mut model = State::default();
        let ada = Action::values("create", "people", steps::id(9), &[("title", "\"Ada\"".to_owned())]);
        step(app, &mut model, &[create(1), create(2), create(3), create(4), ada]);
        step(app, &mut model, &[linked("twin", "goals", 1, 2), linked("owner", "goals", 4, 9)]);
        assert_eq!(model.documents().len(), 5);
        // The twin is deleted with its goal, and the goal with its owner.
        step(app, &mut model, &[delete("goals", 1)]);
        assert_eq!(model.documents().len(), 3);
        step(app, &mut model, &[delete("people", 9)]);
        assert_eq!(model.documents().len(), 1);
    });
}

#[test]
fn model_stores_rows() {
    let app = app(crate::store::Store::in_memory(), SCHEMA);
    let mut model = State::default();
    let create = Action::values("create", "people", steps::id(1), &[("title", "\"Ada\"".to_owned())]);
    step(&app, &mut model, &[create]);
    assert_eq!(model.documents().len(), 1);
}
