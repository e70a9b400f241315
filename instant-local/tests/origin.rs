//! Permission rules read the origin of a request at every endpoint.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use instant_core::{Value, schema::Schema};
use instant_local::{AppCredentials, Local};
use tower_service::Service;

const RULES: &str = r#"{
    "beds": {"allow": {"view": "request.origin == 'https://garden.example' && request.ip == '10.0.0.7'"}},
    "$files": {"allow": {"create": "request.origin == 'https://garden.example' && request.ip == '10.0.0.7'",
                         "delete": "request.origin == 'https://garden.example' && request.ip == '10.0.0.7'"}}}"#;
const WRITE: &str =
    r#"{"steps": [["update", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "herbs"}]]}"#;

/// Sends a guest's request from `origin` through two load balancers, and returns the start of the
/// response.
async fn send(local: &Local, app: &AppCredentials, origin: &str, call: (&str, &str, &str)) -> String {
    let (method, path, body) = call;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("app-id", app.id.to_string())
        .header("authorization", format!("Bearer {}", app.admin_token))
        .header("as-guest", "1")
        .header("origin", origin)
        .header("x-forwarded-for", "10.0.0.7, 10.0.0.8")
        .header("path", "notes.txt")
        .header("content-type", "application/json");
    let request = request.body(Full::from(body.to_owned())).unwrap();
    let Ok(response) = local.service().call(request).await;
    // A subscription's stream does not end.
    let frame = response.into_body().frame().await.unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn rules_read_the_origin_and_the_address() {
    let local = Local::in_memory();
    let rules = Value::parse(RULES).unwrap().as_object().cloned();
    let app = local.create_app_with("garden", &Schema::default(), rules).unwrap();
    let steps = Request::post("/admin/transact")
        .header("app-id", app.id.to_string())
        .header("authorization", format!("Bearer {}", app.admin_token))
        .header("content-type", "application/json");
    assert_eq!(local.call(steps.body(Bytes::from(WRITE)).unwrap()).await.status(), 200);
    let query = r#"{"query": {"beds": {}}}"#;
    for (call, allowed) in [
        (("POST", "/admin/query", query), r#"{"beds":[{"#),
        (("POST", "/admin/query_perms_check", query), r#"{"beds":[{"#),
        (("POST", "/admin/subscribe-query", query), r#"{"beds":[{"#),
        (("PUT", "/admin/storage/upload", "{}"), "location-id"),
        (("DELETE", "/admin/storage/files?filename=notes.txt", ""), r#"{"data":{"id":"#),
        (("POST", "/admin/storage/files/delete", r#"{"filenames": ["notes.txt"]}"#), r#"{"data":{"ids":"#),
    ] {
        for (origin, want) in [("https://weeds.example", false), ("https://garden.example", true)] {
            let response = send(&local, &app, origin, call).await;
            assert_eq!(response.contains(allowed), want, "{call:?} from {origin}: {response}");
        }
    }
}
