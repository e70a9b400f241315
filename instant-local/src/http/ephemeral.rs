//! Temporary apps, which need no account: `/dash/apps/ephemeral`
//! (`docs/protocol/schema-and-platform.md`, "3.10 Apps").

use axum::{
    body::Body,
    extract::{Path, State},
};
use http::Response;
use instant_core::{Object, Uuid, Value, schema::Schema};
use jiff::Timestamp;

use super::{Rejection, call::Call, credentials, json, params, run_blocking};
use crate::{
    apps::{Apps, HostedApp, NewApp, Status},
    failure::Failure,
};

/// The lifetime of a temporary app on the real server: 14 days in milliseconds.
const LIFE: i64 = 14 * 24 * 60 * 60 * 1000;

/// `POST /dash/apps/ephemeral`: the fields `title`, `schema` and `rules.code`.
pub(super) async fn create(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let title = params::required(&["body", "title"], call.field("title"), params::non_blank)?;
    let schema = match call.field("schema").filter(|schema| schema.is_truthy()) {
        None => Schema::default(),
        Some(json) => Schema::parse(json).map_err(|invalid| Failure::invalid(&invalid, json.clone()))?,
    };
    let rules = match call.field("rules").and_then(|rules| rules.get("code")).filter(|code| code.is_truthy())
    {
        None => None,
        Some(Value::Object(code)) => Some(code.clone()),
        Some(other) => return Err(params::malformed(&["body", "rules", "code"], other.clone()).into()),
    };
    let app = run_blocking(move || apps.create(NewApp { title, schema, rules, temporary: true })).await??;
    let mut row = app_row(&app);
    row.insert("admin-token", app.app.info().admin_token);
    Ok(json(with_expiry(&app, row)))
}

/// `GET /dash/apps/ephemeral/:app_id`: responds with the app, without its token.
pub(super) async fn show(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    _: Call,
) -> Result<Response<Body>, Rejection> {
    let app = temporary(&apps, app_id_of(&app_id)?)?;
    Ok(json(with_expiry(&app, app_row(&app))))
}

/// `POST /dash/apps/ephemeral/:app_id/status`: the fields `admin-token` and `status`. The
/// `Authorization` header is ignored.
pub(super) async fn set_status(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let id = app_id_of(&app_id)?;
    let token = params::required(&["body", "admin-token"], call.field("admin-token"), params::uuid)?;
    let status = params::required(&["body", "status"], call.field("status"), |value| {
        Status::parse(params::non_blank(value)?.as_str())
    })?;
    let app = temporary(&apps, id)?;
    credentials::owner(&apps, app.app.id(), token)?;
    run_blocking(move || app.set_status(status)).await??;
    let out = Object::from_iter([("status".to_owned(), status.as_str().into())]);
    Ok(json(Value::from(out).to_string()))
}

fn app_id_of(path: &str) -> Result<Uuid, Failure> {
    params::uuid_text(path).ok_or_else(|| params::malformed(&["params", "app_id"], path))
}

fn temporary(apps: &Apps, id: Uuid) -> Result<std::sync::Arc<HostedApp>, Failure> {
    apps.get(id)
        .filter(|app| app.is_temporary())
        .ok_or_else(|| Failure::not_found("app", [("id", id.into())]))
}

fn with_expiry(app: &HostedApp, row: Object) -> String {
    let expires = app.app.info().created.saturating_add(LIFE);
    let out = [("app".to_owned(), row.into()), ("expires_ms".to_owned(), Value::from(expires))];
    Value::from(Object::from_iter(out)).to_string()
}

/// Returns the app as a row of the real server's database. Columns that this backend does not use
/// are null.
pub(super) fn app_row(app: &HostedApp) -> Object {
    let identity = app.app.info();
    let created = Timestamp::from_second(identity.created.div_euclid(1000)).unwrap_or_default();
    let mut out = Object::new();
    out.insert("id", identity.id);
    out.insert("title", &identity.title);
    out.insert("creator_id", CREATOR);
    out.insert("created_at", created.to_string());
    out.insert("status", app.status().as_str());
    for absent in
        ["org_id", "connection_string", "deletion_marked_at", "magic_code_expiry_minutes", "subscription_id"]
    {
        out.insert(absent, Value::Null);
    }
    out
}

/// The user id that is reported as the creator of every app.
const CREATOR: Uuid = Uuid::from_u128(0x1);
