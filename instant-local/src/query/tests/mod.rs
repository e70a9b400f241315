//! Queries against small apps, on both stores.

mod cost;
mod dates;
mod examples;
mod fixture;
mod malicious;
mod model;
mod plans;
mod random_json;
