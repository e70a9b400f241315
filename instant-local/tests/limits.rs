//! Limits that are set hold for every app of the server, and say what the real one would.

use bytes::Bytes;
use http::Request;
use instant_core::{Uuid, Value, schema::Schema};
use instant_local::{Limits, Local};

#[tokio::test]
async fn a_query_over_its_time_and_a_transaction_over_its_parameters_are_refused() {
    let mut limits = Limits::default();
    limits.time = std::time::Duration::ZERO;
    limits.parameters = 5_000;
    let local = Local::in_memory().with_limits(limits);
    let app = local.create_app_with("small", &Schema::default(), None).unwrap();
    let rows = |count| {
        let row = |_| format!(r#"["update","beds","{}",{{"name":"herbs"}}]"#, Uuid::new_v4());
        format!(r#"{{"steps":[{}]}}"#, Vec::from_iter((0..count).map(row)).join(","))
    };
    for (path, body, want) in [
        ("/admin/transact", rows(1000), "parameter-limit-exceeded"),
        ("/admin/transact", rows(300), "tx-id"),
        (
            "/admin/query",
            r#"{"query":{"beds":{"$":{"where":{"name":"none"}}}}}"#.to_owned(),
            "The query took too long to complete.",
        ),
    ] {
        let request = Request::post(path)
            .header("app-id", app.id.to_string())
            .header("authorization", format!("Bearer {}", app.admin_token))
            .header("content-type", "application/json");
        let answer = local.call(request.body(Bytes::from(body)).unwrap()).await;
        let text = String::from_utf8(answer.into_body().into()).unwrap();
        assert!(Value::parse(&text).is_ok() && text.contains(want), "{path}: {text}");
    }
}
