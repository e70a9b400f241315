//! The size and the SHA-256 hash of each blob. The store keeps them beside the rows, so that damage
//! to a blob is noticed: a download of it fails, and the integrity check reports it.

use std::io;

use bytes::Bytes;
use instant_core::{Uuid, Value};
use sha2::{Digest, Sha256};

use super::{BlobReader, FILES, StoredFile};
use crate::{
    apps::HostedApp,
    document::Document,
    failure::Failure,
    layout,
    state::State,
    store::{Direction, Snapshot, StoreError},
};

/// The properties of the bytes that an upload had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlobDigest {
    pub(super) size: u64,
    pub(super) sha256: [u8; 32],
}

impl BlobDigest {
    /// Reads the digest of a blob, if it is stored.
    fn load(snapshot: &Snapshot, location: Uuid) -> Result<Option<Self>, StoreError> {
        let Some(bytes) = snapshot.get(&layout::blob(&location))? else { return Ok(None) };
        let Some((size, sha256)) = bytes.split_first_chunk() else { return Ok(None) };
        Ok(sha256.try_into().ok().map(|sha256| Self { size: u64::from_be_bytes(*size), sha256 }))
    }

    /// Returns the digest as the store keeps it.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        [&self.size.to_be_bytes()[..], &self.sha256].concat()
    }
}

/// Compares bytes with a hash as they are read.
#[derive(Debug)]
pub(crate) struct Verification {
    hasher: Sha256,
    expected: [u8; 32],
}

impl Verification {
    pub(super) fn new(digest: &BlobDigest) -> Self {
        Self { hasher: Sha256::new(), expected: digest.sha256 }
    }

    /// Adds the next bytes. Returns an error if they are the last and the hash is another one.
    pub(super) fn update(&mut self, bytes: &[u8], is_last: bool) -> io::Result<()> {
        self.hasher.update(bytes);
        if is_last && self.hasher.clone().finalize() != self.expected {
            let message = "the bytes of the file have changed on the disk; restore them from a backup";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(())
    }
}

impl HostedApp {
    /// Opens a blob from the byte `start` on. Returns the reader and the size of the whole blob, or
    /// `None` if it does not exist. Reading the whole blob fails at its last bytes if it has changed.
    ///
    /// # Errors
    ///
    /// If the blob does not have the size of the upload, or cannot be opened.
    pub(crate) fn read_blob(&self, location: Uuid, start: u64) -> Result<Option<(BlobReader, u64)>, Failure> {
        let Some(digest) = BlobDigest::load(&self.state()?.snapshot, location)? else { return Ok(None) };
        let Some((reader, size)) = self.blobs.read(location, start)? else { return Ok(None) };
        if size != digest.size {
            return Err(Failure::damaged(format!("a file of {size} bytes, expected {}", digest.size)));
        }
        Ok(Some((if start == 0 { reader.verified(&digest) } else { reader }, size)))
    }

    /// Compares the blobs of all rows of `$files` with their digests. Returns each difference.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub(crate) fn check_blobs(&self, state: &State) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let Some(namespace) = state.catalog.namespace(FILES) else { return Ok(found) };
        let value = |document: &Document<'_>, label: &str| {
            document.value(state.catalog.resolve(FILES, label)?.attribute.no)
        };
        for entry in state.snapshot.scan(&layout::entities(namespace.no), Direction::Ascending)? {
            let (_, bytes) = entry?;
            let document = Document::new(&bytes);
            let Some(StoredFile { location, .. }) = StoredFile::from_row(&state.catalog, &document) else {
                continue;
            };
            let path = value(&document, "path").unwrap_or_default();
            let size = value(&document, "size");
            match BlobDigest::load(&state.snapshot, location)? {
                None => found.push(format!("the file {path} has no digest: {location}")),
                Some(digest) => {
                    if size != Some(Value::from(digest.size)) {
                        let size = size.unwrap_or_default();
                        found.push(format!(
                            "the row of the file {path} has the size {size}, its digest {}",
                            digest.size
                        ));
                    }
                    if let Some(problem) = self.blob_problem(location, &digest) {
                        found.push(format!("the bytes of the file {path} {problem}: {location}"));
                    }
                }
            }
        }
        Ok(found)
    }

    fn blob_problem(&self, location: Uuid, digest: &BlobDigest) -> Option<String> {
        let (mut reader, size) = match self.blobs.read(location, 0) {
            Ok(Some((reader, size))) => (reader, size),
            Ok(None) => return Some("are missing".to_owned()),
            Err(failure) => return Some(format!("cannot be read ({})", failure.error.message)),
        };
        if size != digest.size {
            return Some(format!("are {size} bytes, expected {}", digest.size));
        }
        let mut hasher = Sha256::new();
        loop {
            match reader.next(u64::MAX) {
                Ok(Some(bytes)) => hasher.update(Bytes::as_ref(&bytes)),
                Ok(None) => break,
                Err(error) => return Some(format!("cannot be read ({error})")),
            }
        }
        (hasher.finalize() != digest.sha256).then(|| "have changed".to_owned())
    }
}
