//! A typed client for [Instant](https://www.instantdb.com) (InstantDB), a graph database for apps.
//!
//! Derive a struct, and get compile-checked queries and writes with results in your own types. The
//! same code runs against Instant Cloud, a self-hosted Instant, and an embedded Instant inside your
//! process, in memory or in one file.
//!
//! # Quick start
//!
//! ```
//! # instant_client::__doctest! {
//! use instant_client::{Client, prelude::*};
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
//! let db = Client::in_memory(); // or Client::open("goals.db").await?, Client::from_env()?, ..
//! db.schema().push(&schema![Goal]).await?;
//!
//! db.transact(Goal::create(NewGoal { title: "Get fit".into(), done: false })).await?;
//! let open = db.query(Goal::query().filter(|g| g.done.eq(false)).order(|g| g.title.asc())).await?;
//! assert_eq!(open[0].title, "Get fit");
//! # }
//! ```
//!
//! # Which type do I need?
//!
//! | To | use |
//! |---|---|
//! | declare a namespace with its attributes and links | [`derive@InstantEntity`], [`Many`], [`One`] |
//! | use an enum or a newtype as an attribute | [`derive@InstantValue`] |
//! | store any serde type in an attribute | [`Json`] |
//! | connect as an admin | [`Client`] |
//! | connect as a user, with permission rules applied | [`Scoped`], from [`Client::as_user`] |
//! | query | [`Entity::query`], [`Query`], [`Client::query`] |
//! | pass conditions around | [`filter::Filter`], [`filter::Cond`] |
//! | load only some attributes | [`Query::select`], or [`derive@InstantView`] for a named type |
//! | page through many rows | [`Client::query_page`], [`Client::pages`], [`Cursor`] |
//! | write | [`Entity::create`], [`Entity::update`], [`Entity::delete`], [`Client::transact`] |
//! | write many entities in several requests | [`Client::transact_batched`] |
//! | push or compare a schema | [`schema!`], [`SchemaClient`] |
//! | write permission rules | [`Rules`], [`RulesClient`] |
//! | sign users in | [`AuthClient`] |
//! | upload and download files | [`StorageClient`] |
//! | see who is present in a room | [`RoomsClient`] |
//! | test with an embedded Instant | `InMemory`, from `Client::in_memory_with` |
//! | find out why a call failed | [`Error`], [`ErrorKind`] |
//!
//! # Crate features
//!
#![doc = include_str!("../docs/features.md")]

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
    SchemaChange, SchemaClient, SchemaDifference, SchemaPlan, SchemaPush, SchemaReport, Scoped,
    ScopedBuilder, Session, SignInOptions, StorageClient, TransactResult, Upload, UploadProgress,
    UploadResult, UserSelector,
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
