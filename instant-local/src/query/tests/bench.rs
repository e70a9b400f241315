use super::fixture::{short, write};
use crate::{
    app::{App, AppIdentity, Identity, QueryRequest},
    store::{Durability, Store},
};
use instant_core::{Uuid, Value, schema::Schema};
use std::{sync::Arc, time::Instant};

#[test]
fn bench() {
    let schema = r#"{"entities": {
        "owners": {"attrs": {"name": {"valueType": "string", "config": {"indexed": true, "unique": true}}}},
        "goals": {"attrs": {"title": {"valueType": "string", "config": {}}, "priority": {"valueType": "number", "config": {"indexed": true}}}},
        "todos": {"attrs": {"title": {"valueType": "string", "config": {}}, "done": {"valueType": "boolean", "config": {}},
            "dueAt": {"valueType": "number", "config": {"indexed": true}}, "code": {"valueType": "string", "config": {"indexed": true}},
            "text": {"valueType": "string", "config": {}}}}},
        "links": {
        "todosGoal": {"forward": {"on": "todos", "has": "one", "label": "goal"}, "reverse": {"on": "goals", "has": "many", "label": "todos"}},
        "goalsOwner": {"forward": {"on": "goals", "has": "one", "label": "owner"}, "reverse": {"on": "owners", "has": "many", "label": "goals"}}}}"#;
    let schema = Schema::parse(&Value::parse(schema).unwrap()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let stores = [
        ("memory", Store::in_memory()),
        ("file", Store::open(&directory.path().join("x"), Durability::Relaxed).unwrap()),
    ];
    for (name, store) in stores {
        let identity =
            AppIdentity { id: Uuid::nil(), admin_token: Uuid::nil(), title: "t".into(), created: 0 };
        let app = App::create(store, identity, &schema, Arc::default()).unwrap();
        let catalog = app.view().unwrap().catalog;
        app.write(|transaction| {
            for at in 0..1000 {
                write(transaction, &catalog, "owners", &short(&format!("o{at}")), &format!(r#"{{"name": "owner {at}"}}"#), at);
            }
            for at in 0..10_000 {
                write(transaction, &catalog, "goals", &short(&format!("g{at}")), &format!(r#"{{"title": "goal {at} with some words", "priority": {}, "owner": "o{}"}}"#, at % 100, at % 1000), at);
            }
            for at in 0..100_000 {
                let text = "lorem ipsum dolor sit amet ".repeat(7);
                write(transaction, &catalog, "todos", &short(&format!("t{at}")), &format!(r#"{{"title": "todo {at}", "done": {}, "dueAt": {at}, "code": "c{at}", "text": "{text}", "goal": "g{}"}}"#, at % 2 == 0, at / 10), at);
            }
            Ok(())
        }).unwrap();
        let id = short("t777");
        for (what, query) in [
            ("get by id", format!(r#"{{"todos": {{"$": {{"where": {{"id": "{id}"}}}}}}}}"#)),
            ("indexed equality", r#"{"todos": {"$": {"where": {"code": "c777"}}}}"#.to_owned()),
            ("range, ordered, 20", r#"{"todos": {"$": {"where": {"dueAt": {"$gt": 50000}}, "order": {"dueAt": "asc"}, "limit": 20}}}"#.to_owned()),
            ("range, ordered, 20, fields", r#"{"todos": {"$": {"where": {"dueAt": {"$gt": 50000}}, "order": {"dueAt": "asc"}, "limit": 20, "fields": ["dueAt", "title"]}}}"#.to_owned()),
            ("path of three", r#"{"owners": {"$": {"where": {"goals.todos.code": "c777"}}}}"#.to_owned()),
            ("path forward, 100 rows", r#"{"todos": {"$": {"where": {"goal.owner.name": "owner 77"}, "fields": []}}}"#.to_owned()),
            ("100 goals nested", r#"{"goals": {"$": {"limit": 100}, "todos": {}, "owner": {}}}"#.to_owned()),
            ("first 100", r#"{"todos": {"$": {"limit": 100}}}"#.to_owned()),
            ("scan", r#"{"todos": {"$": {"where": {"title": "todo 99000"}}}}"#.to_owned()),
            ("scan not", r#"{"todos": {"$": {"where": {"done": {"$not": true}, "title": {"$isNull": true}}}}}"#.to_owned()),
            ("all", r#"{"todos": {}}"#.to_owned()),
        ] {
            let query = Value::parse(&query).unwrap();
            let request = QueryRequest { query: &query, inference: false };
            let plan = app.explain(&query).unwrap();
            let mut best = f64::MAX;
            let mut bytes = 0;
            let rounds = if what.starts_with("scan") || what == "all" { 1 } else { 100 };
            for _ in 0..(if rounds == 1 { 8 } else { 200 }) {
                let start = Instant::now();
                for _ in 0..rounds {
                    bytes = std::hint::black_box(app.query(&Identity::Admin, request).unwrap()).len();
                }
                best = best.min(start.elapsed().as_secs_f64() / f64::from(rounds));
            }
            println!("{name:8} {what:28} {:10.2} µs  {bytes:9} bytes  {plan:?}", best * 1e6);
        }
    }
}
