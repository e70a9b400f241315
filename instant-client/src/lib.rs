//! Typed client for Instant (InstantDB): derive a struct, get compile-checked queries and writes.
