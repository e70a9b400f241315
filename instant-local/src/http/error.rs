//! Error responses: the wire's error bodies (`docs/protocol/http-api.md`, "3.1 Body shapes"), and a
//! few plain-text ones.

use axum::{body::Body, response::IntoResponse};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use instant_core::{Uuid, WireError};

use super::{JSON, build_response};
use crate::failure::Failure;

/// A rejected request.
#[derive(Debug)]
pub(super) enum Rejection {
    /// A malformed JSON body.
    MalformedJson,
    /// A query string with a malformed percent escape.
    MalformedQuery,
    /// A body that exceeds the size limit, or a multipart form without a boundary.
    TooLarge,
    /// Any other failure.
    Failed(Failure),
}

impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response<Body> {
        const PLAIN: HeaderValue = HeaderValue::from_static("text/plain");
        const PLAIN_UTF8: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
        match self {
            Self::MalformedJson => {
                build_response(StatusCode::BAD_REQUEST, Some(PLAIN), "Malformed JSON in request body.")
            }
            Self::MalformedQuery => build_response(StatusCode::BAD_REQUEST, None, ""),
            Self::TooLarge => build_response(
                StatusCode::PAYLOAD_TOO_LARGE,
                Some(PLAIN_UTF8),
                "Uploaded content exceeded limits.",
            ),
            Self::Failed(failure) => failed(failure),
        }
    }
}

/// Returns the response in place of one whose body could not be read to the end.
pub(crate) fn incomplete_response(error: &impl std::fmt::Display) -> Response<Bytes> {
    let message = format!("failed to read the response body to its end: {error}");
    let error = WireError::new("storage-failed", message);
    let mut response = Response::new(Bytes::from(error.to_json().to_string()));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// Returns the response of a failure, with a new trace id.
fn failed(mut failure: Failure) -> Response<Body> {
    failure.error.trace_id = Some(Uuid::new_v4().simple().to_string());
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    build_response(status, Some(JSON), failure.error.to_json().to_string())
}
