//! The language of Instant as plain Rust values: queries, transaction steps, schemas, ids, JSON and
//! wire errors.
//!
//! Each type is defined once for both sides of the wire. `instant-client` builds these values from
//! typed structs and sends them; `instant-local` parses what arrives into the same values and
//! executes them. Most applications only need `instant-client`; depend on this crate to read or
//! write Instant's JSON without a client, for example in a proxy, a migration or a test.
//!
//! The crate does no I/O, has no async code and knows no typed entities.
//!
//! # Which type do I need?
//!
//! | To | Use |
//! |---|---|
//! | read or write an InstaQL query | [`query::Query`] |
//! | read or write the steps of a transaction | [`steps::Step`], [`steps::parse`], [`steps::to_json`] |
//! | declare namespaces, attributes and links | [`schema::Schema`] |
//! | describe one attribute the way a server stores it | [`schema::Attr`] |
//! | name an entity of a known type | [`Id`] |
//! | hold any JSON without losing digits or key order | [`Value`], [`Object`], [`Number`] |
//! | decode JSON without building a tree | [`json::Reader`] |
//! | read the dates that Instant stores, with feature `dates` | `dates::nanoseconds`, `dates::stored` |
//! | read the body of an error response | [`WireError`] |
//! | report why a query, step or schema is invalid | [`ValidationError`], [`Issue`] |
//! | read or write the lines of an exported app | [`export::Lines`], [`export::Line`] |
//!
//! # Example
//!
//! ```
//! use instant_core::{Value, query::Query};
//!
//! let json = Value::parse(r#"{"goals": {"$": {"limit": 0}}}"#)?;
//! let error = Query::parse(&json).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "invalid query: The limit field must be a positive integer. Got 0. at goals.$.limit",
//! );
//! # Ok::<_, instant_core::json::SyntaxError>(())
//! ```

#[cfg(feature = "dates")]
pub mod dates;
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
