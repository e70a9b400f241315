//! Queries against small apps, on both stores.

mod dates;
mod examples;
mod fixture;
mod hostile;
mod model;
mod noise;
mod plans;
