//! The language of Instant as plain Rust values: InstaQL, transaction steps, schema, ids, JSON.
