//! Recorded requests and the answers of a real server, and how an answer is compared with the recorded one.
//!
//! The files lie in `tests/conformance/`, one case per line; `compact.py` beside them makes them from the recordings.

mod compare;
mod file;

pub use compare::{Bindings, differences};
pub use file::{Case, File, Step};
