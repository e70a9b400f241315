//! What needs an account on the real server (`docs/protocol/schema-and-platform.md`, "3.1 Tokens").
//! There are none here, so that no token is one's.

use axum::body::Body;
use http::Response;
use instant_core::{Object, Value};

use super::{Refusal, call::Call, json, params};
use crate::failure::Failure;

/// Managing an app, which its admin token does not allow.
pub(super) async fn managed(call: Call) -> Result<Response<Body>, Refusal> {
    let unknown = unknown(&call, [("auth?", true.into())])?;
    Err(Failure { status: 401, ..unknown }.into())
}

/// The same at the addresses that are for programs.
pub(super) async fn platform(call: Call) -> Result<Response<Body>, Refusal> {
    Err(unknown(&call, [])?.into())
}

/// The refusal of whatever token is sent.
fn unknown<const N: usize>(call: &Call, args: [(&'static str, Value); N]) -> Result<Failure, Failure> {
    match call.header("authorization") {
        None => Err(params::missing(&["headers", "authorization"])),
        Some(_) => Ok(Failure::not_found("instant-user", args)),
    }
}

/// `GET /dash/cli/version`: the oldest version of Instant's own command line that is understood.
pub(super) async fn cli_version(_: Call) -> Response<Body> {
    let numbers =
        [("major", Value::from(0)), ("minor", 19.into()), ("patch", 0.into()), ("dev?", false.into())];
    let version = Object::from_iter(numbers.map(|(name, value)| (name.to_owned(), value)));
    json(Value::from(Object::from_iter([("min-version".to_owned(), version.into())])).to_string())
}
