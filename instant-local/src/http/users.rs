//! Users and sessions for the admin: `/admin/users`, `/admin/refresh_tokens`, `/admin/sign_out`
//! (`docs/protocol/http-api.md`, "7. Users and sessions").

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Issue, Object, Uuid, ValidationError, Value};

use super::{
    Rejection,
    call::Call,
    credentials::{admin, app_id},
    json, params, run_blocking,
};
use crate::{
    apps::Apps,
    auth::{self, Known, NewUser, Session, SignUp, User, UserKey},
    failure::Failure,
};

/// `GET /admin/users`: responds with the user of an `email`, a `refresh_token` or an `id`, or with
/// null.
pub(super) async fn show(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let key = user_of_params(&call)?;
    let user = run_blocking(move || User::find(app.state()?.by_ref(), &key).map(|user| (app.app.id(), user)))
        .await??;
    Ok(user_response("user", user))
}

/// `DELETE /admin/users`: deletes the user that `GET` returns, and responds with it.
pub(super) async fn delete(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let key = user_of_params(&call)?;
    let user = run_blocking(move || auth::delete_user(&app, &key).map(|user| (app.app.id(), user))).await??;
    Ok(user_response("deleted", user))
}

/// `POST /admin/refresh_tokens`: creates a session of the user with an `email` or an `id`. A
/// missing user is created.
pub(super) async fn refresh_tokens(
    State(apps): State<Apps>,
    mut call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let email = params::optional(&["body", "email"], call.field("email"), params::email)?;
    let id = params::optional(&["body", "id"], call.field("id"), params::uuid)?;
    if email.is_none() && id.is_none() {
        return Err(user_unspecified("body", "Please provide an `email` or `id`", call.fields).into());
    }
    let extra = call.fields.remove("extra-fields");
    let session = run_blocking(move || {
        let new = NewUser { kind: None, extra: extra.as_ref(), sign_up: SignUp::Admin };
        auth::sign_in(&app, &Known { id, email }, &new)
            .map(|session| session_json(app.app.id(), &session, true))
    });
    Ok(json(session.await??))
}

/// `POST /admin/sign_out`: ends all sessions of the user with an `id` or an `email`, or the session
/// of a `refresh_token`.
pub(super) async fn sign_out(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let key = if let Some(id) = params::optional(&["body", "id"], call.field("id"), params::uuid)? {
        UserKey::Id(id)
    } else if let Some(email) = params::optional(&["body", "email"], call.field("email"), params::email)? {
        UserKey::Email(email)
    } else {
        let place = ["body", "refresh_token"];
        match params::optional(&place, call.field("refresh_token"), params::uuid)? {
            Some(token) => UserKey::Token(token),
            None => {
                let message = "Please provide an `id`, `email`, or `refresh_token`";
                return Err(user_unspecified("body", message, call.fields).into());
            }
        }
    };
    run_blocking(move || auth::sign_out(&app, &key)).await??;
    Ok(json(r#"{"ok":true}"#))
}

/// Returns the response of the endpoints that sign in a user.
pub(super) fn session_json(app_id: Uuid, session: &Session, says_created: bool) -> String {
    let mut out = Object::new();
    out.insert("user", session.user.to_json(app_id, Some(session.token)));
    if says_created {
        out.insert("created", session.created);
    }
    Value::from(out).to_string()
}

fn user_response(key: &str, (app_id, user): (Uuid, Option<User>)) -> Response<Body> {
    let user = user.map_or(Value::Null, |user| user.to_json(app_id, None).into());
    json(Value::from(Object::from_iter([(key.to_owned(), user)])).to_string())
}

fn user_of_params(call: &Call) -> Result<UserKey, Failure> {
    if let Some(email) = params::optional(&["params", "email"], call.param("email").as_ref(), params::email)?
    {
        return Ok(UserKey::Email(email));
    }
    let place = ["params", "refresh_token"];
    if let Some(token) = params::optional(&place, call.param("refresh_token").as_ref(), params::uuid)? {
        return Ok(UserKey::Token(token));
    }
    if let Some(id) = params::optional(&["params", "id"], call.param("id").as_ref(), params::uuid)? {
        return Ok(UserKey::Id(id));
    }
    Err(user_unspecified("params", "Please provide a user id, email, or refresh_token", call.params()))
}

fn user_unspecified(place: &'static str, message: &str, input: Object) -> Failure {
    Failure::invalid(&ValidationError::new(place, Issue::message(message)), input.into())
}
