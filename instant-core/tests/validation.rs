//! Errors of invalid queries, steps and schemas name the path and the cause.

use instant_core::{
    Value,
    query::{Query, Where},
    schema::Schema,
    steps,
};

fn check<T>(read: impl Fn(&Value) -> Result<T, instant_core::ValidationError>, cases: &[(&str, &str)]) {
    for (json, want) in cases {
        let error = read(&Value::parse(json).unwrap()).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some(*want), "{json}");
    }
}

#[test]
fn query_errors_name_path_and_cause() {
    check(
        Query::parse,
        &[
            ("[]", "invalid query: expected map at "),
            (r#"{"goals": []}"#, "invalid query: expected map at goals"),
            (r#"{"goals": {"todos": 7}}"#, "invalid query: expected map at goals.todos"),
            (
                r#"{"goals": {"$": {"limit": 0}}}"#,
                "invalid query: The limit field must be a positive integer. Got 0. at goals.$.limit",
            ),
            (
                r#"{"goals": {"$": {"first": 1, "last": 2}}}"#,
                "invalid query: Only provide one of `first` or `last`. at goals.$",
            ),
            (
                r#"{"goals": {"$": {"were": {}}}}"#,
                "invalid query: We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses. at goals.$",
            ),
            (
                r#"{"goals": {"$": {"order": {"title": "up"}}}}"#,
                "invalid query: We only support \"asc\" or \"desc\" in the `order` clause. Got \"up\". at goals.$.order.title",
            ),
            (
                r#"{"goals": {"$": {"where": {"title": {"is": "x"}}}}}"#,
                "invalid coerced-query: expected instant.db.instaql/where-value-valid-keys at [0].option-map.where-conds[0][1]",
            ),
            (
                r#"{"goals": {"$": {"where": {"or": [{"title": "x"}, {"title": null}]}}}}"#,
                "invalid coerced-query: expected map at [0].option-map.where-conds[0].or[1][1]",
            ),
            (
                r#"{"goals": {"todos": {"$": {"where": {"a": {"$gt": null}, "b": null}}}}}"#,
                "invalid coerced-query: expected boolean at [0].child-forms[0].option-map.where-conds[0][1].$gt",
            ),
            (
                r#"{"goals": {"$": {"where": {"and": [{}, null, []]}}}}"#,
                "invalid query: The list of `and` conditions can't be empty. at goals.$.and",
            ),
            (
                r#"{"goals": {"$": {"where": {"or": [{"title": "x"}, {}]}}}}"#,
                "invalid query: a member of `or` has no conditions; remove it or add one at goals.$.where.or[1]",
            ),
            (
                r#"{"goals": {"$": {"after": ["8aa64e4c-64f9-472e-8a61-3fa28870e6cb", 7, 1, 0]}}}"#,
                "invalid query: Expected a join row with a uuid attribute id in the second position, got 7. at goals.$.after",
            ),
        ],
    );
}

#[test]
fn unusual_spellings_parse_like_the_usual_ones() {
    for (json, want) in [
        (r#"{"or": [[["title", "x"]], {"done": true}]}"#, r#"{"or": [{"title": "x"}, {"done": true}]}"#),
        (r#"{"and": [{}, {"title": "x"}, null]}"#, r#"{"and": [{"title": "x"}]}"#),
        (r#"{"n": {"$ne": 1, "$gt": 2}}"#, r#"{"n": {"$gt": 2, "$ne": 1}}"#),
        (r#"{"n": {"$not": 1, "$gt": 2, "$ne": 3}}"#, r#"{"n": {"$not": 3, "$gt": 2}}"#),
        (r#"{"a/title..": "x"}"#, r#"{"title": "x"}"#),
    ] {
        let [read, want] = [json, want].map(|json| Where::parse(&Value::parse(json).unwrap()));
        assert!(read.is_ok());
        assert_eq!(read, want, "{json}");
    }
}

#[test]
fn step_errors_name_path_and_cause() {
    check(
        steps::parse,
        &[
            (r#"[["update", 7, "x", {}]]"#, "invalid steps: expected string at [0][1]"),
            (
                r#"[["update", 7, "x", {}], ["update", "goals", "x", {}]]"#,
                "invalid steps: Invalid entity ID 'x'. Entity IDs must be UUIDs or lookup references. at [1][2]",
            ),
            (
                r#"[["create", "goals", ["slug", "fit"], "no object"]]"#,
                "invalid steps: expected map at [0][3]",
            ),
            (
                r#"[["upsert", "goals", ["slug", "fit"], {}]]"#,
                "invalid steps: expected [\"delete-attr\"] at [0][0]",
            ),
            (
                r#"[["link", "goals", ["slug", "fit"], {"todos": 7}]]"#,
                "invalid steps: expected instant.admin.model/lookup at [0][3].todos[1]",
            ),
        ],
    );
}

#[test]
fn schema_errors_name_path_and_cause() {
    check(
        Schema::parse,
        &[
            ("[]", "invalid schema: expected an object at "),
            (r#"{"entities": {"goals": 7}}"#, "invalid schema: expected an object at entities.goals"),
            (
                r#"{"links": {"a": {"forward": {"on": "goals", "has": "one"}}}}"#,
                "invalid schema: expected a string at links.a.forward.label",
            ),
        ],
    );
}
