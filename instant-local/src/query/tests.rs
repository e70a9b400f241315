//! Queries against small apps, on both stores.

mod examples;
mod fixture;
