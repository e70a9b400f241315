//! Typed client for Instant (InstantDB): derive a struct, get compile-checked queries and writes,
//! results in your own types.
//!
//! ```
//! use instant_client::prelude::*;
//!
//! #[derive(InstantEntity)]
//! #[instant(namespace = "goals")]
//! struct Goal {
//!     id: Id<Goal>,
//!     #[instant(indexed)]
//!     title: String,
//!     done: bool,
//! }
//!
//! let open = Goal::query().filter(|g| g.done.eq(false)).order(|g| g.title.asc()).limit(10);
//! let create = Goal::create(NewGoal { title: "Get fit".into(), done: false });
//! # let _ = (open, create);
//! ```

extern crate self as instant_client;

pub mod attr;
mod client;
mod decode;
mod derive;
mod doctest;
mod entity;
mod error;
pub mod filter;
pub mod link;
pub mod prelude;
pub mod query;
mod request;
mod retry;
pub mod rules;
pub mod schema;
mod serialize;
mod system;
mod testing;
mod transport;
pub mod value;
pub mod view;
pub mod write;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "local")]
pub use client::InMemory;
pub use client::{
    As, AuthClient, AuthUser, BatchError, BatchOptions, BatchProgress, BatchReport, Client, ClientBuilder,
    DebugOptions, DebuggedQuery, DebuggedTransaction, DeletedAttr, DeletedAttrs, Difference, Download,
    PageStream, Peer, PushResult, RefreshToken, RoomsClient, RuleAction, RuleCheck, RulesClient,
    SchemaChange, SchemaClient, SchemaDifference, SchemaPlan, SchemaReport, Scoped, ScopedBuilder, Session,
    SignInOptions, StorageClient, TransactResult, Upload, UploadProgress, UploadResult, UserSelector,
};
pub use decode::{Decode, DecodeError, Selection};
pub use derive::{InstantEntity, InstantValue, InstantView};
pub use entity::Entity;
pub use error::{Error, ErrorKind, RuleMistake};
pub use instant_core::{Id, Uuid, Value};
#[cfg(feature = "local")]
pub use instant_local::Limits;
pub use jiff::Timestamp;
pub use link::{Many, One};
pub use query::{Cursor, Page, PageInfo, Query};
pub use request::{BuildError, IntoSteps, Queryable};
pub use rules::{RateLimit, Rule, Rules, RulesBuilder, RulesError, RulesFor};
pub use system::{File, FileRow, NewUser, User, UserRow};
pub use transport::Body;
pub use value::{AttrValue, Json};
pub use view::View;
pub use write::Transaction;
