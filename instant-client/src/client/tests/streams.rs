//! Responses of the live endpoint, valid and invalid.

use expect_test::{Expect, expect};
use instant_core::Value;

use super::{
    block, shows_token,
    stub::{Reply, Stub, TOKEN, json, response},
};
use crate::{Client, Error, ErrorKind, client::session_message::QueryResult};

const INIT: &str = "retry:500\n\ndata:{\"op\":\"sse-init\"}\n\n:\n";

fn events(text: &str) -> Reply {
    // Without a length, as the origin server sends it; the connection stays open.
    Reply::Response(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=UTF-8\r\n\r\n{INIT}{text}"
    ))
}

fn error(fields: &str) -> Reply {
    events(&format!("data:{{\"op\":\"error\",{fields},\"original-event\":{{\"op\":\"add-query\"}}}}\n\n"))
}

async fn subscribe(db: Client) -> Result<QueryResult, Error> {
    db.pipeline.first_result(&super::query(), &db.options).await
}

#[test]
fn first_result_is_read_from_an_open_stream() {
    block(async {
        let first = r#"data:{"op":"add-query-ok","result":{"goals":[]},"result-meta":{"aggregate":{"goals":{"count":3}}}}"#;
        let stub = Stub::new([events(&format!("{first}\n\ndata:{{\"op\":\"refresh-ok\"}}\n\n"))]).await;
        let first = subscribe(stub.client()).await.unwrap();
        assert_eq!(first.result, r#"{"goals":[]}"#);
        assert_eq!(Value::from(first.aggregate).to_string(), r#"{"goals":{"count":3}}"#);
        let requests = stub.requests();
        assert!(requests[0].starts_with("POST /admin/subscribe-query HTTP/1.1\n"), "{requests:?}");
        assert!(requests[0].ends_with("\n\n{\"query\":{\"goals\":{}},\"inference?\":true}"), "{requests:?}");
    });
}

/// Checks the error of a rejected query: kind, status, message, hint.
#[track_caller]
fn check(reply: Reply, want: &Expect) {
    let error = block(async {
        let stub = Stub::new([reply]).await;
        subscribe(stub.builder().retries(0).build().unwrap()).await.unwrap_err()
    });
    let status = error.status().map_or("-".to_owned(), |status| status.to_string());
    let hint = error.hint().map_or(String::new(), |hint| format!(" {}", Value::from(hint.clone())));
    want.assert_eq(&format!("{:?} {status}: {error}{hint}", error.kind()));
    assert!(!shows_token(&error), "{error:?}");
}

#[test]
fn stream_errors_equal_those_of_calls() {
    check(
        error(
            r#""status":400,"type":"validation-failed","message":"Validation failed for query","hint":{"data-type":"query"}"#,
        ),
        &expect![[
            r#"ValidationFailed 400: the server rejected the request: Validation failed for query (validation-failed) {"data-type":"query"}"#
        ]],
    );
    check(
        error(r#""status":500,"type":"timeout","message":"too slow","hint":null"#),
        &expect!["QueryTimeout 429: the server rejected the request: too slow (timeout)"],
    );
    check(
        error(r#""status":400,"type":"rate-limited","message":"slow down","hint":{"retry-after":7}"#),
        &expect![[
            r#"RateLimited 429: the server rejected the request: slow down (rate-limited) {"retry-after":7}"#
        ]],
    );
    check(
        error(r#""status":500,"type":"operation-timed-out","message":"Operation timed out: handle-receive""#),
        &expect![
            "OperationTimedOut 500: the server rejected the request: Operation timed out: handle-receive (operation-timed-out)"
        ],
    );
    check(
        error(
            r#""status":500,"type":null,"message":"Yikes, something broke on our end! Sorry about that.","hint":null"#,
        ),
        &expect![
            "OtherServer 500: the server rejected the request: Yikes, something broke on our end! Sorry about that."
        ],
    );
    check(
        error(&format!(r#""status":400,"type":"record-not-found","message":"no {TOKEN}""#)),
        &expect!["RecordNotFound 400: the server rejected the request: no <token> (record-not-found)"],
    );
}

#[test]
fn responses_other_than_streams_are_errors() {
    check(
        json(400, r#"{"type":"record-not-found","message":"Record not found: app"}"#),
        &expect![
            "RecordNotFound 400: the server rejected the request: Record not found: app (record-not-found)"
        ],
    );
    check(
        json(200, r#"{"goals":[]}"#),
        &expect![[
            r#"UnexpectedResponse 200: unexpected response 200 OK (not from an Instant server): "{\"goals\":[]}""#
        ]],
    );
    check(
        response(200, "", ""),
        &expect!["UnexpectedResponse 200: empty response with status 200; check the base URL"],
    );
    check(events("data:{\n\n"), &expect!["UnexpectedResponse -: the server sent an event that is not JSON"]);
    let cut = Reply::Response(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 11\r\n\r\nretry:500\n\n"
            .to_owned(),
    );
    let error = block(async {
        let stub = Stub::new([cut]).await;
        subscribe(stub.client().with_retries(0)).await.unwrap_err()
    });
    assert_eq!(error.kind(), ErrorKind::Connection);
}

#[test]
fn first_result_is_retried() {
    block(async {
        let good = || events("data:{\"op\":\"add-query-ok\",\"result\":{}}\n\n");
        let stub = Stub::new([response(503, "retry-after: 0", ""), good()]).await;
        assert_eq!(subscribe(stub.client()).await.unwrap().result, "{}");
        assert_eq!(stub.requests().len(), 2);
    });
}
