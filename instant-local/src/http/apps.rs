//! One app: `GET /dash/apps/:app_id` and its twin (`schema-and-platform.md` 3.2).

use axum::{
    body::Body,
    extract::{Path, State},
};
use http::Response;
use instant_core::{Object, Value};

use super::{Refusal, call::Call, credentials::app_of_path, ephemeral::row, json};
use crate::apps::Apps;

/// The app without its token.
pub(super) async fn show(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Refusal> {
    let app = app_of_path(&apps, &call, &app_id)?;
    let out = Object::from_iter([("app".to_owned(), row(&app).into())]);
    Ok(json(Value::from(out).to_string()))
}
