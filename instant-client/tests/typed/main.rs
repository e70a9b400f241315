//! The typed surface: what queries and writes compile to, and what answers decode into.

mod decoding;
mod filters;
mod model;
mod queries;
mod schemas;
mod values;
mod views;
mod writes;
