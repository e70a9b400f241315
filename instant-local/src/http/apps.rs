//! The endpoints `GET /dash/apps/:app_id` and `GET /superadmin/apps/:app_id`
//! (`docs/protocol/schema-and-platform.md`, "3.2 What an admin token alone can do").

use axum::body::Body;
use http::Response;
use instant_core::{Object, Value};

use super::{Rejection, credentials::AppCall, ephemeral::app_row, json};

/// Responds with the app, without its token.
pub(super) async fn show(AppCall { app, .. }: AppCall) -> Result<Response<Body>, Rejection> {
    let out = Object::from_iter([("app".to_owned(), app_row(&app).into())]);
    Ok(json(Value::from(out).to_string()))
}
