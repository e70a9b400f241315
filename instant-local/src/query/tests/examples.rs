//! The worked examples of `docs/protocol/instaql.md`, "15. Worked examples".

use super::fixture::Fixture;

fn boards() -> Fixture {
    let schema = r#"{"entities": {
        "boards": {"attrs": {"name": {"valueType": "string", "config": {"indexed": true, "unique": true}}}},
        "people": {"attrs": {"nick": {"valueType": "string", "config": {"indexed": true, "unique": true}}}},
        "desks": {"attrs": {"room": {"valueType": "string", "config": {}}}},
        "cards": {"attrs": {
            "title": {"valueType": "string", "config": {"indexed": true}},
            "points": {"valueType": "number", "config": {"indexed": true}},
            "done": {"valueType": "boolean", "config": {"indexed": true}},
            "dueOn": {"valueType": "date", "config": {"indexed": true}},
            "note": {"valueType": "json", "config": {}}}}},
        "links": {
        "cardsBoard": {"forward": {"on": "cards", "has": "one", "label": "board"},
                       "reverse": {"on": "boards", "has": "many", "label": "cards"}},
        "cardsWatchers": {"forward": {"on": "cards", "has": "many", "label": "watchers"},
                          "reverse": {"on": "people", "has": "many", "label": "watching"}},
        "peopleDesk": {"forward": {"on": "people", "has": "one", "label": "desk"},
                       "reverse": {"on": "desks", "has": "one", "label": "person"}}}}"#;
    Fixture::new(
        schema,
        &[
            ("boards", "B1", r#"{"name": "Alpha"}"#),
            ("boards", "B2", r#"{"name": "Beta"}"#),
            ("people", "P1", r#"{"nick": "ana"}"#),
            ("people", "P2", r#"{"nick": "bo"}"#),
            (
                "cards",
                "C1",
                r#"{"title": "Draft", "points": 3, "done": false, "dueOn": "2025-03-01", "note": "x",
            "board": "B1", "watchers": ["P1"]}"#,
            ),
            (
                "cards",
                "C2",
                r#"{"title": "Edit", "points": 8, "done": true, "dueOn": 1740873600000, "board": "B1",
            "watchers": ["P1", "P2"]}"#,
            ),
            ("cards", "C3", r#"{"title": "Fix", "points": null, "done": false, "note": null}"#),
        ],
    )
}

#[test]
fn nested_forms_return_trees() {
    let fixture = boards();
    fixture.check(
        "{\"cards\": {}}",
        r##"{"cards": [
        {"id":"#C1","title":"Draft","points":3,"done":false,"dueOn":"2025-03-01","note":"x","board":"#B1"},
        {"id":"#C2","title":"Edit","points":8,"done":true,"dueOn":1740873600000,"board":"#B1"},
        {"id":"#C3","title":"Fix","points":null,"done":false,"dueOn":null,"note":null}]}"##,
    );
    let fields = r#""$": {"fields": ["title"]}"#;
    fixture.check(
        &format!(r#"{{"boards": {{"cards": {{{fields}}}}}}}"#),
        r##"{"boards":[{"id":"#B1","name":"Alpha","cards":[{"id":"#C1","title":"Draft"},{"id":"#C2","title":"Edit"}]},
                       {"id":"#B2","name":"Beta","cards":[]}]}"##,
    );
    let query = r#"{"cards": {"$": {"fields": []}, "board": {}, "watchers": {"$": {"fields": ["nick"]}}, "typo": {}}}"#;
    fixture.check(
        query,
        r##"{"cards": [
        {"id":"#C1","board":[{"id":"#B1","name":"Alpha"}],"watchers":[{"id":"#P1","nick":"ana"}],"typo":[]},
        {"id":"#C2","board":[{"id":"#B1","name":"Alpha"}],
         "watchers":[{"id":"#P1","nick":"ana"},{"id":"#P2","nick":"bo"}],"typo":[]},
        {"id":"#C3","board":[],"watchers":[],"typo":[]}]}"##,
    );
    let inferred = fixture.query(query, true).unwrap().to_string();
    assert!(inferred.contains(r#""board":null,"watchers":[],"typo":[]"#), "{inferred}");
    assert!(inferred.contains(r#""board":{"id":"#), "{inferred}");
    fixture.check(
        r#"{"cards": {"$": {"fields": ["board", "watchers", "typo"], "where": {"title": "Draft"}}}}"#,
        r##"{"cards": [{"id":"#C1","board":"#B1"}]}"##,
    );
    let nothing = r#"{"cards": {"$": {"fields": [], "where": {"title": "Draft"}}, "typo": {}, "board": {"$": {"where": {"typo": 1}}}}}"#;
    let nothing = fixture.query(nothing, true).unwrap().to_string();
    assert!(nothing.contains(r#""typo":[],"board":null"#), "{nothing}");
    fixture.check(
        r#"{"ghosts": {"x": {}}, "cards": {"$": {"where": {"typo": {"$isNull": true}}}}}"#,
        r#"{"ghosts": [], "cards": []}"#,
    );
}

#[test]
fn conditions_on_one_attribute() {
    let fixture = boards();
    for (condition, want) in [
        (r#"{"note": "x"}"#, "C1"),
        (r#"{"note": {"$not": "x"}}"#, "C2 C3"),
        (r#"{"note": {"$isNull": true}}"#, "C2 C3"),
        (r#"{"note": {"$isNull": false}}"#, "C1"),
        (
            r#"{"note": {"$in": ["x", null]}}"#,
            "error: Only indexed attrs can check for `nil` in `$in`. cards.note is not indexed.",
        ),
        (r#"{"points": {"$in": [3, null]}}"#, "C1 C3"),
        (r#"{"points": {"$not": 3}}"#, "C2 C3"),
        (r#"{"points": {"$lt": 100}}"#, "C1 C2"),
        (r#"{"or": [{"points": 8}, {"points": {"$isNull": true}}]}"#, "C2 C3"),
        (r#"{"note": null}"#, "error: Validation failed for coerced-query"),
        (
            r#"{"points": "3"}"#,
            "error: The data type of `cards.points` is `number`, but the query got the value `\"3\"` of type `string`.",
        ),
        (r#"{"note": 3}"#, ""),
        (
            r#"{"note": {"$gt": 1}}"#,
            "error: The `cards.note` attribute must be indexed to use comparison operators.",
        ),
        (r#"{"dueOn": "2025-03-02T00:00:00Z"}"#, "C2"),
        (r#"{"dueOn": {"$gt": "2025-03-01T12:00:00Z"}}"#, "C2"),
        (r#"{"title": {"$like": "%d%"}}"#, "C2"),
        (r#"{"title": {"$ilike": "%d%"}}"#, "C1 C2"),
        (r##"{"id": "#C2"}"##, "C2"),
        (r##"{"id": {"$not": "#C2"}}"##, "C1 C3"),
        (r#"{"$entityIdStartsWith": "4332"}"#, "C2"),
        (r#"{"$entityIdStartsWith": "zz"}"#, ""),
    ] {
        fixture.check_rows("cards", &format!(r#"{{"where": {condition}}}"#), want);
    }
}

#[test]
fn conditions_on_paths() {
    let fixture = boards();
    for (condition, want) in [
        (r#"{"cards.title": "Draft"}"#, "B1"),
        (r#"{"cards.title": {"$not": "Draft"}}"#, "B1 B2"),
        (r#"{"cards.note": {"$isNull": true}}"#, "B1 B2"),
        (r#"{"cards.note": {"$isNull": false}}"#, "B1"),
        (r#"{"cards.watchers.nick": "bo"}"#, "B1"),
        (r#"{"cards.owner": "P1"}"#, ""),
        (r##"{"cards": "#C1"}"##, "B1"),
        (r#"{"cards": "nope"}"#, "error: Expected cards to be a uuid, got \"nope\""),
        (r#"{"cards": {"$isNull": true}}"#, "B2"),
        (r#"{"cards.title": "Draft", "cards.done": true}"#, ""),
        (r#"{"and": [{"cards.title": "Draft"}, {"cards.done": true}]}"#, "B1"),
        (r#"{"and": [{"cards.title": "Draft", "cards.done": true}]}"#, "B1"),
    ] {
        fixture.check_rows("boards", &format!(r#"{{"where": {condition}}}"#), want);
    }
}

#[test]
fn orders_and_pages() {
    let fixture = boards();
    let attribute = |label: &str| {
        let catalog = fixture.apps[0].state().unwrap().catalog;
        catalog.resolve("cards", label).unwrap().attribute.attr.id.to_string()
    };
    let points = attribute("points");
    // Attributes have other ids in the other app, so cursors are tried on one.
    let memory_only = Fixture { apps: [fixture.apps[0].clone(), fixture.apps[0].clone()], ..boards() };
    for (options, want) in [
        ("{}", "C1 C2 C3"),
        (r#"{"order": {"serverCreatedAt": "desc"}}"#, "C3 C2 C1"),
        (r#"{"order": {"points": "asc"}}"#, "C3 C1 C2"),
        (r#"{"order": {"points": "desc"}}"#, "C2 C1 C3"),
        (r#"{"order": {"done": "asc"}}"#, "C1 C3 C2"),
        (r#"{"order": {"done": "desc"}}"#, "C2 C3 C1"),
        (
            r#"{"order": {"note": "asc"}}"#,
            "error: The `cards.note` attribute is not indexed. Only indexed and typed attributes can be used to order by., The `cards.note` attribute is not typed. Only typed and indexed attributes can be used to order by.",
        ),
        (r#"{"order": {"points": "asc"}, "limit": 2}"#, "C3 C1"),
        (r#"{"order": {"points": "asc"}, "last": 2}"#, "C1 C2"),
        (r#"{"order": {"points": "asc"}, "limit": 1, "offset": 1}"#, "C1"),
        (r##"{"order": {"points": "asc"}, "after": ["#C3", "POINTS", null, 0]}"##, "C1 C2"),
        (
            r##"{"order": {"points": "asc"}, "after": ["#C3", "POINTS", null, 0], "afterInclusive": true}"##,
            "C3 C1 C2",
        ),
        (r##"{"order": {"points": "asc"}, "before": ["#C2", "POINTS", 8, 0], "limit": 1}"##, "C3"),
        (r##"{"order": {"points": "asc"}, "before": ["#C2", "POINTS", 8, 0], "last": 1}"##, "C1"),
        (
            r##"{"order": {"title": "asc"}, "before": ["#C2", "POINTS", 8, 0], "last": 1}"##,
            "error: Invalid before cursor. The query orders by `title`, but the query that returned the cursor orders by `points`.",
        ),
        (r#"{"limit": 0}"#, "error: The limit field must be a positive integer. Got 0."),
        (r#"{"where": {"title": {"$gt": "Draft"}}, "order": {"points": "desc"}, "limit": 1}"#, "C2"),
        (r#"{"where": {"points": {"$lte": 8}}, "order": {"points": "desc"}, "limit": 5}"#, "C2 C1"),
        (r#"{"last": 1, "offset": 1}"#, "C2"),
    ] {
        memory_only.check_rows("cards", &options.replace("POINTS", &points), want);
    }
    fixture.check(r#"{"boards": {"$": {"where": {"name": "Alpha"}}, "cards": {"$": {"order": {"note": "desc"}, "fields": ["note"]}}}}"#,
        r##"{"boards": [{"id": "#B1", "name": "Alpha", "cards": [{"id": "#C1", "note": "x"}, {"id": "#C2"}]}]}"##);
}
