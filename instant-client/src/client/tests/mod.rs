//! Tests of the client against a server with prepared replies.

mod auth;
mod bad_input;
mod batches;
mod connections;
mod in_process;
mod kinds;
mod pushing;
mod rooms;
mod scoped;
mod service;
mod slow;
mod storage;
mod streams;
mod stub;

use std::time::Duration;

use expect_test::{Expect, expect};
use instant_core::{Object, Value};

use self::stub::{Reply, Stub, TOKEN, json, response};
use crate::{Error, ErrorKind};

fn query() -> Value {
    Value::from(Object::from_iter([("goals".to_owned(), Object::new().into())]))
}

/// Runs a future on its own runtime.
fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn calls_post_app_id_and_token() {
    block(async {
        let stub = Stub::new([json(200, r#"{"goals":[]}"#), json(200, r#"{"tx-id":7}"#)]).await;
        let db = stub.client();
        assert_eq!(db.query_raw(query()).await.unwrap().to_string(), r#"{"goals":[]}"#);
        assert_eq!(db.transact_raw(Value::Array(vec![])).await.unwrap().tx_id, 7);
        let want = expect![[r#"
            POST /admin/query HTTP/1.1
            accept: */*
            app-id: 137ace7a-efdd-490f-b0dc-a3c73a14f892
            authorization: Bearer 82900C15-faac-495b-b385-9f9e7743b629
            content-length: 40
            content-type: application/json
            host: $address
            user-agent: instant-client-rust/0.1.0

            {"query":{"goals":{}},"inference?":true}
            POST /admin/transact HTTP/1.1
            accept: */*
            app-id: 137ace7a-efdd-490f-b0dc-a3c73a14f892
            authorization: Bearer 82900C15-faac-495b-b385-9f9e7743b629
            content-length: 12
            content-type: application/json
            host: $address
            user-agent: instant-client-rust/0.1.0

            {"steps":[]}"#]];
        want.assert_eq(&stub.requests().join("\n"));
    });
}

/// Checks the error of a rejected query: kind, status, message, hint.
#[track_caller]
fn check(reply: Reply, want: &Expect) {
    let error = block(async {
        let stub = Stub::new([reply]).await;
        stub.builder().retries(0).build().unwrap().query_raw(query()).await.unwrap_err()
    });
    let status = error.status().map_or("-".to_owned(), |status| status.to_string());
    let hint = error.hint().map_or(String::new(), |hint| format!(" {}", Value::from(hint.clone())));
    let trace = error.trace_id().map_or(String::new(), |trace| format!(" trace {trace}"));
    want.assert_eq(&format!("{:?} {status}: {error}{hint}{trace}", error.kind()));
    assert!(!shows_token(&error), "{error:?}");
}

/// Returns whether the error or its sources show the token in any format.
fn shows_token(error: &Error) -> bool {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?}", error.hint(), error.server_message());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!("{cause} {cause:?}"));
        source = cause.source();
    }
    text.to_lowercase().contains(&TOKEN.to_lowercase())
}

#[test]
fn rejections_keep_the_server_error() {
    check(
        json(
            400,
            r#"{"type":"validation-failed","message":"Validation failed","hint":{"data-type":"query"},"trace-id":"ab"}"#,
        ),
        &expect![[
            r#"ValidationFailed 400: the server rejected the request: Validation failed (validation-failed) {"data-type":"query"} trace ab"#
        ]],
    );
    let echoed = TOKEN.to_lowercase();
    check(
        json(
            400,
            &format!(
                r#"{{"type":"record-not-found","message":"no {TOKEN}","hint":{{"args":[{{"token":"{echoed}"}}]}}}}"#
            ),
        ),
        &expect![[
            r#"RecordNotFound 400: the server rejected the request: no <token> (record-not-found) {"args":[{"token":"<token>"}]}"#
        ]],
    );
    check(
        json(
            400,
            r#"{"type":"record-not-found","message":"Record not found: app-admin-token","hint":{"message":"It may be invalid."}}"#,
        ),
        &expect![[
            r#"RecordNotFound 400: the server rejected the request: Record not found: app-admin-token (record-not-found): It may be invalid. {"message":"It may be invalid."}"#
        ]],
    );
    check(
        json(429, r#"{"type":"timeout","message":"too slow","hint":null}"#),
        &expect!["QueryTimeout 429: the server rejected the request: too slow (timeout)"],
    );
    check(
        json(400, r#"{"type":"brand-new","message":"x"}"#),
        &expect!["OtherServer 400: the server rejected the request: x (brand-new)"],
    );
    check(
        json(503, r#"{"message":"This app is served by a different backend."}"#),
        &expect![
            "OtherServer 503: the server rejected the request: This app is served by a different backend."
        ],
    );
}

#[test]
fn foreign_responses_keep_status_and_a_quote() {
    check(
        response(200, "", ""),
        &expect!["UnexpectedResponse 200: empty response with status 200; check the base URL"],
    );
    check(
        response(200, "content-type: text/html", "<html>Welcome</html>"),
        &expect![[
            r#"UnexpectedResponse 200: unexpected response 200 OK (not from an Instant server): "<html>Welcome</html>""#
        ]],
    );
    check(
        response(
            502,
            "content-type: text/html",
            &format!("<h1>Bad Gateway</h1> {TOKEN} {}", "x".repeat(1000)),
        ),
        &expect![[
            r#"UnexpectedResponse 502: unexpected response 502 Bad Gateway (not from an Instant server): "<h1>Bad Gateway</h1> <token> xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…""#
        ]],
    );
    check(
        response(400, "content-type: text/plain", "Malformed JSON in request body."),
        &expect![[
            r#"UnexpectedResponse 400: unexpected response 400 Bad Request (not from an Instant server): "Malformed JSON in request body.""#
        ]],
    );
    check(
        response(500, "", ""),
        &expect!["UnexpectedResponse 500: empty response with status 500 Internal Server Error"],
    );
    check(
        response(301, "location: https://me:pass@other.example:444/admin/users?email=ada@x.com", ""),
        &expect![[
            r#"UnexpectedResponse 301: the server redirects to https://other.example:444; use that as the base URL"#
        ]],
    );
    check(
        response(302, "location: /login?email=ada@x.com", ""),
        &expect!["UnexpectedResponse 302: the server redirects to another path; check the base URL"],
    );
    check(json(200, "\u{feff}{"), &expect!["UnexpectedResponse -: the response is not JSON"]);
}

#[test]
fn unreachable_and_silent_servers_are_distinguished() {
    block(async {
        let away =
            crate::Client::builder(stub::ID).admin_token(TOKEN).base_url("http://127.0.0.1:1").retries(0);
        let error = away.build().unwrap().query_raw(query()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.to_string(), "failed to connect to http://127.0.0.1:1/: connection refused");
        assert!(error.is_retryable() && !shows_token(&error) && std::error::Error::source(&error).is_some());

        let stub = Stub::new([Reply::Close]).await;
        let error = stub.client().with_retries(0).query_raw(query()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
    });
}

#[test]
fn reads_are_retried_and_writes_are_not() {
    block(async {
        let busy = || response(503, "retry-after: 0", "");
        let stub = Stub::new([busy(), busy(), json(200, "{}")]).await;
        stub.client().query_raw(query()).await.unwrap();
        assert_eq!(stub.requests().len(), 3);

        let stub = Stub::new([busy()]).await;
        let error = stub.client().with_retries(2).query_raw(query()).await.unwrap_err();
        assert_eq!((error.attempts(), stub.requests().len()), (3, 3));
        assert_eq!(
            error.to_string(),
            "empty response with status 503 Service Unavailable (after 3 attempts)"
        );

        let stub = Stub::new([busy(), json(200, r#"{"tx-id":1}"#)]).await;
        let error = stub.client().transact_raw(Value::Array(vec![])).await.unwrap_err();
        assert_eq!((error.attempts(), stub.requests().len()), (1, 1));
        stub.client().idempotent().transact_raw(Value::Array(vec![])).await.unwrap();

        let stub = Stub::new([busy(), json(200, r#"{"tx-id":1}"#)]).await;
        stub.client().idempotent().transact_raw(Value::Array(vec![])).await.unwrap();
        assert_eq!(stub.requests().len(), 2);
    });
}

#[test]
fn backoff_beyond_the_deadline_ends_the_call() {
    block(async {
        let hint = r#"{"type":"rate-limited","message":"slow down","hint":{"retry-after":120}}"#;
        let stub = Stub::new([json(429, hint)]).await;
        let error = stub.client().query_raw(query()).await.unwrap_err();
        assert!(error.is_rate_limited() && error.is_retryable());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(120)));
        assert_eq!(stub.requests().len(), 1);
    });
}

#[test]
fn debug_output_omits_the_token() {
    block(async {
        let stub = Stub::new([Reply::Close]).await;
        let shown = format!("{:?} {:?}", stub.builder(), stub.client()).to_lowercase();
        assert!(!shown.contains(&TOKEN.to_lowercase()), "{shown}");
        assert!(shown.contains(stub::ID), "{shown}");
    });
}

#[cfg(feature = "local")]
#[test]
fn embedded_backend_responds_like_a_server() {
    block(async {
        let db = crate::Client::in_memory();
        let error = db.query_raw(Value::Array(vec![])).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::ParamMalformed, Some(400)));
        assert!(error.trace_id().is_some_and(|trace| trace.len() == 32));
        let rules = crate::Client::in_memory_with(Default::default()).rules("[]").build().unwrap_err();
        assert_eq!(rules.to_string(), "the rules are not a JSON object: expected an object, found array");
    });
}

#[cfg(feature = "local")]
#[test]
fn file_cannot_be_opened_twice() {
    block(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("goals.db");
        let db = crate::Client::open(&path).await.unwrap();
        let error = crate::Client::open(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("is already open"), "{error}");
        let id = db.app_id();
        drop(db);
        assert_eq!(crate::Client::open(&path).await.unwrap().app_id(), id);
    });
}

#[test]
fn clients_and_their_futures_are_send() {
    fn send_and_sync<T: Send + Sync + Clone + 'static>() {}
    fn send<T: Send>(_: impl FnOnce(crate::Client) -> T) {}
    send_and_sync::<crate::Client>();
    send(|db| async move { drop((db.query_raw(query()).await, db.transact_raw(query()).await)) });
    assert!(size_of::<Error>() == size_of::<usize>());
}
