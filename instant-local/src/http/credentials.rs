//! Resolves the app of a call and its caller (`docs/protocol/http-api.md`,
//! "2.1 Resolving the app id" to "2.3 Impersonation: As-Token, As-Email, As-Guest").
//!
//! Invalid credentials are rejected with status 400.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use instant_core::{Uuid, Value};

use super::{Rejection, call::Call, params};
use crate::{
    apps::{Apps, HostedApp},
    auth::{User, UserKey, not_found},
    caller::Caller,
    failure::Failure,
};

/// The app and the caller that credentials resolve to.
pub(super) struct Access {
    /// The app; `None` only for a guest who names an app that does not exist.
    pub(super) app: Option<Arc<HostedApp>>,
    /// The caller whose permissions apply.
    pub(super) caller: Caller,
}

/// Resolves the caller of an endpoint that supports the `As-*` headers. The first of these headers
/// that is present decides.
pub(super) fn access(apps: &Apps, call: &Call, app_id: Uuid) -> Result<Access, Failure> {
    if let Some(token) = call.header("as-token") {
        let token =
            params::uuid_text(&token).ok_or_else(|| params::malformed(&["asUser", "token"], token))?;
        return user(apps.get(app_id), app_id, UserKey::Token(token));
    }
    if let Some(email) = call.header("as-email") {
        let app = admin(apps, call, app_id)?;
        return user(Some(app), app_id, UserKey::Email(email));
    }
    if call.header("as-guest").is_some() {
        return Ok(Access { app: apps.get(app_id), caller: Caller::Guest });
    }
    Ok(Access { app: Some(admin(apps, call, app_id)?), caller: Caller::Admin })
}

/// Returns the app of an endpoint that requires the admin token.
pub(super) fn admin(apps: &Apps, call: &Call, app_id: Uuid) -> Result<Arc<HostedApp>, Failure> {
    let token = bearer(call)?;
    owner(apps, app_id, token)
}

/// The extractor of endpoints that have only the app's id in the path, and require the admin token.
pub(super) struct AppCall {
    pub(super) app: Arc<HostedApp>,
    pub(super) call: Call,
}

impl FromRequest<Apps> for AppCall {
    type Rejection = Rejection;

    async fn from_request(request: Request, apps: &Apps) -> Result<Self, Rejection> {
        let (mut head, body) = request.into_parts();
        let path = Path::<String>::from_request_parts(&mut head, apps).await;
        let call = Call::from_request(Request::from_parts(head, body), apps).await?;
        let Path(app_id) = path.map_err(|_| params::malformed(&["params", "app_id"], Value::Null))?;
        let app = app_of_path(apps, &call, &app_id)?;
        Ok(Self { app, call })
    }
}

/// Returns the app of an endpoint that has the app's id in the path and requires the admin token.
pub(super) fn app_of_path(apps: &Apps, call: &Call, app_id: &str) -> Result<Arc<HostedApp>, Failure> {
    let token = bearer(call)?;
    let id = params::uuid_text(app_id)
        .ok_or_else(|| params::malformed(&["params", "app_id"], app_id.to_owned()))?;
    if let Some(app) = apps.get(id).filter(|app| app.is_admin_token(token)) {
        return Ok(app);
    }
    if apps.all().iter().any(|app| app.is_admin_token(token)) {
        let message = format!(
            "this admin token belongs to another app than {id}; send the token of the app in the path"
        );
        let hint = [("reason", "admin-token-mismatch".into())];
        return Err(Failure::rejected("validation-failed", message).with_hint(hint));
    }
    Err(Failure { status: 401, ..Failure::not_found("instant-user", [("auth?", true.into())]) })
}

/// Returns the app, if `token` is its admin token.
pub(super) fn owner(apps: &Apps, app_id: Uuid, token: Uuid) -> Result<Arc<HostedApp>, Failure> {
    apps.get(app_id).filter(|app| app.is_admin_token(token)).ok_or_else(|| {
        let args = [("app-id", app_id.into()), ("token", token.into())];
        let mut failure = Failure::not_found("app-admin-token", args);
        if let Some(hint) = &mut failure.error.hint {
            hint.insert(
                "message",
                "This admin token may be expired or invalid. Or you may have provided an incorrect app ID.",
            );
        }
        failure
    })
}

/// Returns the app of an endpoint under `/superadmin`, whose path names it.
pub(super) fn platform(apps: &Apps, call: &Call, app_id: Uuid) -> Result<Arc<HostedApp>, Failure> {
    let token = bearer(call)?;
    apps.get(app_id).filter(|app| app.is_admin_token(token)).ok_or_else(|| {
        let message = format!(
            "This admin token does not belong to app {app_id}. Admin tokens are bound to a single app. Use a personal access \
             token to manage other apps."
        );
        Failure::rejected("validation-failed", message).with_hint([("reason", "admin-token-mismatch".into())])
    })
}

/// Returns the app id from the header or, if there is no such header, from the query string.
pub(super) fn app_id(call: &Call) -> Result<Uuid, Failure> {
    const HEADER: [&str; 2] = ["headers", "app-id"];
    const QUERY: [&str; 2] = ["query-params", "app_id"];
    let with_places = |mut failure: Failure, places: &[[&str; 2]]| {
        if let Some(hint) = &mut failure.error.hint {
            hint.insert("possible-ins", Value::from_iter(places.iter().copied()));
        }
        failure
    };
    let (path, given) = match call.header("app-id") {
        Some(header) => (HEADER, Value::String(header)),
        None => match call.query("app_id") {
            Some(parameter) => (QUERY, parameter),
            None => return Err(with_places(params::missing(&HEADER), &[QUERY])),
        },
    };
    params::uuid(&given).ok_or_else(|| with_places(params::malformed(&path, given), &[HEADER, QUERY]))
}

/// Returns the admin token of the `Authorization` header: the text after its last `Bearer `.
fn bearer(call: &Call) -> Result<Uuid, Failure> {
    const HEADER: [&str; 2] = ["headers", "authorization"];
    let header = call.header("authorization").ok_or_else(|| params::missing(&HEADER))?;
    let token = header.rsplit("Bearer ").next().unwrap_or_default().trim();
    if let Some(token) = params::uuid_text(token) {
        return Ok(token);
    }
    Err(match token {
        token if token.starts_with("per_") => Failure::not_found("instant-user", []),
        token if token.starts_with("pat_") => Failure::not_found("oauth-access-token", []),
        // The real server fails with status 500 here.
        token if token.starts_with("eyJ") => {
            Failure::rejected("param-malformed", "A JWT opens nothing here; send the app's admin token")
                .with_hint([("in", HEADER.into())])
        }
        _ => params::malformed(&HEADER, header),
    })
}

/// Resolves the caller of an endpoint for clients: the user of the refresh token in
/// `Authorization`, or a guest.
pub(super) fn client(apps: &Apps, call: &Call) -> Result<Access, Failure> {
    let app_id = match call.header("app_id") {
        Some(header) => params::required(&["headers", "app_id"], Some(&header.into()), params::uuid)?,
        None => app_id(call)?,
    };
    if call.header("authorization").is_none() {
        return Ok(Access { app: apps.get(app_id), caller: Caller::Guest });
    }
    user(apps.get(app_id), app_id, UserKey::Token(bearer(call)?))
}

/// Resolves a user of the app as the caller.
fn user(app: Option<Arc<HostedApp>>, app_id: Uuid, key: UserKey) -> Result<Access, Failure> {
    let user = match &app {
        Some(app) => User::find(app.state()?.by_ref(), &key)?,
        None => None,
    };
    let user = user.ok_or_else(|| not_found(app_id, &key))?;
    Ok(Access { app, caller: Caller::User(user.id) })
}

/// Returns the real server's database error for a write to an app that does not exist.
pub(super) fn unknown_app() -> Failure {
    const VIOLATION: &str = "foreign-key-violation";
    Failure::rejected("record-foreign-key-invalid", format!("Foreign Key Invalid: {VIOLATION}")).with_hint([
        ("table", "transactions".into()),
        ("condition", VIOLATION.into()),
        ("constraint", "transactions_app_id_fkey".into()),
    ])
}
