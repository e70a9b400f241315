//! Compiles and runs the code blocks of the README and of the guides in `docs`.
//!
//! `build.rs` generates the tests. A test is named after the first line of its block.

// Guides define items that they do not use.
#![allow(unused)]

include!(concat!(env!("OUT_DIR"), "/guides.rs"));
