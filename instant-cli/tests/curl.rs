//! The calls of Instant's guide to its Admin HTTP API, sent with curl to `instant dev`.

mod common;

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use common::Dev;
use instant_core::Value;

/// A shell with curl and a running server.
struct Shell {
    dev: Dev,
    variables: HashMap<&'static str, String>,
}

impl Shell {
    /// Starts a server. Returns `None` if curl is not installed.
    fn start() -> Option<Self> {
        if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
            eprintln!("skipped: curl is not installed");
            return None;
        }
        let dev = Dev::start(&["--port", "0", "--memory"]);
        assert_eq!(dev.request("GET", "/health", "").0, 200);
        let variables = [
            ("BASE", format!("http://{}", dev.address)),
            ("APP_ID", dev.app_id.clone()),
            ("ADMIN_TOKEN", dev.admin_token.clone()),
        ];
        Some(Self { dev, variables: HashMap::from(variables) })
    }

    fn command(&self, line: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).envs(&self.variables);
        shell
    }

    /// Runs a command line. Returns the body of the response, a line break and the status.
    fn answer(&self, line: &str) -> String {
        let output = self
            .command(&format!("{line} --silent --noproxy '*' --write-out '\\n%{{http_code}}'"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command line that must succeed. Returns the JSON of the response.
    fn json(&self, line: &str) -> Value {
        let answer = self.answer(line);
        let (body, status) = answer.rsplit_once('\n').unwrap();
        assert_eq!(status, "200", "{line}: {body}");
        Value::parse(body).unwrap_or_else(|error| panic!("{line}: {error}: {body}"))
    }

    #[track_caller]
    fn check(&self, line: &str, want: &str) {
        assert_eq!(self.json(line).to_string(), want, "{line}");
    }

    /// Sets a variable of the shell to the string at a dotted path of a response.
    fn save(&mut self, name: &'static str, answer: &Value, path: &str) {
        let text = path.split('.').try_fold(answer, |at, part| at.get(part)).and_then(Value::as_str);
        self.variables.insert(name, text.unwrap_or_else(|| panic!("{answer} has no {path}")).to_owned());
    }
}

const GOAL: &str = "c0000000-0000-4000-8000-000000000001";
const TODO: &str = "c0000000-0000-4000-8000-000000000002";

#[test]
fn data() {
    let Some(shell) = Shell::start() else { return };
    let call = |path: &str, body: &str| {
        format!(
            r#"curl -X POST "$BASE/admin/{path}" -H "Content-Type: application/json" \
            -H "Authorization: Bearer $ADMIN_TOKEN" -H "App-Id: $APP_ID" -d '{body}'"#
        )
    };
    shell.check(&call("query", r#"{"query":{"goals":{},"todos":{}}}"#), r#"{"goals":[],"todos":[]}"#);
    for (steps, goals) in [
        (
            format!(
                r#"["update","todos","{TODO}",{{"title":"Run"}}],["update","goals","{GOAL}",{{"title":"Get fit"}}]"#
            ),
            format!(r#"[{{"id":"{GOAL}","title":"Get fit","todos":[]}}]"#),
        ),
        (
            format!(r#"["link","goals","{GOAL}",{{"todos":"{TODO}"}}]"#),
            format!(r#"[{{"id":"{GOAL}","title":"Get fit","todos":[{{"id":"{TODO}","title":"Run"}}]}}]"#),
        ),
        (
            format!(r#"["unlink","goals","{GOAL}",{{"todos":"{TODO}"}}]"#),
            format!(r#"[{{"id":"{GOAL}","title":"Get fit","todos":[]}}]"#),
        ),
        (format!(r#"["delete","goals","{GOAL}"]"#), "[]".to_owned()),
    ] {
        let done = shell.json(&call("transact", &format!(r#"{{"steps":[{steps}]}}"#)));
        assert!(done.get("tx-id").and_then(Value::as_i64).is_some(), "{done}");
        shell
            .check(&call("query", r#"{"query":{"goals":{"todos":{}}}}"#), &format!(r#"{{"goals":{goals}}}"#));
    }
    // The server reads rule parameters from the query only, and ignores them where the guide puts
    // them.
    let beside = call("query", r#"{"$$ruleParams":{"knownGoalId":"1"},"query":{"goals":{}}}"#);
    shell.check(&beside, r#"{"goals":[]}"#);
}

#[test]
fn subscriptions() {
    let Some(shell) = Shell::start() else { return };
    let line = r#"exec curl -N -X POST "$BASE/admin/subscribe-query" -H "Content-Type: application/json" \
        -H "Authorization: Bearer $ADMIN_TOKEN" -H "App-Id: $APP_ID" -d '{"query":{"tasks":{}}}' --silent --noproxy '*' --max-time 60"#;
    let mut curl = shell.command(line).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(curl.stdout.take().unwrap()).lines().map(Result::unwrap);
    let first = lines.filter(|line| line.starts_with("data:")).nth(1);
    curl.kill().unwrap();
    curl.wait().unwrap();
    let first = first.expect("no answer within a minute");
    assert!(
        first.contains(r#""op":"add-query-ok""#) && first.contains(r#""result":{"tasks":[]}"#),
        "{first}"
    );
}

#[test]
fn users_and_sessions() {
    let Some(mut shell) = Shell::start() else { return };
    let admin = r#"-H "Authorization: Bearer $ADMIN_TOKEN" -H "App-Id: $APP_ID""#;
    let post = |path: &str, body: &str| {
        format!(r#"curl -X POST "$BASE/admin/{path}" -H "Content-Type: application/json" {admin} -d {body}"#)
    };
    let user = |method: &str, key: &str| format!(r#"curl -X {method} "$BASE/admin/users?{key}" {admin}"#);
    const EMAIL: &str = "email=alyssa_p_hacker@instantdb.com";
    const BY_EMAIL: &str = r#"'{"email":"alyssa_p_hacker@instantdb.com"}'"#;
    const BY_ID: &str = r#""{\"id\":\"$USER_ID\"}""#;
    const BY_TOKEN: &str = r#""{\"refresh_token\":\"$REFRESH_TOKEN\"}""#;
    const KEYS: [&str; 3] = [EMAIL, "id=$USER_ID", "refresh_token=$REFRESH_TOKEN"];
    let verify = r#"curl -X POST "$BASE/runtime/auth/verify_refresh_token" -H "Content-Type: application/json" \
        -d "{\"app-id\": \"$APP_ID\", \"refresh-token\": \"$REFRESH_TOKEN\"}""#;

    let made = shell.json(&post("refresh_tokens", BY_EMAIL));
    shell.save("USER_ID", &made, "user.id");
    for body in [BY_EMAIL, BY_ID, BY_TOKEN] {
        let session = shell.json(&post("refresh_tokens", BY_ID));
        shell.save("REFRESH_TOKEN", &session, "user.refresh_token");
        let known = shell.json(verify);
        assert_eq!(known.get("user").and_then(|user| user.get("id")), made.get("user").unwrap().get("id"));
        shell.check(&post("sign_out", body), r#"{"ok":true}"#);
        let refused = shell.answer(verify);
        assert!(refused.ends_with("\n400") && refused.contains("Record not found: app-user"), "{refused}");
    }

    for key in KEYS {
        let session = shell.json(&post("refresh_tokens", BY_EMAIL));
        shell.save("USER_ID", &session, "user.id");
        shell.save("REFRESH_TOKEN", &session, "user.refresh_token");
        for header in
            ["As-Email: alyssa_p_hacker@instantdb.com", "As-Token: $REFRESH_TOKEN", "As-Guest: true"]
        {
            let line = format!("{} -H \"{header}\"", post("query", r#"'{"query":{"goals":{}}}'"#));
            shell.check(&line, r#"{"goals":[]}"#);
        }
        let found = shell.json(&user("GET", key));
        assert_eq!(found.get("user"), shell.json(&user("DELETE", key)).get("deleted"), "{key}");
        shell.check(&user("GET", key), r#"{"user":null}"#);
    }

    for path in ["magic_code", "send_magic_code"] {
        let code = shell.json(&post(path, BY_EMAIL));
        shell.save("CODE", &code, "code");
        let body = r#""{\"email\":\"alyssa_p_hacker@instantdb.com\",\"code\":\"$CODE\"}""#;
        let session = shell.json(&post("verify_magic_code", body));
        shell.save("REFRESH_TOKEN", &session, "user.refresh_token");
        shell.json(verify);
    }
    shell.check(
        &format!(r#"curl -X GET "$BASE/admin/rooms/presence?room-type=chat&room-id=room-123" {admin}"#),
        r#"{"sessions":null}"#,
    );
}

#[test]
fn files() {
    let Some(shell) = Shell::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("demo.txt"), "a few bytes").unwrap();
    let admin = r#"-H "Authorization: Bearer $ADMIN_TOKEN" -H "App-Id: $APP_ID""#;
    let post = |path: &str, body: &str| {
        format!(
            r#"curl -X POST "$BASE/admin/{path}" -H "Content-Type: application/json" {admin} -d '{body}'"#
        )
    };
    let list = post("query", r#"{"query":{"$files":{"$":{"fields":["path","size","content-type","url"]}}}}"#);
    for name in ["snippets/demo.txt", "snippets/1.txt", "snippets/2.txt"] {
        let done = shell.json(&format!(
            r#"cd '{}' && curl -X PUT "$BASE/admin/storage/upload" {admin} -H "Path: {name}" \
            -H "Content-Type: text/plain" --data-binary "@demo.txt""#,
            folder.path().display()
        ));
        assert_eq!(done.get("data").and_then(|data| data.get("size")), Some(&Value::from(11)), "{done}");
    }
    let listed = shell.json(&list);
    let files = listed.get("$files").and_then(Value::as_array).unwrap();
    assert_eq!(files.len(), 3);
    for file in files {
        let url = file.get("url").and_then(Value::as_str).unwrap();
        assert!(url.starts_with(&format!("http://{}/storage/", shell.dev.address)), "{url}");
        assert_eq!(shell.answer(&format!("curl '{url}'")), "a few bytes\n200");
    }
    let one = format!(r#"curl -X DELETE "$BASE/admin/storage/files?filename=snippets/demo.txt" {admin}"#);
    assert!(shell.json(&one).get("data").and_then(|data| data.get("id")?.as_str()).is_some());
    let several = post("storage/files/delete", r#"{"filenames":["snippets/1.txt","snippets/2.txt"]}"#);
    let ids =
        shell.json(&several).get("data").and_then(|data| data.get("ids")?.as_array().map(<[Value]>::len));
    assert_eq!(ids, Some(2));
    shell.check(&list, r#"{"$files":[]}"#);
}
