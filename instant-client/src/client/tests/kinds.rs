//! The kind and the predicates of every server error (`docs/protocol/http-api.md`, "3.2 Every error
//! type and its status").

use instant_core::Value;

use super::{
    block, query,
    stub::{Stub, json},
};
use crate::{
    Error,
    ErrorKind::{self, *},
};

/// Returns the predicates that hold.
fn holds(error: &Error) -> Vec<&'static str> {
    let all = [
        ("timeout", error.is_timeout()),
        ("rate limited", error.is_rate_limited()),
        ("validation", error.is_validation()),
        ("denied", error.is_permission_denied()),
        ("not unique", error.is_not_unique()),
        ("not found", error.is_not_found()),
        ("disabled", error.is_app_disabled()),
        ("read-only", error.is_read_only()),
        ("sunset", error.is_sunset()),
        ("retryable", error.is_retryable()),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect()
}

#[test]
fn every_error_type_has_a_kind_and_predicates() {
    let table: &[(u16, &str, &str, ErrorKind, &[&str])] = &[
        (400, "param-missing", r#"{"in":["body","query"]}"#, ParamMissing, &["validation"]),
        (
            400,
            "param-malformed",
            r#"{"in":["body","query"],"original-input":[]}"#,
            ParamMalformed,
            &["validation"],
        ),
        (
            400,
            "validation-failed",
            r#"{"data-type":"query","input":{},"errors":[]}"#,
            ValidationFailed,
            &["validation"],
        ),
        (400, "record-not-found", r#"{"record-type":"app-user","args":[]}"#, RecordNotFound, &["not found"]),
        (400, "record-expired", r#"{"args":[{}]}"#, RecordExpired, &[]),
        (400, "record-not-unique", r#"{"record-type":"triple"}"#, RecordNotUnique, &["not unique"]),
        (400, "record-foreign-key-invalid", r#"{"table":"transactions"}"#, RecordForeignKeyInvalid, &[]),
        (400, "record-check-violation", r#"{"table":"triples"}"#, RecordCheckViolation, &[]),
        (400, "sql-raise", "null", SqlRaise, &[]),
        (
            400,
            "permission-denied",
            r#"{"input":["goals","object"],"expected":"perms-pass?"}"#,
            PermissionDenied,
            &["denied"],
        ),
        (
            400,
            "permission-evaluation-failed",
            r#"{"rule":["goals","view"]}"#,
            PermissionEvaluationFailed,
            &["denied"],
        ),
        (400, "parameter-limit-exceeded", r#"{"doc-urls":[]}"#, ParameterLimitExceeded, &["validation"]),
        (400, "app-read-only", r#"{"status":"read-only"}"#, AppReadOnly, &["disabled", "read-only"]),
        (400, "app-disabled", r#"{"status":"disabled"}"#, AppDisabled, &["disabled"]),
        (400, "app-creation-disabled", r#"{"sunset":true}"#, AppCreationDisabled, &["sunset"]),
        (400, "signups-closed", r#"{"sunset":true}"#, SignupsClosed, &["sunset"]),
        (400, "billing-closed", r#"{"sunset":true}"#, BillingClosed, &["sunset"]),
        (400, "session-missing", "null", SessionMissing, &[]),
        (400, "member-missing", "null", MemberMissing, &[]),
        (400, "connection-closed", "null", ConnectionClosed, &[]),
        (400, "oauth-error", "null", OauthError, &[]),
        (429, "rate-limited", r#"{"retry-after":12}"#, RateLimited, &["rate limited", "retryable"]),
        (429, "timeout", "null", QueryTimeout, &["timeout"]),
        (500, "sql-exception", r#"{"debug-uri":"x"}"#, SqlException, &[]),
        (500, "email-send-failed", r#"{"recipient":"x"}"#, EmailSendFailed, &[]),
        (500, "operation-timed-out", "null", OperationTimedOut, &["timeout"]),
        (500, "socket-missing", "null", SocketError, &[]),
        (500, "socket-error", "null", SocketError, &[]),
        (500, "unknown", r#"{"debug-uri":"x"}"#, ServerFault, &[]),
        (400, "from-the-future", "null", OtherServer, &[]),
        (503, "from-the-future", "null", OtherServer, &["retryable"]),
    ];
    block(async {
        for (status, word, hint, kind, predicates) in table {
            // `oauth-error` uses another key for its message.
            let message = if *word == "oauth-error" { "error" } else { "message" };
            let body = format!(r#"{{"type":"{word}","{message}":"text","hint":{hint},"trace-id":"ab"}}"#);
            let stub = Stub::new([json(*status, &body)]).await;
            let error = stub.client().with_retries(0).query_raw(query()).await.unwrap_err();
            assert_eq!(error.kind(), *kind, "{word}");
            assert_eq!(holds(&error), *predicates, "{word}");
            assert_eq!(
                (error.status(), error.server_type(), error.trace_id()),
                (Some(*status), Some(*word), Some("ab"))
            );
            assert_eq!(error.server_message(), Some("text"), "{word}");
            let found = error.hint().map_or(Value::Null, |hint| hint.clone().into());
            assert_eq!(found.to_string(), *hint, "{word}");
            assert!(
                error.to_string().starts_with(&format!("the server rejected the request: text ({word})")),
                "{error}"
            );
        }
    });
}
