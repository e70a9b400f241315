//! One app: `GET /dash/apps/:app_id` and its twin (`docs/protocol/schema-and-platform.md`, "3.2
//! What an admin token alone can do").

use axum::body::Body;
use http::Response;
use instant_core::{Object, Value};

use super::{Refusal, credentials::AppCall, ephemeral::row, json};

/// The app without its token.
pub(super) async fn show(AppCall { app, .. }: AppCall) -> Result<Response<Body>, Refusal> {
    let out = Object::from_iter([("app".to_owned(), row(&app).into())]);
    Ok(json(Value::from(out).to_string()))
}
