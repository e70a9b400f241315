//! Reads an app's attributes: `GET /admin/schema` and `schema/pull`
//! (`docs/protocol/schema-and-platform.md`, "3.5 Pull").

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Object, Value};

use super::{
    Rejection,
    call::Call,
    credentials::{AppCall, admin, app_id},
    json,
};
use crate::{
    apps::Apps,
    clock::now,
    schema::{bracketed, grouped, listed, soft_deleted as deleted_attrs},
};

/// `GET /admin/schema`: responds with all attributes that are not internal, grouped by namespace.
pub(super) async fn schema(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let schema = grouped(&app.state()?.catalog, |names| names.join("-"));
    Ok(json(Value::from(Object::from_iter([("schema".to_owned(), schema)])).to_string()))
}

/// `GET /admin/soft_deleted_attrs`: responds with the attributes that were deleted recently.
pub(super) async fn soft_deleted(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    Ok(json(Value::from(deleted_attrs(&app.state()?.catalog, now())).to_string()))
}

/// `GET /dash/apps/:app_id/soft_deleted_attrs`: the same with the admin token.
pub(super) async fn dash_soft_deleted(AppCall { app, .. }: AppCall) -> Result<Response<Body>, Rejection> {
    Ok(json(Value::from(deleted_attrs(&app.state()?.catalog, now())).to_string()))
}

/// `GET /dash/apps/:app_id/schema/pull`: responds with the grouped attributes, whose links have a
/// different key, and with a list of all attributes.
pub(super) async fn pull(AppCall { app, .. }: AppCall) -> Result<Response<Body>, Rejection> {
    let catalog = app.state()?.catalog;
    let mut out = Object::new();
    out.insert("schema", grouped(&catalog, bracketed));
    out.insert("attrs", listed(&catalog));
    out.insert("app-title", &app.app.info().title);
    Ok(json(Value::from(out).to_string()))
}

/// `GET /superadmin/apps/:app_id/schema`: responds with the grouped attributes of `pull`.
pub(super) async fn show(AppCall { app, .. }: AppCall) -> Result<Response<Body>, Rejection> {
    let schema = grouped(&app.state()?.catalog, bracketed);
    Ok(json(Value::from(Object::from_iter([("schema".to_owned(), schema)])).to_string()))
}
