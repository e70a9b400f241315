//! From the text of an answer straight into rows, without a tree in between.

mod error;

pub use error::DecodeError;
