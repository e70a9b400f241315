//! Error responses. They name what the caller can fix, and hide the service's own problems.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use instant_client::{Error, ErrorKind, prelude::*};

pub enum ServiceError {
    NotFound,
    NotSignedIn,
    OtherApp,
    Instant(Error),
}

impl From<Error> for ServiceError {
    fn from(error: Error) -> Self {
        Self::Instant(error)
    }
}

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        let (status, message) = match &self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not found, or not yours"),
            Self::NotSignedIn => (StatusCode::UNAUTHORIZED, "sign in first"),
            Self::OtherApp => (StatusCode::FORBIDDEN, "token of another app"),
            Self::Instant(error) => match error.kind() {
                // The token or code does not exist or has expired.
                ErrorKind::RecordNotFound | ErrorKind::RecordExpired => {
                    (StatusCode::UNAUTHORIZED, "sign in again")
                }
                ErrorKind::PermissionDenied => (StatusCode::FORBIDDEN, "permission denied"),
                ErrorKind::RecordNotUnique => (StatusCode::CONFLICT, "already exists"),
                ErrorKind::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "too many requests"),
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
