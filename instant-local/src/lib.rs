//! A backend for InstantDB apps that runs inside your process, in memory or on a file.
//!
//! It serves Instant's HTTP API: queries, transactions, permission rules, users, files and schema
//! pushes. Use it to test against a real backend without a network, to develop offline, or to ship
//! a program that keeps its own data.
//!
//! Most programs do not need this crate directly: `instant-client` starts a backend with
//! `Client::in_memory` and `Client::open`. Use it to serve the backend to other programs, to add
//! middleware, or to inspect and measure it.
//!
//! # Which type do I need?
//!
//! | To | use |
//! |---|---|
//! | create, open and list apps | [`Local`], whose methods return [`AppCredentials`] |
//! | handle requests without a socket | [`Local::call`] |
//! | serve HTTP on a port | [`Local::serve`] |
//! | mount the API in an `axum` or `tower` server | [`Local::service`], a [`LocalService`] |
//! | run and explain queries, check an app's integrity | [`Local::engine`], an [`AppEngine`] |
//! | start tests from the same data | [`Local::fork`] |
//! | deliver magic codes | [`Local::on_magic_code`], which passes a [`MagicCodeMail`] |
//! | limit what a request may use | [`Local::with_limits`] with [`Limits`] |
//! | choose when writes reach the disk | [`OpenOptions`], with a [`Durability`] |
//!
//! Opening, creating and importing apps fails with a [`LocalError`].
//!
//! # Examples
//!
//! ```
//! use instant_core::Value;
//! use instant_local::Local;
//!
//! let local = Local::in_memory();
//! let garden = local.engine(local.create_app("garden")?.id).ok_or("app not found")?;
//! let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
//! let steps = format!(r#"[["update", "beds", "{id}", {{"name": "herbs"}}]]"#);
//! garden.transact(&Value::parse(&steps)?)?;
//! let result = garden.query(&Value::parse(r#"{"beds": {}}"#)?)?;
//! assert_eq!(result, format!(r#"{{"beds":[{{"id":"{id}","name":"herbs"}}]}}"#).as_bytes());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod app;
mod apps;
mod auth;
mod budget;
mod caller;
mod catalog;
mod check;
mod clock;
mod closing;
mod doctest;
mod document;
mod engine;
mod error;
mod export;
mod failure;
mod files;
mod filesystem;
mod http;
mod ids;
mod import;
mod index;
mod layout;
mod limits;
mod local;
mod memory;
mod open;
mod query;
mod recent_map;
mod request;
mod rules;
mod schema;
mod service;
mod state;
mod store;
mod transact;

pub use auth::MagicCodeMail;
pub use engine::AppEngine;
pub use error::LocalError;
pub use export::ExportSummary;
pub use limits::Limits;
pub use local::{AppCredentials, Local};
pub use open::OpenOptions;
pub use service::LocalService;
pub use store::{Durability, StoreError};
