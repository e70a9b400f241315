//! `instant dev`: starting, serving requests, limits, and stopping.

mod common;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
};

use common::{Dev, command};

/// Runs `instant dev` with arguments that it must reject. Returns standard error.
fn startup_error(arguments: &[&str]) -> String {
    let output = command(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const WRITE: &str = r#"{"steps": [
    ["update", "todos", "c0000000-0000-4000-8000-000000000001", {"title": "Run", "done": false}],
    ["update", "goals", "c0000000-0000-4000-8000-000000000002", {"title": "Get fit"}],
    ["link", "goals", "c0000000-0000-4000-8000-000000000002", {"todos": "c0000000-0000-4000-8000-000000000001"}]
]}"#;
const READ: &str = r#"{"query": {"goals": {"$": {"where": {"todos.title": "Run"}}, "todos": {"$": {"fields": ["title"]}}}}}"#;
const WRITTEN: &str = concat!(
    r#"{"goals":[{"id":"c0000000-0000-4000-8000-000000000002","title":"Get fit","#,
    r#""todos":[{"id":"c0000000-0000-4000-8000-000000000001","title":"Run"}]}]}"#
);

#[test]
fn serves_queries_and_transactions() {
    let dev = Dev::start(&["--port", "0", "--memory"]);
    let (status, health) = dev.request("GET", "/health", "");
    assert_eq!(
        (status, &*health),
        (200, concat!(r#"{"status":"ok","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#))
    );
    let (status, schema) = dev.request("GET", "/admin/schema", "");
    assert!(status == 200 && schema.contains(r#""$users""#), "{status} {schema}");
    let (status, done) = dev.request("POST", "/admin/transact", WRITE);
    assert!(status == 200 && done.starts_with(r#"{"tx-id":"#), "{status} {done}");
    assert_eq!(dev.request("POST", "/admin/query", READ), (200, WRITTEN.to_owned()));
    let (status, error) = dev.request("POST", "/admin/query", "{}");
    assert!(status == 400 && error.contains("param-missing"), "{status} {error}");
}

#[test]
fn limits_are_enforced() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let arguments = ["--port", "0", "--dir", text(&data)];
    let row = |at| format!(r#"["update", "todos", "c0000000-0000-4000-8000-{at:012}", {{"title": "Run"}}]"#);
    let rows = Vec::from_iter((0..1_000).map(row)).join(",");
    let write = format!(r#"{{"steps": [{rows}]}}"#);
    let mut dev = Dev::start(&arguments);
    assert_eq!(dev.request("POST", "/admin/transact", &write).0, 200);
    kill(&dev, "TERM");
    dev.child.wait().unwrap();
    let limits = ["--query-time", "0.000001", "--max-body", "1", "--max-nesting", "5"];
    let dev = Dev::start(&[&arguments[..], &limits].concat());
    let (status, error) = dev.request("POST", "/admin/transact", &write);
    assert!(status == 429 && error.contains("took too long"), "{status} {error}");
    let scan = r#"{"query": {"todos": {"$": {"where": {"title": "Walk"}}}}}"#;
    let deep = r#"{"query": {"todos": {"$": {"where": {"title": {"$not": "Walk"}}}}}}"#;
    let large = format!(r#"{{"query": {{"goals": {{}}}}}}{}"#, " ".repeat(1_000_000));
    for (body, want, words) in [
        (scan, 429, "took too long"),
        (deep, 400, "at most 5 levels of nesting"),
        (&large, 413, "exceeded limits"),
    ] {
        let (status, error) = dev.request("POST", "/admin/query", body);
        assert!(status == want && error.contains(words), "{status} {error}");
    }
    for (flag, value) in
        [("--query-time", "0"), ("--query-time", "soon"), ("--max-nesting", "1001"), ("--max-body", "0")]
    {
        let output = command(&["--memory", flag, value]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(flag), "{flag} {value}: {said}");
    }
}

#[test]
fn directory_keeps_the_app_across_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let arguments = ["--port", "0", "--dir", text(&data)];
    let first = Dev::start(&arguments);
    let (id, token) = (first.app_id.clone(), first.admin_token.clone());
    assert_eq!(first.request("POST", "/admin/transact", WRITE).0, 200);
    assert_eq!(std::fs::read_to_string(data.join(".gitignore")).unwrap(), "*\n");
    let locked = startup_error(&arguments);
    assert!(locked.contains("is already open"), "{locked}");
    drop(first);
    let second = Dev::start(&arguments);
    assert_eq!((&second.app_id, &second.admin_token), (&id, &token));
    assert_eq!(second.request("POST", "/admin/query", READ), (200, WRITTEN.to_owned()));
}

#[test]
fn startup_errors_name_the_cause() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let error = startup_error(&["--port", &port, "--memory"]);
    assert!(error.starts_with(&format!("error: failed to listen on port {port}: ")), "{error}");

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "text").unwrap();
    let error = startup_error(&["--port", "0", "--dir", text(&file)]);
    assert!(error.contains("failed to open the directory") && error.contains("file"), "{error}");

    std::fs::remove_file(&file).unwrap();
    let foreign = directory.path().join("0badbad0-0bad-4bad-8bad-0badbad0bad0.instant");
    std::fs::write(&foreign, "not a database at all").unwrap();
    let error = startup_error(&["--port", "0", "--dir", text(directory.path())]);
    assert!(error.contains("is not a database of this program"), "{error}");
    assert_eq!(std::fs::read(&foreign).unwrap(), b"not a database at all");
}

#[cfg(unix)]
fn kill(dev: &Dev, signal: &str) {
    let command = format!("kill -{signal} {}", dev.child.id());
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
}

#[test]
fn second_signal_ends_the_process_while_a_request_is_open() {
    // Two signals of one kind can arrive as one.
    for signals in [["TERM", "INT"], ["INT", "TERM"]] {
        let mut dev = Dev::start(&["--port", "0", "--memory"]);
        let mut stream = TcpStream::connect(&dev.address).unwrap();
        let head = "POST /admin/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                    Content-Length: 100\r\nExpect: 100-continue\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        // The server reads the body, which never comes.
        stream.read_exact(&mut [0; 12]).unwrap();
        signals.iter().for_each(|signal| kill(&dev, signal));
        assert_eq!(dev.child.wait().unwrap().code(), Some(1), "{signals:?}");
    }
}

#[test]
fn signals_stop_the_server() {
    for signal in ["INT", "TERM"] {
        let mut dev = Dev::start(&["--port", "0", "--memory"]);
        kill(&dev, signal);
        assert_eq!(dev.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}
