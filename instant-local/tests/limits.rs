//! Custom limits apply to all apps of the server, with the messages of the real server.

use bytes::Bytes;
use http::Request;
use instant_core::{Uuid, Value, schema::Schema};
use instant_local::{AppCredentials, Limits, Local};

/// Sends a request as the app's admin and returns the status and the body.
async fn send(local: &Local, app: &AppCredentials, path: &str, body: String) -> (u16, String) {
    let request = Request::post(path)
        .header("app-id", app.id.to_string())
        .header("authorization", format!("Bearer {}", app.admin_token))
        .header("content-type", "application/json");
    let response = local.call(request.body(Bytes::from(body)).unwrap()).await;
    (response.status().as_u16(), String::from_utf8(response.into_body().into()).unwrap())
}

#[tokio::test]
async fn a_query_over_its_time_and_a_transaction_over_its_parameters_are_rejected() {
    let no_time = std::time::Duration::ZERO;
    let limits = Limits::new().parameters(5_000);
    let local = Local::in_memory().with_limits(limits);
    let app = local.create_app_with("small", &Schema::default(), None).unwrap();
    let rows = |count| {
        let row = |_| format!(r#"["update","beds","{}",{{"name":"herbs"}}]"#, Uuid::new_v4());
        format!(r#"{{"steps":[{}]}}"#, Vec::from_iter((0..count).map(row)).join(","))
    };
    for (limits, path, body, want) in [
        (limits, "/admin/transact", rows(1000), "parameter-limit-exceeded"),
        (limits, "/admin/transact", rows(300), "tx-id"),
        (limits.time(no_time), "/admin/transact", rows(300), "The transaction took too long to complete."),
        (
            limits.time(no_time),
            "/admin/query",
            r#"{"query":{"beds":{"$":{"where":{"name":"none"}}}}}"#.to_owned(),
            "The query took too long to complete.",
        ),
    ] {
        let (_, text) = send(&local.clone().with_limits(limits), &app, path, body).await;
        assert!(Value::parse(&text).is_ok() && text.contains(want), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_body_over_its_size_its_nesting_or_its_texts_is_rejected() {
    let limits = Limits::new().body_bytes(200).nesting(10).text(50);
    let local = Local::in_memory().with_limits(limits);
    let app = local.create_app("small").unwrap();
    let query =
        |condition: &str| format!(r#"{{"query":{{"beds":{{"$":{{"where":{{"name":{condition}}}}}}}}}}}"#);
    let at_most = |bytes: usize| {
        let query = query("\"\"");
        format!("{query}{}", " ".repeat(bytes - query.len()))
    };
    let nested = |levels: usize| query(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
    for (body, status, want) in [
        (at_most(200), 200, r#"{"beds":[]}"#),
        (at_most(201), 413, "Uploaded content exceeded limits."),
        (nested(5), 400, r#""expected":"map?""#),
        (nested(6), 400, "at most 10 levels of nesting are read"),
        (query(&format!("\"{}\"", "é".repeat(50))), 200, r#"{"beds":[]}"#),
        (query(&format!("\"{}\"", "e".repeat(51))), 400, "a string has at most 50 characters"),
    ] {
        let (got, text) = send(&local, &app, "/admin/query", body.clone()).await;
        assert!(got == status && text.contains(want), "{body}: {got} {text}");
    }
}
