//! The language against recorded facts, hostile rules and random text.

mod host;
mod limits;
mod random;
mod recorded;
