//! What a request is answered with when it is refused: the wire's error bodies
//! (`docs/protocol/http-api.md`, "3.1 Body shapes"), and the few answers that are no JSON.

use axum::{body::Body, response::IntoResponse};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use instant_core::{Uuid, WireError};

use super::{JSON, answer};
use crate::failure::Failure;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A body that should be JSON and is not.
    MalformedJson,
    /// A query string with a broken escape.
    MalformedQuery,
    /// A body beyond all limits, or a form without a boundary.
    TooLarge,
    /// Everything else.
    Failed(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        const PLAIN: HeaderValue = HeaderValue::from_static("text/plain");
        const PLAIN_UTF8: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
        match self {
            Self::MalformedJson => {
                answer(StatusCode::BAD_REQUEST, Some(PLAIN), "Malformed JSON in request body.")
            }
            Self::MalformedQuery => answer(StatusCode::BAD_REQUEST, None, ""),
            Self::TooLarge => {
                answer(StatusCode::PAYLOAD_TOO_LARGE, Some(PLAIN_UTF8), "Uploaded content exceeded limits.")
            }
            Self::Failed(failure) => failed(failure),
        }
    }
}

/// The answer in place of one whose body could not be read to its end.
pub(crate) fn broken(error: &impl std::fmt::Display) -> Response<Bytes> {
    let message = format!("the answer could not be read to its end: {error}");
    let error = WireError::new("storage-failed", message);
    let mut response = Response::new(Bytes::from(error.to_json().to_string()));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// The body of a failure, with a trace id of its own.
fn failed(mut failure: Failure) -> Response<Body> {
    failure.error.trace_id = Some(Uuid::new_v4().simple().to_string());
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer(status, Some(JSON), failure.error.to_json().to_string())
}
