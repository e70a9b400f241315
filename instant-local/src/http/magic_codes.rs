//! Magic codes and guests: `/admin/..` (`docs/protocol/http-api.md`, "8. Magic codes",
//! "9. Guest sign-in (admin)") and `/runtime/auth/..` ("13. Runtime auth routes").

use std::sync::Arc;

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Object, Value};

use super::{
    Rejection,
    call::Call,
    credentials::{admin, app_id, unknown_app},
    json, params, run_blocking, runtime,
    users::session_json,
};
use crate::{
    apps::{Apps, HostedApp},
    auth::{self, MagicCodeMail, NewUser, QuotaAction, SignUp, Verification},
    failure::Failure,
};

/// `POST /admin/magic_code`: creates a code for an `email` and responds with it.
pub(super) async fn create(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let email = email(&call)?;
    Ok(code(&run_blocking(move || auth::magic_code(&app, &email)).await??))
}

/// `POST /admin/send_magic_code`: creates a code for an `email`, sends it, and responds with it.
pub(super) async fn send(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let email = email(&call)?;
    Ok(code(&run_blocking(move || send_to(&apps, &app, email)).await??))
}

/// `POST /runtime/auth/send_magic_code`: creates a code for an `email` and sends it.
pub(super) async fn runtime_send(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let email = email(&call)?;
    let app_id = runtime::app_id(&call)?;
    let app = apps.get(app_id).ok_or_else(|| Failure::not_found("app", [("id", app_id.into())]))?;
    run_blocking(move || send_to(&apps, &app, email)).await??;
    Ok(json(r#"{"sent":true}"#))
}

/// `POST /admin/verify_magic_code`: signs in the user with an `email` and its `code`.
pub(super) async fn verify(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let params = VerifyParams::read(&call)?;
    let guest = guest(&call)?;
    params.verify(app, guest, call, SignUp::Admin).await
}

/// `POST /runtime/auth/verify_magic_code`: as for the admin, except that the app's rule decides on
/// new users.
pub(super) async fn runtime_verify(
    State(apps): State<Apps>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let params = VerifyParams::read(&call)?;
    let app_id = runtime::app_id(&call)?;
    let guest = guest(&call)?;
    match apps.get(app_id) {
        Some(app) => params.verify(app, guest, call, SignUp::Rule).await,
        None => {
            let VerifyParams { email, code } = params;
            let args = [("email", email.into()), ("code", code.into()), ("app-id", Value::from(app_id))];
            Err(Failure::not_found("app-user-magic-code", args).into())
        }
    }
}

/// `POST /admin/sign_in_guest`: creates an anonymous user.
pub(super) async fn sign_in_guest(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    new_guest(app, call, SignUp::Admin).await
}

/// `POST /runtime/auth/sign_in_guest`: as for the admin, except that the app's rule decides on new
/// users.
pub(super) async fn runtime_sign_in_guest(
    State(apps): State<Apps>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = apps.get(runtime::app_id(&call)?).ok_or_else(unknown_app)?;
    new_guest(app, call, SignUp::Rule).await
}

async fn new_guest(
    app: Arc<HostedApp>,
    mut call: Call,
    sign_up: SignUp,
) -> Result<Response<Body>, Rejection> {
    let extra = call.fields.remove("extra-fields");
    let session = run_blocking(move || {
        let new = NewUser { kind: Some("guest"), extra: extra.as_ref(), sign_up };
        auth::sign_in_guest(&app, &new).map(|session| session_json(app.app.id(), &session, false))
    });
    Ok(json(session.await??))
}

/// The parameters of both endpoints that verify a code.
struct VerifyParams {
    email: String,
    code: String,
}

impl VerifyParams {
    fn read(call: &Call) -> Result<Self, Failure> {
        let email = email(call)?;
        let code = params::required(&["body", "code"], call.field("code"), params::trimmed)?;
        Ok(Self { email, code: code.to_owned() })
    }

    async fn verify(
        self,
        app: Arc<HostedApp>,
        guest: Option<instant_core::Uuid>,
        mut call: Call,
        sign_up: SignUp,
    ) -> Result<Response<Body>, Rejection> {
        let Self { email, code } = self;
        let extra = call.fields.remove("extra-fields");
        let session = run_blocking(move || {
            let now = app.app.clock().now();
            app.quotas.count(QuotaAction::Verify, &email, now)?;
            let new = NewUser { kind: Some("user"), extra: extra.as_ref(), sign_up };
            let session =
                auth::verify_magic_code(&app, &Verification { email: &email, code: &code, guest, new, now })?;
            Ok::<_, Failure>(session_json(app.app.id(), &session, true))
        });
        Ok(json(session.await??))
    }
}

fn send_to(apps: &Apps, app: &HostedApp, email: String) -> Result<String, Failure> {
    app.quotas.count(QuotaAction::Send, &email, app.app.clock().now())?;
    let code = auth::magic_code(app, &email)?;
    let identity = app.app.info();
    let (app_id, app_title) = (identity.id, identity.title.clone());
    apps.mailbox().send(&MagicCodeMail { app_id, app_title, email, code: code.clone() })?;
    Ok(code)
}

fn email(call: &Call) -> Result<String, Failure> {
    params::required(&["body", "email"], call.field("email"), params::email)
}

fn guest(call: &Call) -> Result<Option<instant_core::Uuid>, Failure> {
    params::optional(&["body", "refresh-token"], call.field("refresh-token"), params::uuid)
}

fn code(code: &str) -> Response<Body> {
    json(Value::from(Object::from_iter([("code".to_owned(), code.into())])).to_string())
}
