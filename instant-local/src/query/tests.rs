//! Queries against a small app, on both stores.
