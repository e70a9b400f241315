//! The typed API: the requests of queries and writes, and the decoding of responses.

mod decoding;
mod filters;
mod model;
mod queries;
mod schemas;
mod values;
mod views;
mod writes;
