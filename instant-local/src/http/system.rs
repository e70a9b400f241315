//! Endpoints without an app or a token: the welcome page and the health check.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode};
use instant_core::Object;

use super::{build_response, call::Call, json};

/// `GET /health`: responds with the version of the server.
pub(super) async fn health(_: Call) -> Response<Body> {
    let mut out = Object::new();
    out.insert("status", "ok");
    out.insert("version", env!("CARGO_PKG_VERSION"));
    json(instant_core::Value::from(out).to_string())
}

/// `GET /health/system`: responds like the real server, whose database has a write-ahead log.
pub(super) async fn health_system(_: Call) -> Response<Body> {
    json(r#"{"wal":"ok"}"#)
}

/// `GET /`: responds with the real server's welcome page.
pub(super) async fn welcome(_: Call) -> Response<Body> {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    build_response(StatusCode::OK, Some(html), "<code>Welcome to Instant's Backend!</code>")
}
