//! Typed client for Instant (InstantDB): derive a struct, get compile-checked queries and writes, results in your own
//! types.

mod client;
mod decode;
mod error;
mod request;
mod retry;
mod transport;

#[cfg(feature = "local")]
pub use client::InMemory;
pub use client::{Client, ClientBuilder, Transacted};
pub use decode::DecodeError;
pub use error::{Error, ErrorKind};
pub use instant_core::{Id, Uuid, Value};
pub use request::{BuildError, IntoSteps, Queryable};
