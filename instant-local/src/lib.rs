//! An Instant-compatible backend inside your process: in memory or in one file.

mod app;
mod apps;
mod auth;
mod body;
mod catalog;
mod check;
mod dates;
mod direct;
mod document;
mod error;
mod exchange;
mod failure;
mod files;
mod http;
mod index;
mod layout;
mod limits;
mod local;
mod query;
mod rules;
mod schema;
mod service;
mod store;
mod transact;

pub use app::App;
pub use auth::MagicCodeMail;
pub use body::LocalBody;
pub use error::LocalError;
pub use exchange::Exported;
pub use limits::Limits;
pub use local::{AppCredentials, Local};
pub use service::LocalService;
pub use store::{Durability, StoreError};
