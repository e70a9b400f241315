//! What callers are told when something goes wrong: what they can mend, and nothing of what they cannot.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use instant_client::{Error, ErrorKind, prelude::*};

pub enum Failure {
    NotFound,
    NotSignedIn,
    OtherApp,
    Instant(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Instant(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, message) = match &self {
            Self::NotFound => (StatusCode::NOT_FOUND, "there is none, or it is not yours"),
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "sign in first"),
            Self::OtherApp => (StatusCode::FORBIDDEN, "this is another app"),
            Self::Instant(error) => match error.kind() {
                // A token or a code that nobody has.
                ErrorKind::RecordNotFound | ErrorKind::RecordExpired => {
                    (StatusCode::UNAUTHORIZED, "sign in again")
                }
                ErrorKind::PermissionDenied => (StatusCode::FORBIDDEN, "this is not yours to do"),
                ErrorKind::RecordNotUnique => (StatusCode::CONFLICT, "there is one already"),
                ErrorKind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "not so often"),
                ErrorKind::ParamMalformed | ErrorKind::ValidationFailed => {
                    (StatusCode::UNPROCESSABLE_ENTITY, error.server_message().unwrap_or_default())
                }
                _ => {
                    eprintln!("{error}");
                    (StatusCode::BAD_GATEWAY, "try again later")
                }
            },
        };
        (status, Json(json!({"error": message}))).into_response()
    }
}
