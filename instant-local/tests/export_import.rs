//! Export and import: a copy exports the same bytes, and a rejected line writes nothing.

use instant_core::{Uuid, Value, export::Line, schema::Schema};
use instant_local::Local;

const SCHEMA: &str = r#"{"entities": {
    "goals": {"attrs": {"title": {"valueType": "string", "required": true, "config": {"indexed": true}},
        "slug": {"valueType": "string", "config": {"unique": true}},
        "due": {"valueType": "date", "config": {"indexed": true}}, "rank": {"valueType": "number", "config": {"indexed": true}},
        "extra": {"valueType": "json"}}},
    "todos": {"attrs": {"title": {"valueType": "string"}}},
    "$users": {"attrs": {"nickname": {"valueType": "string"}}}},
  "links": {
    "todosGoal": {"forward": {"on": "todos", "has": "one", "label": "goal", "required": true}, "reverse": {"on": "goals", "has": "many", "label": "todos"}},
    "goalsFans": {"forward": {"on": "goals", "has": "many", "label": "fans"}, "reverse": {"on": "$users", "has": "many", "label": "likes"}},
    "goalsOwner": {"forward": {"on": "goals", "has": "one", "label": "owner"}, "reverse": {"on": "$users", "has": "one", "label": "goal"}}}}"#;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x8aa6_4e4c_64f9_472e_8a61_0000_0000_0000 + number)
}

/// Creates an app with every kind of attribute and link.
fn seeded(local: &Local) -> Uuid {
    let schema = Schema::parse(&Value::parse(SCHEMA).unwrap()).unwrap();
    let rules = Value::parse(r#"{"goals": {"allow": {"view": "true"}}}"#).unwrap();
    let app = local.create_app_with("seeded", &schema, rules.as_object().cloned()).unwrap().id;
    let [ada, run, fit, todo, bare] = [1, 2, 3, 4, 5].map(id);
    let steps = [
        format!(r#"[["update", "$users", "{ada}", {{"email": "ada@x.com", "nickname": "A"}}]]"#),
        format!(
            r#"[["update", "goals", "{run}", {{"title": "Run \"é\"\n", "slug": "run", "due": "2024-02-29T10:00:00.5Z",
            "rank": 123456789012345678901234567890, "extra": {{"bb": [1.0, 1e-7, null], "a": -0.0}}, "free": 1.50}}],
            ["update", "goals", "{fit}", {{"title": "Fit", "due": 1700000000000, "rank": 9007199254740993, "extra": null}}]]"#
        ),
        format!(
            r#"[["link", "goals", "{run}", {{"fans": "{ada}", "owner": "{ada}"}}], ["link", "goals", "{fit}", {{"fans": "{ada}"}}],
            ["update", "todos", "{todo}", {{"title": null}}], ["link", "todos", "{todo}", {{"goal": "{fit}"}}]]"#
        ),
        format!(
            r#"[["update", "goals", "{run}", {{"free": "now a text"}}], ["update", "loose", "{bare}", {{}}]]"#
        ),
    ];
    let app_data = local.engine(app).unwrap();
    for steps in &steps {
        app_data.transact(&Value::parse(steps).unwrap()).unwrap_or_else(|error| panic!("{steps}: {error}"));
    }
    app
}

fn export(local: &Local, app: Uuid) -> String {
    let mut out = Vec::new();
    local.export(app, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_copy_exports_the_same_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let original = Local::in_memory();
    let seeded = seeded(&original);
    let lines = export(&original, seeded);
    for wanted in [
        "123456789012345678901234567890",
        "9007199254740993",
        "2024-02-29T10:00:00.5Z",
        "\"nickname\":\"A\"",
        "\"likes\"",
        "{\"rules\":",
        "{\"link\":[\"goals\",\"fans\"",
        "\"links\":{\"owner\":",
        "\"inferred-types\":[\"number\",\"string\"]",
    ] {
        assert!(lines.contains(wanted), "{wanted}: {lines}");
    }
    let file = Local::open(directory.path().join("copy.db")).unwrap();
    for (kind, local, app) in
        [("memory", &original, original.create_app("copy").unwrap().id), ("file", &file, file.apps()[0].id)]
    {
        assert_eq!(local.import(app, lines.as_bytes()).unwrap(), lines.lines().count() as u64 - 1);
        assert_eq!(export(local, app), lines, "{kind}");
        assert_eq!(local.engine(app).unwrap().check().unwrap(), Vec::<String>::new(), "{kind}");
        local.import(app, lines.as_bytes()).unwrap();
        assert_eq!(export(local, app), lines, "{kind}, imported again");
        // Queries return the imported rows in their order.
        let query = r#"{"goals": {"$": {"order": {"serverCreatedAt": "desc"}, "where": {"fans.nickname": "A"}}, "todos": {}}}"#;
        let query = Value::parse(query).unwrap();
        let response = local.engine(app).unwrap().query(&query).unwrap();
        assert_eq!(response, original.engine(seeded).unwrap().query(&query).unwrap(), "{kind}");
    }
}

#[test]
fn a_rejected_line_is_named_and_its_batch_is_not_written() {
    let local = Local::in_memory();
    let seeded = seeded(&local);
    let before = export(&local, seeded);
    let goal = id(9);
    for (line, want) in [
        (
            format!(r#"{{"entity":"goals","id":"{goal}","created":1,"values":{{"title":7}}}}"#),
            "Value must be a string",
        ),
        (
            format!(
                r#"{{"entity":"goals","id":"{goal}","created":1,"values":{{"title":"a","slug":"run"}}}}"#
            ),
            "is a unique attribute",
        ),
        (
            format!(r#"{{"entity":"goals","id":"{goal}","created":1,"values":{{"nope":1}}}}"#),
            "the attribute `goals.nope` does not exist",
        ),
        (
            format!(r#"{{"entity":"goals","id":"{goal}","created":1,"values":{{"title":"\u0000"}}}}"#),
            "null bytes",
        ),
        (format!(r#"{{"entity":"$files","id":"{goal}","created":1,"values":{{}}}}"#), "cannot be imported"),
        (format!(r#"{{"entity":"todos","id":"{goal}","values":{{"goal":"{goal}"}}}}"#), "is a link"),
        (format!(r#"{{"link":["goals","title","{goal}","{goal}"]}}"#), "is not a link"),
        (
            before
                .lines()
                .find(|line| line.contains(r#""goals","slug""#))
                .unwrap()
                .replace("\"unique?\":true", "\"unique?\":false"),
            "`goals.slug` with other properties",
        ),
        (Line::Header.to_string(), "must be the first line"),
        ("{".to_owned(), "not valid JSON"),
    ] {
        let input = format!(
            "{}\n{{\"entity\":\"goals\",\"id\":\"{}\",\"values\":{{\"title\":\"x\"}}}}\n{line}\n",
            Line::Header,
            id(8)
        );
        let error = local.import(seeded, input.as_bytes()).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        let reported = format!("{error}: {cause}");
        assert!(reported.contains("line 3") && reported.contains(want), "{line}: {reported}");
        assert_eq!(export(&local, seeded), before, "{line}");
    }
    // Required attributes are checked when the batch is complete.
    let missing = format!("{}\n{{\"entity\":\"todos\",\"id\":\"{goal}\",\"values\":{{}}}}\n", Line::Header);
    let error = local.import(seeded, missing.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("required"), "{error}");
    assert_eq!(export(&local, seeded), before);
}

#[test]
fn entities_without_a_creation_time_keep_the_order_of_their_lines() {
    let local = Local::in_memory();
    let app = seeded(&local);
    let mut input = format!("{}\n", Line::Header);
    for number in [30, 10, 20] {
        input += &format!("{{\"entity\":\"loose\",\"id\":\"{}\",\"values\":{{}}}}\n", id(number));
    }
    local.import(app, input.as_bytes()).unwrap();
    let lines = export(&local, app);
    let found = lines.lines().filter(|line| line.contains("\"loose\"") && line.contains("created"));
    let found = Vec::from_iter(found.map(|line| line.split("\"id\":\"").nth(1).unwrap()[..36].to_owned()));
    assert_eq!(found, [5, 30, 10, 20].map(|number| id(number).to_string()));
}
