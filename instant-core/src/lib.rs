//! The language of Instant as plain Rust values, one definition for client and backend: queries ([`query`]),
//! transaction steps ([`steps`]), schemas ([`schema`]), [`Id`]s, JSON values ([`json`]) and the wire's errors ([`error`]).
//!
//! Everything here builds the wire's JSON and parses from it, and a refusal names the place. No I/O, no async, no
//! typed entities: `instant-client` builds these trees, `instant-local` performs them.

pub mod error;
pub mod export;
mod id;
pub mod json;
pub mod query;
pub mod schema;
pub mod steps;

pub use error::{Issue, PathSegment, ValidationError, WireError};
pub use id::{Id, ParseIdError};
pub use json::{Number, Object, Value};
pub use uuid::Uuid;
