//! Users and sessions, for the admin: `/admin/users`, `/admin/refresh_tokens`, `/admin/sign_out`
//! (`docs/protocol/http-api.md`, "7. Users and sessions").

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Issue, Object, Uuid, ValidationError, Value};

use super::{
    Refusal,
    call::Call,
    credentials::{admin, app_id},
    json, offload, params,
};
use crate::{
    apps::Apps,
    auth::{Known, NewUser, Session, SignUp, User, UserKey},
    failure::Failure,
};

/// `GET /admin/users`: the user with an `email`, a `refresh_token` or an `id`, or null.
pub(super) async fn show(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Refusal> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let key = user_of_params(&call)?;
    let user =
        offload(move || User::find(app.state()?.by_ref(), &key).map(|user| (app.app.id(), user))).await??;
    Ok(one("user", user))
}

/// `DELETE /admin/users`: deletes the user whom `GET` would answer, and answers it.
pub(super) async fn delete(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Refusal> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let key = user_of_params(&call)?;
    let user = offload(move || app.delete_user(&key).map(|user| (app.app.id(), user))).await??;
    Ok(one("deleted", user))
}

/// `POST /admin/refresh_tokens`: a new session of the user with an `email` or an `id`, who is made if there is none.
pub(super) async fn refresh_tokens(
    State(apps): State<Apps>,
    mut call: Call,
) -> Result<Response<Body>, Refusal> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let email = params::optional(&["body", "email"], call.field("email"), params::email)?;
    let id = params::optional(&["body", "id"], call.field("id"), params::uuid)?;
    if email.is_none() && id.is_none() {
        return Err(nobody("body", "Please provide an `email` or `id`", call.fields).into());
    }
    let extra = call.fields.remove("extra-fields");
    let session = offload(move || {
        let new = NewUser { kind: None, extra: extra.as_ref(), sign_up: SignUp::Admin };
        app.sign_in(&Known { id, email }, &new).map(|session| signed_in(app.app.id(), &session, true))
    });
    Ok(json(session.await??))
}

/// `POST /admin/sign_out`: ends the sessions of the user with an `id` or an `email`, or the one of a `refresh_token`.
pub(super) async fn sign_out(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Refusal> {
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
                return Err(nobody("body", message, call.fields).into());
            }
        }
    };
    offload(move || app.sign_out(&key)).await??;
    Ok(json(r#"{"ok":true}"#))
}

/// A user with its new session, as the endpoints that sign somebody in answer it.
pub(super) fn signed_in(app_id: Uuid, session: &Session, says_created: bool) -> String {
    let mut out = Object::new();
    out.insert("user", session.user.to_json(app_id, Some(session.token)));
    if says_created {
        out.insert("created", session.created);
    }
    Value::from(out).to_string()
}

fn one(key: &str, (app_id, user): (Uuid, Option<User>)) -> Response<Body> {
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
    Err(nobody("params", "Please provide a user id, email, or refresh_token", call.params()))
}

fn nobody(place: &'static str, message: &str, input: Object) -> Failure {
    Failure::invalid(&ValidationError::new(place, Issue::message(message)), input.into())
}
