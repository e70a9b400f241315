//! Sign-in with OAuth: `/runtime/oauth/..` (`docs/protocol/http-api.md`,
//! "13. Runtime auth routes").
//!
//! This backend has no OAuth clients, so every code and client is unknown. Malformed requests get
//! the real server's errors.

use axum::{
    body::Body,
    extract::{Path, State},
};
use http::Response;
use instant_core::{Object, Value};

use super::{Rejection, call::Call, json, params};
use crate::{apps::Apps, failure::Failure};

/// `POST /runtime/oauth/token`: the fields `app_id`, `code` and `code_verifier`.
pub(super) async fn token(_: State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app_id = anywhere(&call, "app_id", params::uuid)?;
    let code = anywhere(&call, "code", params::uuid)?;
    let verifier = match find_param(&call, "code_verifier") {
        Some((_, verifier)) => verifier,
        None => Value::Null,
    };
    let args = [("app-id", app_id.into()), ("code", code.into()), ("verifier", verifier)];
    Err(Failure::not_found("app-oauth-code", args).into())
}

/// `POST /runtime/oauth/id_token`: the fields `app_id`, `id_token` and `client_name`.
pub(super) async fn id_token(_: State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    params::required(&["body", "id_token"], call.field("id_token"), params::non_blank)?;
    let client = params::required(&["body", "client_name"], call.field("client_name"), params::non_blank)?;
    let app_id = params::required(&["body", "app_id"], call.field("app_id"), params::uuid)?;
    let args = [("app-id", app_id.into()), ("client-name", client.into())];
    Err(Failure::not_found("app-oauth-client", args).into())
}

/// `GET /runtime/:app_id/.well-known/openid-configuration`: responds with the endpoints for signing
/// in.
pub(super) async fn configuration(
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let id = params::uuid_text(&app_id);
    let id = id.ok_or_else(|| params::malformed(&["params", "app_id"], app_id))?;
    let base = format!("{}/runtime/{id}/oauth", call.base_url());
    let out = [("authorization_endpoint", "start"), ("token_endpoint", "token")]
        .map(|(name, path)| (name.to_owned(), Value::from(format!("{base}/{path}"))));
    Ok(json(Value::from(Object::from_iter(out)).to_string()))
}

/// Finds a parameter in the query string, the body or a form, and returns it with its place.
fn find_param(call: &Call, name: &str) -> Option<(&'static str, Value)> {
    if let Some(value) = call.query(name) {
        return Some(("params", value));
    }
    match call.field(name) {
        Some(value) if value.is_truthy() => Some(("body", value.clone())),
        _ => call.param(name).map(|value| ("form-params", value)),
    }
}

fn anywhere<T>(call: &Call, name: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<T, Failure> {
    // The real server tries each name twice, and its hint lists both attempts.
    let twice =
        |places: &[&str]| Value::from_iter(places.iter().map(|place| Value::from_iter([*place, name])));
    let (mut failure, places) = match find_param(call, name) {
        None => {
            let places = twice(&["params", "body", "body", "form-params", "form-params"]);
            (params::missing(&["params", name]), places)
        }
        Some((place, value)) => match read(&value) {
            Some(read) => return Ok(read),
            None => {
                let places = twice(&["params", "params", "body", "body", "form-params", "form-params"]);
                (params::malformed(&[place, name], value), places)
            }
        },
    };
    if let Some(hint) = &mut failure.error.hint {
        hint.insert("possible-ins", places);
    }
    Err(failure)
}
