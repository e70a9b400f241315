//! Callers and their sessions: sign-in with an emailed code, sign-out, and the front end's session.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{
        StatusCode,
        header::{AUTHORIZATION, COOKIE, SET_COOKIE},
        request::Parts,
    },
    response::{AppendHeaders, IntoResponse},
};
use instant_client::{As, RefreshToken, Scoped, User, UserSelector, prelude::*};
use serde::{Deserialize, Serialize};

use super::{Service, error::ServiceError};

/// The app as the caller of a request sees it.
///
/// The caller is the user of the token in `Authorization` or in the cookie of Instant's front end,
/// or a guest if the request has no token. Extracting it sends nothing; the first call with an unknown
/// token fails.
pub struct Caller(pub Scoped);

impl FromRequestParts<Service> for Caller {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, ServiceError> {
        let user = token(parts, service).map_or_else(As::guest, As::token);
        Ok(Self(service.db.as_user(user)))
    }
}

/// A signed-in caller. The extractor verifies the token with the server.
pub struct Member {
    pub id: Id<User>,
    pub email: Option<String>,
    token: RefreshToken,
}

impl Member {
    /// Returns the app as this user sees it.
    pub fn scoped(&self, service: &Service) -> Scoped {
        service.db.as_user(As::token(&self.token))
    }
}

impl FromRequestParts<Service> for Member {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, ServiceError> {
        let token = token(parts, service).ok_or(ServiceError::NotSignedIn)?;
        let user = service.db.auth().verify_token(&token).await?.ok_or(ServiceError::NotSignedIn)?;
        Ok(Self { id: user.id, email: user.email, token })
    }
}

fn token(parts: &Parts, service: &Service) -> Option<RefreshToken> {
    let texts = |name| parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let bearer = texts(AUTHORIZATION).find_map(|value| value.strip_prefix("Bearer ")).map(RefreshToken::from);
    let app = service.db.app_id();
    bearer.or_else(|| texts(COOKIE).find_map(|cookies| RefreshToken::from_cookies(app, cookies)))
}

#[derive(Serialize)]
pub struct Me {
    id: Id<User>,
    email: Option<String>,
}

pub async fn me(member: Member) -> Json<Me> {
    Json(Me { id: member.id, email: member.email })
}

#[derive(Deserialize)]
pub struct Address {
    email: String,
}

pub async fn send_code(
    State(service): State<Service>,
    Json(Address { email }): Json<Address>,
) -> Result<StatusCode, ServiceError> {
    let code = service.db.auth().create_magic_code(&email).await?;
    (service.mailer)(&email, &code);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Code {
    email: String,
    code: String,
}

#[derive(Serialize)]
pub struct Session {
    token: String,
    /// True if the sign-in created the user.
    created: bool,
}

pub async fn sign_in(
    State(service): State<Service>,
    Json(Code { email, code }): Json<Code>,
) -> Result<impl IntoResponse, ServiceError> {
    let session = service.db.auth().verify_magic_code(email, code).await?;
    let cookie = set(&session.token.to_cookie(service.db.app_id()), WEEK);
    let body = Session { token: session.token.as_str().to_owned(), created: session.created };
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(body)))
}

pub async fn sign_out(
    State(service): State<Service>,
    member: Member,
) -> Result<impl IntoResponse, ServiceError> {
    service.db.auth().sign_out(UserSelector::token(&member.token)).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(SET_COOKIE, no_cookie(&service))])))
}

/// The body that Instant's front end sends to `firstPartyPath` when a user signs in or out there.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Sync {
    SyncUser { app_id: String, user: Option<FrontEndUser> },
}

#[derive(Deserialize)]
pub struct FrontEndUser {
    refresh_token: Option<String>,
}

pub async fn sync(
    State(service): State<Service>,
    Json(Sync::SyncUser { app_id, user }): Json<Sync>,
) -> Result<impl IntoResponse, ServiceError> {
    let app = service.db.app_id();
    if app_id.parse() != Ok(app) {
        return Err(ServiceError::OtherApp);
    }
    let token = user.and_then(|user| user.refresh_token).map(RefreshToken::from);
    let cookie = match token {
        Some(token) => set(&token.to_cookie(app), WEEK),
        None => no_cookie(&service),
    };
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Json(json!({"ok": true}))))
}

/// A week, in seconds.
const WEEK: u32 = 7 * 24 * 60 * 60;

fn no_cookie(service: &Service) -> String {
    set(&RefreshToken::from("").to_cookie(service.db.app_id()), 0)
}

fn set(cookie: &str, seconds: u32) -> String {
    format!("{cookie}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age={seconds}")
}
