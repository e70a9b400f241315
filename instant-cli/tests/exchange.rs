//! `instant export` and `instant import` as programs: files, directories, a server, and what is
//! refused.

mod common;

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use common::Dev;
use instant_core::{Uuid, Value};
use instant_local::Local;

fn instant(arguments: &[&str], input: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instant"));
    command.args(arguments);
    command.stdin(input.map_or_else(Stdio::null, |path| std::fs::File::open(path).unwrap().into()));
    command.output().unwrap()
}

/// What it prints when it succeeds: output and messages.
fn done(arguments: &[&str], input: Option<&Path>) -> (String, String) {
    let output = instant(arguments, input);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// What it says when it does not.
fn refused(arguments: &[&str], input: Option<&Path>) -> String {
    let output = instant(arguments, input);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(0x8aa6_4e4c_64f9_472e_8a61_0000_0000_0000 + number as u128)
}

const SCHEMA: &str = r#"{"entities": {"goals": {"attrs": {"title": {"valueType": "string", "required": true, "config": {"indexed": true}}}},
    "todos": {"attrs": {"due": {"valueType": "date"}}}, "$users": {"attrs": {"nickname": {"valueType": "string"}}}},
  "links": {"todosGoal": {"forward": {"on": "todos", "has": "one", "label": "goal", "required": true}, "reverse": {"on": "goals", "has": "many", "label": "todos"}},
    "goalsFans": {"forward": {"on": "goals", "has": "many", "label": "fans"}, "reverse": {"on": "$users", "has": "many", "label": "likes"}}}}"#;

/// A file with more entities than one page or batch takes.
fn seeded(path: &Path) {
    let local = Local::open(path).unwrap();
    let made = Local::in_memory();
    let schema = instant_core::schema::Schema::parse(&Value::parse(SCHEMA).unwrap()).unwrap();
    let app = made.create_app_with("made", &schema, None).unwrap().id;
    let data = made.direct(app).unwrap();
    let mut steps =
        vec![format!(r#"["update", "$users", "{}", {{"email": "ada@x.com", "nickname": "A"}}]"#, id(0))];
    for number in 1..=600 {
        let goal = id(number);
        steps.push(format!(
            r#"["update", "goals", "{goal}", {{"title": "goal {number}", "rank": 123456789012345678901}}]"#
        ));
    }
    for number in 1..=20 {
        let (goal, todo) = (id(number), id(1000 + number));
        steps.push(format!(r#"["update", "todos", "{todo}", {{"due": "2024-02-29"}}], ["link", "todos", "{todo}", {{"goal": "{goal}"}}]"#));
        steps.push(format!(r#"["link", "goals", "{goal}", {{"fans": "{}"}}]"#, id(0)));
    }
    data.run_steps(&Value::parse(&format!("[{}]", steps.join(","))).unwrap()).unwrap();
    let mut lines = Vec::new();
    made.export(app, &mut lines).unwrap();
    local.import(local.apps()[0].id, &*lines).unwrap();
}

#[test]
fn a_file_is_copied_byte_by_byte() {
    let directory = tempfile::tempdir().unwrap();
    let [file, copy, lines, apps] =
        ["a.db", "b.db", "a.jsonl", "apps"].map(|name| directory.path().join(name));
    seeded(&file);
    let (exported, said) = done(&["export", "--file", text(&file)], None);
    assert_eq!(said, "exported 621 entities, 40 links, 8 attributes\n");
    std::fs::write(&lines, &exported).unwrap();
    let (_, said) = done(&["import", "--file", text(&copy)], Some(&lines));
    assert_eq!(said, format!("imported {} lines\n", exported.lines().count() - 1));
    assert_eq!(done(&["export", "--file", text(&copy)], None).0, exported);
    assert!(instant(&["check", text(&copy)], None).status.success());

    let local = Local::open_dir(&apps).unwrap();
    let ids = ["one", "two"].map(|title| local.create_app(title).unwrap().id.to_string());
    drop(local);
    done(&["import", "--dir", text(&apps), "--app", &ids[1], text(&lines)], None);
    assert_eq!(done(&["export", "--dir", text(&apps), "--app", &ids[1]], None).0, exported);
    assert_ne!(done(&["export", "--dir", text(&apps), "--app", &ids[0]], None).0, exported);
    let told = refused(&["export", "--dir", text(&apps)], None);
    assert!(told.contains("--app") && told.contains(&ids[0]) && told.contains("\"two\""), "{told}");
}

#[test]
fn a_server_takes_and_gives_lines() {
    let directory = tempfile::tempdir().unwrap();
    let [file, copy, lines, served] =
        ["a.db", "b.db", "a.jsonl", "s.jsonl"].map(|name| directory.path().join(name));
    seeded(&file);
    std::fs::write(&lines, done(&["export", "--file", text(&file)], None).0).unwrap();
    let dev = Dev::start(&["--port", "0", "--memory"]);
    let url = format!("http://{}", dev.address);
    let before = dev.request("POST", "/admin/query", r#"{"query": {"goals": {}}}"#);
    assert_eq!(before, (200, r#"{"goals":[]}"#.to_owned()));
    let server = ["--url", &url, "--app", &dev.app_id, "--token", &dev.admin_token];
    let with_rules = std::fs::read_to_string(&lines).unwrap()
        + "{\"rules\":{\"goals\":{\"allow\":{\"view\":\"true\"}}}}\n";
    std::fs::write(&lines, with_rules).unwrap();
    done(&[&["import", text(&lines)], &server[..]].concat(), None);
    // Once more: nothing changes.
    done(&[&["import"], &server[..]].concat(), Some(&lines));
    let (exported, said) = done(&[&["export"], &server[..]].concat(), None);
    assert_eq!(said, "exported 621 entities, 40 links, 8 attributes\n");
    assert!(exported.contains(r#"{"rules":{"goals":{"allow":{"view":"true"}}}}"#));
    std::fs::write(&served, exported).unwrap();
    done(&["import", "--file", text(&copy)], Some(&served));

    let query = r#"{"goals": {"$": {"order": {"serverCreatedAt": "asc"}, "limit": 700}, "todos": {}, "fans": {}}, "todos": {"goal": {}}, "$users": {"likes": {}}}"#;
    let answers = [&file, &copy].map(|path| {
        let local = Local::open(path).unwrap();
        let answer =
            local.direct(local.apps()[0].id).unwrap().run_query(&Value::parse(query).unwrap()).unwrap();
        sorted(Value::parse(std::str::from_utf8(&answer).unwrap()).unwrap()).to_string()
    });
    assert!(answers[0].contains("goal 600") && answers[0].contains("123456789012345678901"));
    // Rows of one batch were created in the same moment, so that the order among them may differ.
    assert_eq!(answers[0], answers[1]);

    let wrong = ["--url", &url, "--app", &dev.app_id, "--token", &id(7).to_string()];
    let told = refused(&[&["export"], &wrong[..]].concat(), None);
    assert!(told.contains("record-not-found") && !told.contains(&id(7).to_string()), "{told}");
}

/// Lists by their texts, members by their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items = Vec::from_iter(items.into_iter().map(sorted));
            items.sort_by_key(ToString::to_string);
            Value::Array(items)
        }
        Value::Object(members) => {
            let mut members = Vec::from_iter(members.into_iter().map(|(key, value)| (key, sorted(value))));
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        other => other,
    }
}

#[test]
fn an_import_goes_on_where_it_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let [file, copy, good, bad, other, state] =
        ["a.db", "b.db", "good.jsonl", "bad.jsonl", "other.jsonl", "state"]
            .map(|name| directory.path().join(name));
    seeded(&file);
    let exported = done(&["export", "--file", text(&file)], None).0;
    std::fs::write(&good, &exported).unwrap();
    let mut lines = Vec::from_iter(exported.lines());
    lines[599] = r#"{"entity":"goals","id":"no id","values":{}}"#;
    std::fs::write(&bad, lines.join("\n") + "\n").unwrap();
    lines.remove(100);
    std::fs::write(&other, lines.join("\n") + "\n").unwrap();

    let resume = ["--resume", text(&state)];
    let import = |input: &Path| {
        instant(&[&["import", "--file", text(&copy), text(input)], &resume[..]].concat(), None)
    };
    let stopped = import(&bad);
    let told = String::from_utf8_lossy(&stopped.stderr);
    assert!(
        !stopped.status.success() && told.contains("line 600 of the export is invalid: `id` must be an id"),
        "{told}"
    );
    let kept = done(&["export", "--file", text(&copy)], None).0;
    assert!(kept.lines().count() > 400 && kept.lines().count() < 510, "{}", kept.lines().count());
    let told = String::from_utf8(import(&other).stderr).unwrap();
    assert!(told.contains("is about other lines than these"), "{told}");
    let went_on = import(&good);
    let told = String::from_utf8_lossy(&went_on.stderr);
    assert!(went_on.status.success() && told.contains("after 500 that were there"), "{told}");
    assert!(!state.exists());
    assert_eq!(done(&["export", "--file", text(&copy)], None).0, exported);
}

#[test]
fn says_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let [missing, file, junk] = ["missing.db", "a.db", "junk"].map(|name| directory.path().join(name));
    std::fs::write(&junk, "milk\n").unwrap();
    for (arguments, want) in [
        (vec!["export"], "name an app with --file, --dir or --url"),
        (vec!["export", "--file", text(&missing)], "there is no app in `"),
        (vec!["export", "--file", text(&junk)], "is not a database of this program"),
        (vec!["export", "--dir", text(&missing)], "there is no directory `"),
        (vec!["export", "--url", "http://localhost:1"], "--app"),
        (vec!["import", "--file", text(&file), text(&junk)], "the input is not an export"),
        (vec!["import", "--file", text(&file), text(&missing)], "could not read `"),
        (vec!["import", "--file", text(&file), "--resume", text(&junk)], "is not the state of an import"),
    ] {
        let told = refused(&arguments, None);
        assert!(told.starts_with("error: ") && told.contains(want), "{arguments:?}: {told}");
    }
    assert!(!missing.exists());
}

#[test]
fn help_names_everything() {
    for (arguments, wanted) in [
        (&["--help"][..], &["dev", "check", "export", "import", "lines of JSON"][..]),
        (
            &["export", "--help"],
            &["--file <FILE>", "--dir <DIR>", "--url <URL>", "--app <ID>", "--token", "Examples:"],
        ),
        (&["import", "--help"], &["--resume <FILE>", "[INPUT]", "standard input", "Examples:"]),
    ] {
        let help = done(arguments, None).0;
        for wanted in wanted {
            assert!(help.contains(wanted), "{wanted}: {help}");
        }
    }
}
