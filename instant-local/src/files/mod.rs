//! The files of an app: rows of `$files`, and their blobs (`docs/protocol/http-api.md`, "11.
//! Storage").
//!
//! Blobs have random names. The path that a user gives a file is only a value of its row, so that
//! it cannot lead out of the directory. A row is written when its blob is complete; an interrupted
//! upload leaves neither.

mod blobs;
mod cleanup;
mod digest;
mod rows;
#[cfg(test)]
mod tests;
mod tickets;
mod urls;

pub(crate) use self::{
    blobs::{BlobReader, Blobs, Upload},
    cleanup::{CleanupState, remove_unused_blobs, remove_unused_blobs_at_start},
    rows::{FileAction, NewFile, StoredFile, check_files, delete_files, file_at, put_file},
    tickets::Tickets,
    urls::{FileUrls, SignedFile},
};

/// The namespace of this module.
const FILES: &str = "$files";
