//! The code of the README and of the guides in `docs`, compiled and run; see `build.rs`. A test is named after the line at
//! which its program begins.

// Guides define what they do not use, to show it.
#![allow(unused)]

include!(concat!(env!("OUT_DIR"), "/guides.rs"));
