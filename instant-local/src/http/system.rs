//! What needs no app and no token: the welcome page and the health check.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode};
use instant_core::Object;

use super::{answer, call::Call, json};

/// `GET /health`: says that the server is up, and which version it is.
pub(super) async fn health(_: Call) -> Response<Body> {
    let mut out = Object::new();
    out.insert("status", "ok");
    out.insert("version", env!("CARGO_PKG_VERSION"));
    json(instant_core::Value::from(out).to_string())
}

/// `GET /health/system`: what the real server says of its database's log.
pub(super) async fn health_system(_: Call) -> Response<Body> {
    json(r#"{"wal":"ok"}"#)
}

/// `GET /`: what the real server greets with.
pub(super) async fn welcome(_: Call) -> Response<Body> {
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer(StatusCode::OK, Some(html), "<code>Welcome to Instant's Backend!</code>")
}
