//! Users, sessions, magic codes and guests.

use std::sync::{Arc, Mutex};

use expect_test::{Expect, expect};
use instant_core::{Value, schema::Schema};

use super::{Fixture, check_in};
use crate::Local;

const SCHEMA: &str = r#"{"entities": {"$users": {"attrs": {"email": {"valueType": "string", "config": {"unique": true, "indexed": true}},
    "nickname": {"valueType": "string"}}}}, "links": {}}"#;

fn fixture(rules: &str) -> Fixture {
    let local = Local::in_memory();
    let schema = Schema::parse(&Value::parse(SCHEMA).unwrap()).unwrap();
    let rules = Value::parse(rules).unwrap().as_object().cloned();
    let app = local.create_app_with("café", &schema, rules).unwrap();
    Fixture::of(local, app)
}

#[track_caller]
fn check(requests: &[&str], want: &Expect) {
    check_in(|| fixture("{}"), requests, want);
}

#[test]
fn users_are_created_found_and_deleted() {
    check(
        &[
            "POST /admin/refresh_tokens\n-save ann user.id\n-save session user.refresh_token\n\n{\"email\":\" Ann@B.example \"}",
            "POST /admin/refresh_tokens\n\n{\"email\":\"ann@b.example\",\"extra-fields\":{\"nope\":1}}",
            "POST /admin/refresh_tokens\n\n{\"id\":\"a0000000-0000-4000-8000-000000000001\",\"extra-fields\":{\"nickname\":\"Bob\"}}",
            "POST /admin/refresh_tokens\n\n{\"email\":\"c@b.example\",\"extra-fields\":{\"nope\":1}}",
            "POST /admin/refresh_tokens\n\n{\"email\":\"c@b.example\",\"extra-fields\":{\"email\":\"d@b.example\"}}",
            "POST /admin/refresh_tokens\n\n{\"email\":\"c@b.example\",\"extra-fields\":{\"nickname\":7}}",
            "POST /admin/refresh_tokens\n\n{\"email\":\"c@b.example\",\"extra-fields\":\"x\"}",
            "GET /admin/users?email=c@b.example",
            "GET /admin/users?refresh_token=$session",
            "GET /admin/users?id=A0000000-0000-4000-8000-000000000001",
            "POST /admin/query\nas-email: ann@b.example\n\n{\"query\":{\"$users\":{}}}",
            "POST /admin/query\nas-email: Ann@b.example\n\n{\"query\":{}}",
            "DELETE /admin/users?refresh_token=$session",
            "DELETE /admin/users?refresh_token=$session",
            "POST /admin/query\n-auth\nas-token: $session\n\n{\"query\":{}}",
            "POST /admin/sign_out\n\n{\"email\":\"ann@b.example\"}",
        ],
        &expect![[r#"
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false,"refresh_token":"$session"},"created":true}
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false,"refresh_token":"<id>"},"created":false}
            200 json {"user":{"app_id":"$id","id":"a0000000-0000-4000-8000-000000000001","created_at":"<time>","email":null,"nickname":"Bob","isGuest":false,"refresh_token":"<id>"},"created":true}
            400 json {"type":"validation-failed","message":"Validation failed for extra-fields: Unknown field: nope. It must be defined in your $users schema.","hint":{"data-type":"extra-fields","input":{"nope":1},"errors":[{"message":"Unknown field: nope. It must be defined in your $users schema."}]},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Validation failed for extra-fields: Cannot set system field: email","hint":{"data-type":"extra-fields","input":{"email":"d@b.example"},"errors":[{"message":"Cannot set system field: email"}]},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Invalid value type for $users.nickname. Value must be a string but the provided value type is number.","hint":{"namespace":"$users","attribute":"nickname","value":7,"checked-data-type":"string","attr-id":"<id>","entity-id":"<id>"},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Validation failed for extra-fields: Extra fields must be an object","hint":{"data-type":"extra-fields","input":"x","errors":[{"message":"Extra fields must be an object"}]},"trace-id":".."}
            200 json {"user":null}
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false}}
            200 json {"user":{"app_id":"$id","id":"a0000000-0000-4000-8000-000000000001","created_at":"<time>","email":null,"nickname":"Bob","isGuest":false}}
            200 json {"$users":[{"id":"$ann","email":"ann@b.example"}]}
            400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","email":"Ann@b.example"}],"record-type":"app-user"},"trace-id":".."}
            200 json {"deleted":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false}}
            200 json {"deleted":null}
            400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","refresh-token":"$session"}],"record-type":"app-user"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","email":"ann@b.example"}],"record-type":"app-user"},"trace-id":".."}
        "#]],
    );
}

#[test]
fn parameters_are_checked() {
    let long = format!("{{\"email\":\"{}@b.example\"}}", "a".repeat(1 << 20));
    let mut requests = Vec::new();
    for (path, bodies) in [
        (
            "/admin/refresh_tokens",
            &["{}", "{\"email\":7}", "{\"email\":\" \"}", "{\"id\":\"x\"}", "{\"id\":{}}"][..],
        ),
        ("/admin/sign_out", &["{}", "{\"email\":[]}", "{\"refresh_token\":\"\"}", "{\"id\":true}"]),
        ("/admin/magic_code", &["{}", "{\"email\":\"\"}", "{\"email\":{}}"]),
        (
            "/admin/verify_magic_code",
            &["{}", "{\"email\":\"a@b.example\"}", "{\"email\":\"a@b.example\",\"code\":\"\"}"],
        ),
        ("/runtime/auth/verify_refresh_token", &["{}", "{\"refresh-token\":\"x\"}"]),
    ] {
        requests.extend(bodies.iter().map(|body| format!("POST {path}\n\n{body}")));
    }
    requests.push("GET /admin/users".to_owned());
    requests.push("GET /admin/users?id=&email".to_owned());
    let requests = Vec::from_iter(requests.iter().map(String::as_str));
    check(
        &requests,
        &expect![[r#"
        400 json {"type":"validation-failed","message":"Validation failed for body: Please provide an `email` or `id`","hint":{"data-type":"body","input":{},"errors":[{"message":"Please provide an `email` or `id`"}]},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"email\"]","hint":{"in":["body","email"],"original-input":7},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"email\"]","hint":{"in":["body","email"],"original-input":" "},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"id\"]","hint":{"in":["body","id"],"original-input":"x"},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"id\"]","hint":{"in":["body","id"],"original-input":{}},"trace-id":".."}
        400 json {"type":"validation-failed","message":"Validation failed for body: Please provide an `id`, `email`, or `refresh_token`","hint":{"data-type":"body","input":{},"errors":[{"message":"Please provide an `id`, `email`, or `refresh_token`"}]},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"email\"]","hint":{"in":["body","email"],"original-input":[]},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"refresh_token\"]","hint":{"in":["body","refresh_token"],"original-input":""},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"id\"]","hint":{"in":["body","id"],"original-input":true},"trace-id":".."}
        400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"email\"]","hint":{"in":["body","email"]},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"email\"]","hint":{"in":["body","email"],"original-input":""},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"email\"]","hint":{"in":["body","email"],"original-input":{}},"trace-id":".."}
        400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"email\"]","hint":{"in":["body","email"]},"trace-id":".."}
        400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"code\"]","hint":{"in":["body","code"]},"trace-id":".."}
        400 json {"type":"record-not-found","message":"Record not found: app-user-magic-code","hint":{"args":[{"email":"a@b.example","code":"","app-id":"$id"}],"record-type":"app-user-magic-code"},"trace-id":".."}
        400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"refresh-token\"]","hint":{"in":["body","refresh-token"]},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"refresh-token\"]","hint":{"in":["body","refresh-token"],"original-input":"x"},"trace-id":".."}
        400 json {"type":"validation-failed","message":"Validation failed for params: Please provide a user id, email, or refresh_token","hint":{"data-type":"params","input":{},"errors":[{"message":"Please provide a user id, email, or refresh_token"}]},"trace-id":".."}
        400 json {"type":"param-malformed","message":"Malformed parameter: [\"params\" \"id\"]","hint":{"in":["params","id"],"original-input":""},"trace-id":".."}
    "#]],
    );
    let response = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async { fixture("{}").send(&format!("POST /admin/refresh_tokens\n\n{long}")).await });
    assert!(
        response.starts_with("400 json") && response.contains("Value is too large for a unique attribute.")
    );
    assert!(response.len() < 1000, "an error quotes the beginning of a long value");
}

#[test]
fn tokens_of_another_app_are_rejected() {
    let (mine, other) = (fixture("{}"), fixture("{}"));
    let responses = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        mine.send("POST /admin/refresh_tokens\n-save session user.refresh_token\n\n{\"email\":\"a@b.example\"}").await;
        mine.send("POST /admin/magic_code\n-save code code\n\n{\"email\":\"a@b.example\"}").await;
        *other.saved.lock().unwrap() = mine.saved.lock().unwrap().clone();
        let mut responses = String::new();
        for request in [
            "POST /admin/query\n-auth\nas-token: $session\n\n{\"query\":{}}",
            "GET /admin/users?refresh_token=$session",
            "POST /admin/sign_out\n\n{\"refresh_token\":\"$session\"}",
            "POST /runtime/auth/verify_refresh_token\n-app\n\n{\"app-id\":\"$id\",\"refresh-token\":\"$session\"}",
            "POST /admin/verify_magic_code\n\n{\"email\":\"a@b.example\",\"code\":\"$code\"}",
        ] {
            responses.push_str(&other.send(request).await);
            responses.push('\n');
        }
        let still = "POST /admin/query\n-auth\nas-token: $session\n\n{\"query\":{\"$users\":{\"$\":{\"fields\":[\"email\"]}}}}";
        responses.push_str(&mine.send(still).await);
        responses
    });
    expect![[r#"
        400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","refresh-token":"$session"}],"record-type":"app-user"},"trace-id":".."}
        200 json {"user":null}
        200 json {"ok":true}
        400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","refresh-token":"$session"}],"record-type":"app-user"},"trace-id":".."}
        400 json {"type":"record-not-found","message":"Record not found: app-user-magic-code","hint":{"args":[{"email":"a@b.example","code":"$code","app-id":"$id"}],"record-type":"app-user-magic-code"},"trace-id":".."}
        200 json {"$users":[{"id":"<id>","email":"a@b.example"}]}"#]].assert_eq(&responses);
}

#[test]
fn secrets_are_stored_as_hashes() {
    let fixture = fixture("{}");
    let response = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        fixture
            .send(
                "POST /admin/refresh_tokens\n-save session user.refresh_token\n\n{\"email\":\"a@b.example\"}",
            )
            .await;
        fixture.send("POST /admin/magic_code\n-save code code\n\n{\"email\":\"a@b.example\"}").await;
        fixture.send("POST /admin/query\n\n{\"query\":{\"$magicCodes\":{},\"$userRefreshTokens\":{}}}").await
    });
    assert!(!response.contains("$session") && !response.contains("$code"), "{response}");
    assert!(response.contains("hashedToken") && response.contains("codeHash"), "{response}");
}

#[test]
fn create_rule_decides_on_new_users() {
    let sign_up = [
        "POST /runtime/auth/sign_in_guest\n-app\n\n{\"app-id\":\"$id\"}",
        "POST /runtime/auth/sign_in_guest\n-app\n\n{\"app-id\":\"$id\",\"extra-fields\":{\"nickname\":\"a\"}}",
        "POST /admin/sign_in_guest\n\n{\"extra-fields\":{\"nickname\":\"a\"}}",
    ];
    for (rules, want) in [
        ("{}", ["200", "400", "200"]),
        (
            r#"{"$users": {"allow": {"$default": "false"}}, "$default": {"allow": {"create": "false"}}}"#,
            ["200", "400", "200"],
        ),
        (r#"{"$users": {"allow": {"create": "true"}}}"#, ["200", "200", "200"]),
        (r#"{"$users": {"allow": {"create": "false"}}}"#, ["400", "400", "200"]),
        (r#"{"$users": {"allow": {"create": false}}}"#, ["400", "400", "200"]),
        (r#"{"$users": {"allow": {"create": null}}}"#, ["200", "400", "200"]),
    ] {
        let fixture = fixture(rules);
        let got = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let mut got = Vec::new();
            for request in sign_up {
                got.push(fixture.send(request).await[..3].to_owned());
            }
            got
        });
        assert_eq!(got, want, "{rules}");
    }
}

#[test]
fn codes_are_passed_to_the_mailbox() {
    let fixture = fixture("{}");
    let sent = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&sent);
    fixture.local.on_magic_code(move |mail| {
        kept.lock().unwrap().push((mail.app_id, mail.email.clone(), mail.code.len()));
        if mail.email.starts_with("gone") { Err("no such mailbox".into()) } else { Ok(()) }
    });
    let responses = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut responses = String::new();
        for request in [
            "POST /runtime/auth/send_magic_code\n-app\n\n{\"app-id\":\"$id\",\"email\":\"Ann@b.example\"}",
            "POST /runtime/auth/send_magic_code\n-app\n\n{\"app-id\":\"$id\",\"email\":\"gone@b.example\"}",
            "POST /runtime/auth/send_magic_code\n-app\n\n{\"app-id\":\"0badbad0-0bad-4bad-8bad-0badbad0bad0\",\"email\":\"a@b.example\"}",
        ] {
            responses.push_str(&fixture.send(request).await);
            responses.push('\n');
        }
        responses
    });
    expect![[r#"
        200 json {"sent":true}
        500 json {"type":"email-send-failed","message":"failed to send the magic code to gone@b.example: no such mailbox","hint":{"recipient":"gone@b.example"},"trace-id":".."}
        400 json {"type":"record-not-found","message":"Record not found: app","hint":{"args":[{"id":"<id>"}],"record-type":"app"},"trace-id":".."}
    "#]].assert_eq(&responses);
    let id = fixture.app.id;
    assert_eq!(
        *sent.lock().unwrap(),
        [(id, "ann@b.example".to_owned(), 6), (id, "gone@b.example".to_owned(), 6)]
    );
}
