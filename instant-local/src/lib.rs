//! An Instant-compatible backend inside your process: in memory or in one file.

// Parts are not used yet: what evaluates queries and transactions on the store is being built.
#![allow(dead_code, unused_imports)]

mod app;
mod catalog;
mod document;
mod failure;
mod layout;
mod store;

pub use app::App;
pub use store::{Durability, StoreError};
