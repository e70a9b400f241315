//! Files of an app: rows of `$files`, and the bytes beside them (`http-api.md` 11).
//!
//! Bytes are kept under random names, never under what a user calls a file, so that no path leads out of their folder. A row is
//! written when its bytes are complete; an upload that is cut off leaves neither.

mod blobs;
mod rows;
mod sweep;
#[cfg(test)]
mod tests;
mod tickets;
mod urls;

pub(crate) use self::{
    blobs::{Blobs, Reading, Upload},
    rows::{FileAction, NewFile, Stored},
    sweep::Sweeper,
    tickets::Tickets,
    urls::{FileUrls, Signed},
};

/// The namespace that is kept here.
const FILES: &str = "$files";
