//! The app that the targets use: goals and todos with values of every type, and links of every
//! cardinality.

use instant_core::{Value, schema::Schema};

use super::{AppEngine, Local};

const SCHEMA: &str = r#"{"entities":
    {"goals": {"attrs": {
        "title": {"valueType": "string", "config": {"indexed": true}},
        "slug": {"valueType": "string", "config": {"indexed": true, "unique": true}},
        "rank": {"valueType": "number", "config": {"indexed": true}},
        "due": {"valueType": "date", "config": {"indexed": true}},
        "done": {"valueType": "boolean", "config": {"indexed": true}},
        "meta": {"valueType": "json"}}},
     "todos": {"attrs": {"title": {"valueType": "string", "required": true, "config": {"indexed": true}}}}},
    "links": {
        "a": {"forward": {"on": "todos", "has": "one", "label": "goal", "onDelete": "cascade"},
              "reverse": {"on": "goals", "has": "many", "label": "todos"}},
        "b": {"forward": {"on": "goals", "has": "many", "label": "friends"},
              "reverse": {"on": "goals", "has": "many", "label": "friendOf"}},
        "c": {"forward": {"on": "goals", "has": "one", "label": "next"},
              "reverse": {"on": "goals", "has": "one", "label": "previous"}}}}"#;

const STEPS: &str = r#"[
    ["update", "goals", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb",
        {"title": "Get fit", "slug": "fit", "rank": 1, "due": "2025-03-01", "done": false, "meta": {"a": [1, 2.5, null]}}],
    ["update", "goals", "8aa64e4c-64f9-472e-8a61-3fa28870e6cc", {"title": "Rest", "slug": "rest", "rank": 2.5}],
    ["update", "todos", "8aa64e4c-64f9-472e-8a61-3fa28870e6cd", {"title": "Run"}],
    ["link", "goals", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"todos": "8aa64e4c-64f9-472e-8a61-3fa28870e6cd",
        "friends": "8aa64e4c-64f9-472e-8a61-3fa28870e6cc", "next": "8aa64e4c-64f9-472e-8a61-3fa28870e6cc"}]]"#;

pub fn seeded() -> AppEngine {
    let local = Local::in_memory();
    let schema = Schema::parse(&Value::parse(SCHEMA).unwrap()).unwrap();
    let app = local.create_app_with("fuzzed", &schema, None).unwrap();
    let app = local.engine(app.id).unwrap();
    app.transact(&Value::parse(STEPS).unwrap()).unwrap();
    app
}
