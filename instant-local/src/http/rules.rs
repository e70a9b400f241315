//! Rules documents: push, pull and earlier versions (`docs/protocol/schema-and-platform.md`,
//! "3.9 Rules").

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State},
};
use http::Response;
use instant_core::{Object, Value};

use super::{Rejection, call::Call, credentials, json, params, run_blocking};
use crate::{
    apps::{Apps, HostedApp},
    failure::Failure,
    rules,
};

/// `POST /dash/apps/:app_id/rules`, `POST /superadmin/apps/:app_id/perms`: the field `code`.
/// Responds with the rules and their version, or with null if they are unchanged.
pub(super) async fn push(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = app(&apps, &call, app_id)?;
    const CODE: [&str; 2] = ["body", "code"];
    let code = match call.field("code").filter(|code| code.is_truthy()) {
        None => return Err(params::missing(&CODE).into()),
        Some(Value::Object(code)) => code.clone(),
        Some(other) => return Err(params::malformed(&CODE, other.clone()).into()),
    };
    let rules = run_blocking(move || {
        let pushed = rules::push(&app.app, &code)?;
        let row = |version: i64| {
            let mut out = Object::new();
            out.insert("app_id", app.app.id());
            out.insert("code", code);
            out.insert("version", version);
            Value::from(out)
        };
        Ok::<_, Failure>(pushed.map_or(Value::Null, row))
    })
    .await??;
    Ok(one("rules", rules))
}

/// `GET /dash/apps/:app_id/perms/pull`, `GET /superadmin/apps/:app_id/perms`: responds with the
/// rules, or with null.
pub(super) async fn pull(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = app(&apps, &call, app_id)?;
    Ok(one("perms", rules::stored(&app.state()?.snapshot)?.unwrap_or_default()))
}

/// `GET /dash/apps/:app_id/rule-versions`: responds with the edits that restore earlier rules, the
/// newest version first.
pub(super) async fn versions(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = app(&apps, &call, app_id)?;
    Ok(one("versions", Value::Array(rules::versions(&app.state()?.snapshot)?)))
}

/// Returns the app of the path, if the admin token belongs to it.
fn app(apps: &Apps, call: &Call, app_id: String) -> Result<Arc<HostedApp>, Failure> {
    let id = params::uuid_text(&app_id).ok_or_else(|| params::malformed(&["params", "app_id"], app_id))?;
    credentials::platform(apps, call, id)
}

fn one(key: &str, value: Value) -> Response<Body> {
    json(Value::from(Object::from_iter([(key.to_owned(), value)])).to_string())
}
