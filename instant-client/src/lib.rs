//! Typed client for Instant (InstantDB): derive a struct, get compile-checked queries and writes, results in your own
//! types.

mod decode;
mod request;

pub use decode::DecodeError;
pub use instant_core::{Id, Uuid, Value};
pub use request::{BuildError, IntoSteps, Queryable};
