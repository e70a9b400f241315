//! Derive macros of the Instant client for Rust.
