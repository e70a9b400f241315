//! An Instant-compatible backend inside your process: in memory or in one file.
//!
//! Programs reach it through `instant-client` (`Client::in_memory`, `Client::open`). This crate is for those who serve it to others,
//! put it behind middleware, look into it, or measure it:
//!
//! - [`Local`] is a server: any number of apps behind Instant's HTTP API, answered within the process, as a `tower` service or on a
//!   port.
//! - [`AppEngine`] is one of its apps, reached without HTTP: to run and explain queries, to check what is stored.
//!
//! ```
//! use instant_core::Value;
//! use instant_local::Local;
//!
//! let local = Local::in_memory();
//! let garden = local.engine(local.create_app("garden")?.id).ok_or("no such app")?;
//! let steps = r#"[["update", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "herbs"}]]"#;
//! garden.transact(&Value::parse(steps)?)?;
//! let answer = garden.query(&Value::parse(r#"{"beds": {}}"#)?)?;
//! assert_eq!(answer, br#"{"beds":[{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb","name":"herbs"}]}"#);
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
mod dates;
mod document;
mod engine;
mod error;
mod exchange;
mod failure;
mod files;
mod filesystem;
mod http;
mod ids;
mod index;
mod layout;
mod limits;
mod local;
mod query;
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
pub use exchange::ExportSummary;
pub use limits::Limits;
pub use local::{AppCredentials, Local};
pub use service::LocalService;
pub use store::{Durability, StoreError};
