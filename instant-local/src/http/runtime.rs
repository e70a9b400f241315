//! Endpoints for clients without the admin token: `/runtime/..` (`docs/protocol/http-api.md`,
//! "13. Runtime auth routes").

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Object, Uuid, Value};

use super::{Rejection, call::Call, credentials::unknown_app, json, params, run_blocking};
use crate::{
    apps::Apps,
    auth::{self, User, UserKey, not_found},
    failure::Failure,
};

/// `POST /runtime/auth/verify_refresh_token`: responds with the user of a `refresh-token`.
pub(super) async fn verify_refresh_token(
    State(apps): State<Apps>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let place = ["body", "refresh-token"];
    let token = params::required(&place, call.field("refresh-token"), params::uuid)?;
    let app_id = app_id(&call)?;
    let key = UserKey::Token(token);
    let user = run_blocking(move || {
        let user = apps.get(app_id).map_or(Ok(None), |app| User::find(app.state()?.by_ref(), &key))?;
        user.ok_or_else(|| not_found(app_id, &key))
    });
    let user = user.await??.to_json(app_id, Some(token));
    Ok(json(Value::from(Object::from_iter([("user".to_owned(), user.into())])).to_string()))
}

/// `POST /runtime/signout`: ends the session of a `refresh_token`.
pub(super) async fn sign_out(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app_id = params::required(&["body", "app_id"], call.field("app_id"), params::uuid)?;
    let place = ["body", "refresh_token"];
    let token = params::required(&place, call.field("refresh_token"), params::uuid)?;
    let app = apps.get(app_id).ok_or_else(unknown_app)?;
    run_blocking(move || auth::sign_out(&app, &UserKey::Token(token))).await??;
    Ok(json("{}"))
}

/// Reads the app id of a call without credentials, which only the body can contain.
pub(super) fn app_id(call: &Call) -> Result<Uuid, Failure> {
    params::required(&["body", "app-id"], call.field("app-id"), params::uuid)
}
