//! `instant export` and `instant import` on files, directories and a server, and their errors.

mod common;

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use common::Dev;
use instant_client::{Client, SignInOptions, Upload, UserSelector};
use instant_core::{Uuid, Value, schema::Schema};
use instant_local::Local;

fn instant(arguments: &[&str], input: Option<&Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instant"));
    command.args(arguments);
    command.stdin(input.map_or_else(Stdio::null, |path| std::fs::File::open(path).unwrap().into()));
    command.output().unwrap()
}

/// Runs a command that must succeed. Returns standard output and standard error.
fn done(arguments: &[&str], input: Option<&Path>) -> (String, String) {
    let output = instant(arguments, input);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Runs a command that must fail. Returns standard error.
fn failure(arguments: &[&str], input: Option<&Path>) -> String {
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

/// Creates a file with more entities than one page or batch.
fn seeded(path: &Path) {
    let local = Local::open(path).unwrap();
    let made = Local::in_memory();
    let schema = instant_core::schema::Schema::parse(&Value::parse(SCHEMA).unwrap()).unwrap();
    let app = made.create_app_with("made", &schema, None).unwrap().id;
    let data = made.engine(app).unwrap();
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
    data.transact(&Value::parse(&format!("[{}]", steps.join(","))).unwrap()).unwrap();
    let mut lines = Vec::new();
    made.export(app, &mut lines).unwrap();
    local.import(local.apps()[0].id, &*lines).unwrap();
}

#[test]
fn file_round_trips_byte_by_byte() {
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
    let message = failure(&["export", "--dir", text(&apps)], None);
    assert!(
        message.contains("--app") && message.contains(&ids[0]) && message.contains("\"two\""),
        "{message}"
    );
}

#[test]
fn server_imports_and_exports() {
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
    // Importing again changes nothing.
    done(&[&["import"], &server[..]].concat(), Some(&lines));
    let (exported, said) = done(&[&["export"], &server[..]].concat(), None);
    assert_eq!(said, "exported 621 entities, 40 links, 8 attributes\n");
    assert!(exported.contains(r#"{"rules":{"goals":{"allow":{"view":"true"}}}}"#));
    std::fs::write(&served, exported).unwrap();
    done(&["import", "--file", text(&copy)], Some(&served));

    let query = r#"{"goals": {"$": {"order": {"serverCreatedAt": "asc"}, "limit": 700}, "todos": {}, "fans": {}}, "todos": {"goal": {}}, "$users": {"likes": {}}}"#;
    let results = [&file, &copy].map(|path| {
        let local = Local::open(path).unwrap();
        let result = local.engine(local.apps()[0].id).unwrap().query(&Value::parse(query).unwrap()).unwrap();
        sorted(Value::parse(std::str::from_utf8(&result).unwrap()).unwrap()).to_string()
    });
    assert!(results[0].contains("goal 600") && results[0].contains("123456789012345678901"));
    // The rows of one batch have the same creation time, so their order may differ.
    assert_eq!(results[0], results[1]);

    let wrong = ["--url", &url, "--app", &dev.app_id, "--token", &id(7).to_string()];
    let message = failure(&[&["export"], &wrong[..]].concat(), None);
    assert!(message.contains("record-not-found") && !message.contains(&id(7).to_string()), "{message}");
}

const LINKED_SCHEMA: &str = r#"{"entities": {"goals": {"attrs": {"title": {"valueType": "string"}}}},
  "links": {
    "goalsOwner": {"forward": {"on": "goals", "has": "one", "label": "owner"}, "reverse": {"on": "$users", "has": "many", "label": "goals"}},
    "goalsNext": {"forward": {"on": "goals", "has": "one", "label": "next"}, "reverse": {"on": "goals", "has": "one", "label": "previous"}},
    "goalsFans": {"forward": {"on": "goals", "has": "many", "label": "fans"}, "reverse": {"on": "$users", "has": "many", "label": "likes"}},
    "goalsParts": {"forward": {"on": "goals", "has": "many", "label": "parts"}, "reverse": {"on": "goals", "has": "one", "label": "whole"}},
    "usersFavorite": {"forward": {"on": "$users", "has": "one", "label": "favorite"}, "reverse": {"on": "goals", "has": "many", "label": "admirers"}},
    "usersAvatar": {"forward": {"on": "$users", "has": "one", "label": "avatar"}, "reverse": {"on": "$files", "has": "one", "label": "face"}},
    "goalsImages": {"forward": {"on": "goals", "has": "many", "label": "images"}, "reverse": {"on": "$files", "has": "many", "label": "goals"}},
    "filesOwner": {"forward": {"on": "$files", "has": "one", "label": "owner"}, "reverse": {"on": "$users", "has": "many", "label": "files"}}}}"#;

/// Writes users, a guest who was linked to a user, a file, and links of every kind.
async fn seed_links(db: &Client) {
    let schema = Schema::parse(&Value::parse(LINKED_SCHEMA).unwrap()).unwrap();
    db.schema().push(&schema).await.unwrap();
    let guest = db.auth().sign_in_guest().await.unwrap();
    db.auth().create_token(UserSelector::email("ada@x.com")).await.unwrap();
    let ada = db.auth().user(UserSelector::email("ada@x.com")).await.unwrap().unwrap();
    let code = db.auth().create_magic_code("ada@x.com").await.unwrap();
    let options = SignInOptions::new().guest(guest.token);
    db.auth().verify_magic_code_with("ada@x.com", code.as_str(), options).await.unwrap();
    let file = db.storage().upload("a.txt", Upload::bytes("a")).await.unwrap();
    let [ada, file] = [ada.id.to_string(), file.id.to_string()];
    let steps = format!(
        r#"[["update", "goals", "{one}", {{"title": "one"}}], ["update", "goals", "{two}", {{"title": "two"}}],
            ["link", "goals", "{one}", {{"owner": "{ada}", "next": "{two}", "fans": ["{ada}"], "parts": ["{two}"], "images": ["{file}"]}}],
            ["link", "$users", "{ada}", {{"favorite": "{one}", "avatar": "{file}"}}],
            ["link", "$files", "{file}", {{"owner": "{ada}"}}]]"#,
        one = id(1),
        two = id(2),
    );
    db.transact_raw(Value::parse(&steps).unwrap()).await.unwrap();
}

/// Returns the entities and links of an export in a fixed order, without what a server does not
/// report or an import does not send: times of creation and nulls.
fn content(export: &str) -> Vec<String> {
    let data =
        export.lines().filter(|line| line.starts_with(r#"{"entity""#) || line.starts_with(r#"{"link""#));
    let mut lines = Vec::from_iter(data.map(|line| {
        let Value::Object(mut line) = Value::parse(line).unwrap() else { panic!("{line}") };
        line.remove("created");
        if let Some(Value::Object(values)) = line.get("values").cloned() {
            let values = values.into_iter().filter(|(_, value)| !value.is_null());
            line.insert("values", values.collect::<instant_core::Object>());
        }
        sorted(line.into()).to_string()
    }));
    lines.sort();
    lines
}

#[test]
fn links_of_every_kind_round_trip() {
    let directory = tempfile::tempdir().unwrap();
    let [lines, file, copy] = ["s.jsonl", "a.db", "b.db"].map(|name| directory.path().join(name));
    let [first, second] = [0, 1].map(|_| Dev::start(&["--port", "0", "--memory"]));
    let url = format!("http://{}", first.address);
    let app = first.app_id.parse::<Uuid>().unwrap();
    let db = Client::builder(app).admin_token(first.admin_token.as_str()).base_url(&url).build().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(seed_links(&db));

    let remote = |verb: &str, dev: &Dev, input: Option<&Path>| {
        let url = format!("http://{}", dev.address);
        let arguments = [verb, "--url", &url, "--app", &dev.app_id, "--token", &dev.admin_token];
        done(&arguments, input).0
    };
    let exported = remote("export", &first, None);
    let data = content(&exported);
    // Two users, two goals, one fan, one part.
    assert_eq!(data.len(), 6, "{data:#?}");
    let text_of = data.join("\n");
    for link in ["linkedPrimaryUser", "favorite", "owner", "next", "fans", "parts"] {
        assert!(text_of.contains(link), "{link}: {text_of}");
    }
    assert!(!text_of.contains("avatar") && !text_of.contains("images"), "{text_of}");

    std::fs::write(&lines, &exported).unwrap();
    remote("import", &second, Some(&lines));
    assert_eq!(content(&remote("export", &second, None)), data);
    done(&["import", "--file", text(&file)], Some(&lines));
    let local = done(&["export", "--file", text(&file)], None).0;
    assert_eq!(content(&local), data);
    std::fs::write(&lines, &local).unwrap();
    done(&["import", "--file", text(&copy)], Some(&lines));
    assert_eq!(done(&["export", "--file", text(&copy)], None).0, local);
}

/// Sorts lists by their text and members by their keys.
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
fn import_resumes_after_the_last_batch() {
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
    let message = String::from_utf8_lossy(&stopped.stderr);
    assert!(
        !stopped.status.success()
            && message.contains("line 600 of the export is invalid: `id` must be an id"),
        "{message}"
    );
    let kept = done(&["export", "--file", text(&copy)], None).0;
    assert!(kept.lines().count() > 400 && kept.lines().count() < 510, "{}", kept.lines().count());
    let message = String::from_utf8(import(&other).stderr).unwrap();
    assert!(message.contains("is the checkpoint of another input"), "{message}");
    let resumed = import(&good);
    let message = String::from_utf8_lossy(&resumed.stderr);
    assert!(
        resumed.status.success() && message.contains("skipped 500 that were imported before"),
        "{message}"
    );
    assert!(!state.exists());
    assert_eq!(done(&["export", "--file", text(&copy)], None).0, exported);
}

#[test]
fn errors_name_cause_and_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let [missing, file, junk] = ["missing.db", "a.db", "junk"].map(|name| directory.path().join(name));
    std::fs::write(&junk, "milk\n").unwrap();
    for (arguments, want) in [
        (vec!["export"], "use --file, --dir or --url"),
        (vec!["export", "--file", text(&missing)], "no app found in `"),
        (vec!["export", "--file", text(&junk)], "is not a database of this program"),
        (vec!["export", "--dir", text(&missing)], "is not a directory"),
        (vec!["export", "--url", "http://localhost:1"], "--app"),
        (vec!["import", "--file", text(&file), text(&junk)], "the input is not an export"),
        (vec!["import", "--file", text(&file), text(&missing)], "failed to read `"),
        (vec!["import", "--file", text(&file), "--resume", text(&junk)], "is not a checkpoint of an import"),
    ] {
        let message = failure(&arguments, None);
        assert!(message.starts_with("error: ") && message.contains(want), "{arguments:?}: {message}");
    }
    assert!(!missing.exists());
}

#[test]
fn help_names_commands_and_options() {
    for (arguments, wanted) in [
        (&["--help"][..], &["dev", "check", "export", "import", "lines of JSON"][..]),
        (
            &["export", "--help"],
            &["--file <FILE>", "--dir <DIR>", "--url <URL>", "--app <ID>", "--token", "Examples:"],
        ),
        (&["import", "--help"], &["--resume <FILE>", "[FILE]", "standard input", "Examples:"]),
    ] {
        let help = done(arguments, None).0;
        for wanted in wanted {
            assert!(help.contains(wanted), "{wanted}: {help}");
        }
    }
}
