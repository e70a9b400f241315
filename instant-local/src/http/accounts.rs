//! Endpoints that need an account on the real server (`docs/protocol/schema-and-platform.md`,
//! "3.1 Tokens"). This backend has no accounts, so it rejects every token.

use axum::body::Body;
use http::Response;
use instant_core::{Object, Value};

use super::{Rejection, call::Call, json, params};
use crate::failure::Failure;

/// Rejects the endpoints that manage an app, which its admin token does not open.
pub(super) async fn managed(call: Call) -> Result<Response<Body>, Rejection> {
    let unknown = unknown(&call, [("auth?", true.into())])?;
    Err(Failure { status: 401, ..unknown }.into())
}

/// Rejects the same endpoints under `/superadmin`.
pub(super) async fn platform(call: Call) -> Result<Response<Body>, Rejection> {
    Err(unknown(&call, [])?.into())
}

/// Returns the rejection of any token.
fn unknown<const N: usize>(call: &Call, args: [(&'static str, Value); N]) -> Result<Failure, Failure> {
    match call.header("authorization") {
        None => Err(params::missing(&["headers", "authorization"])),
        Some(_) => Ok(Failure::not_found("instant-user", args)),
    }
}

/// `GET /dash/cli/version`: the oldest supported version of Instant's own command line.
pub(super) async fn cli_version(_: Call) -> Response<Body> {
    let numbers =
        [("major", Value::from(0)), ("minor", 19.into()), ("patch", 0.into()), ("dev?", false.into())];
    let version = Object::from_iter(numbers.map(|(name, value)| (name.to_owned(), value)));
    json(Value::from(Object::from_iter([("min-version".to_owned(), version.into())])).to_string())
}
