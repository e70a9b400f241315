//! Stores the bytes of files, in a directory or in memory. A location identifies a blob; paths and
//! rows are in `rows`.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    mem,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use instant_core::Uuid;
use parking_lot::RwLock;
use sha2::{Digest, Sha256};

use super::digest::{BlobDigest, Verification};
use crate::{failure::Failure, filesystem};

/// The blobs of an app. A clone is another handle on the same blobs.
#[derive(Debug, Clone)]
pub(crate) enum Blobs {
    /// Files in this directory, which the first upload creates.
    Directory(Arc<Path>),
    Memory(BlobMap),
    /// Blobs in memory, and those of another app's directory, which is not changed.
    Fork {
        memory: BlobMap,
        directory: Arc<Path>,
    },
}

type BlobMap = Arc<RwLock<HashMap<Uuid, Bytes>>>;

/// A blob that is being written. Dropping it discards the bytes.
#[derive(Debug)]
pub(crate) struct Upload {
    location: Uuid,
    size: u64,
    hasher: Sha256,
    target: UploadTarget,
}

#[derive(Debug)]
enum UploadTarget {
    Directory { directory: Arc<Path>, file: File, is_finished: bool },
    Memory { blobs: BlobMap, bytes: Vec<u8> },
}

/// A reader of a blob.
#[derive(Debug)]
pub(crate) enum BlobReader {
    File { file: File, left: u64, verification: Option<Verification> },
    Memory(Bytes),
}

/// The extension of a file until it is complete.
const PART: &str = "part";
/// The most bytes that one read returns.
const CHUNK: u64 = 256 << 10;

impl Blobs {
    pub(crate) fn in_memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// Returns the blobs in the directory that belongs to the file of an app.
    pub(crate) fn beside(store: &Path) -> Self {
        let mut name = store.as_os_str().to_owned();
        name.push(".files");
        Self::Directory(PathBuf::from(name).into())
    }

    /// Returns the blobs of a fork of the app. A blob that the app removes from its directory later
    /// is missing in the fork as well.
    pub(crate) fn fork(&self) -> Self {
        let copy = |memory: &RwLock<HashMap<Uuid, Bytes>>| Arc::new(RwLock::new(memory.read().clone()));
        match self {
            Self::Directory(directory) => {
                Self::Fork { memory: Arc::default(), directory: Arc::clone(directory) }
            }
            Self::Memory(memory) => Self::Memory(copy(memory)),
            Self::Fork { memory, directory } => {
                Self::Fork { memory: copy(memory), directory: Arc::clone(directory) }
            }
        }
    }

    /// Starts a new blob.
    pub(crate) fn upload(&self) -> Result<Upload, Failure> {
        let location = Uuid::new_v4();
        let target = match self {
            Self::Memory(blobs) | Self::Fork { memory: blobs, .. } => {
                UploadTarget::Memory { blobs: Arc::clone(blobs), bytes: Vec::new() }
            }
            Self::Directory(directory) => {
                filesystem::create_directory(directory).map_err(io_failure)?;
                let mut options = filesystem::private_file();
                let options = options.write(true).create_new(true);
                let file = options.open(part_path(directory, location)).map_err(io_failure)?;
                UploadTarget::Directory { directory: Arc::clone(directory), file, is_finished: false }
            }
        };
        Ok(Upload { location, size: 0, hasher: Sha256::new(), target })
    }

    /// Opens a blob from the byte `start` on. Returns the reader and the size of the whole blob, or
    /// `None` if it does not exist.
    pub(crate) fn read(&self, location: Uuid, start: u64) -> Result<Option<(BlobReader, u64)>, Failure> {
        match self {
            Self::Memory(blobs) => {
                let bytes = blobs.read().get(&location).cloned();
                Ok(bytes.map(|bytes| {
                    let size = bytes.len();
                    let start = usize::try_from(start).map_or(size, |start| start.min(size));
                    (BlobReader::Memory(bytes.slice(start..)), size as u64)
                }))
            }
            Self::Directory(directory) => {
                let mut file = match File::open(directory.join(location.to_string())) {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(io_failure(error)),
                };
                let size = file.metadata().map_err(io_failure)?.len();
                file.seek(SeekFrom::Start(start)).map_err(io_failure)?;
                let left = size.saturating_sub(start);
                Ok(Some((BlobReader::File { file, left, verification: None }, size)))
            }
            Self::Fork { memory, directory } => {
                match Self::Memory(Arc::clone(memory)).read(location, start)? {
                    Some(found) => Ok(Some(found)),
                    None => Self::Directory(Arc::clone(directory)).read(location, start),
                }
            }
        }
    }

    /// Removes a blob, if it exists.
    pub(super) fn remove(&self, location: Uuid) {
        match self {
            Self::Memory(blobs) | Self::Fork { memory: blobs, .. } => {
                blobs.write().remove(&location);
            }
            // The next cleanup retries a removal that fails.
            Self::Directory(directory) => drop(fs::remove_file(directory.join(location.to_string()))),
        }
    }

    /// Returns the locations of all blobs.
    pub(super) fn locations(&self) -> Vec<Uuid> {
        match self {
            Self::Memory(blobs) | Self::Fork { memory: blobs, .. } => blobs.read().keys().copied().collect(),
            Self::Directory(directory) => {
                let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
                entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
            }
        }
    }

    /// Removes the unfinished uploads of earlier processes.
    pub(super) fn remove_parts(&self) {
        let Self::Directory(directory) = self else { return };
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_ours = path.file_stem().and_then(|name| name.to_str()?.parse::<Uuid>().ok()).is_some();
            if is_ours && path.extension().is_some_and(|extension| extension == PART) {
                drop(fs::remove_file(path));
            }
        }
    }
}

impl Upload {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match &mut self.target {
            UploadTarget::Directory { file, .. } => file.write_all(bytes).map_err(io_failure)?,
            UploadTarget::Memory { bytes: written, .. } => written.extend_from_slice(bytes),
        }
        self.size += bytes.len() as u64;
        self.hasher.update(bytes);
        Ok(())
    }

    /// Returns the number of bytes written.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Finishes the blob and, in a directory, syncs it to the disk. Returns its location and
    /// its digest.
    pub(super) fn finish(mut self) -> Result<(Uuid, BlobDigest), Failure> {
        let location = self.location;
        let digest = BlobDigest { size: self.size, sha256: mem::take(&mut self.hasher).finalize().into() };
        match &mut self.target {
            UploadTarget::Directory { directory, file, is_finished } => {
                file.sync_all().map_err(io_failure)?;
                let path = directory.join(location.to_string());
                fs::rename(part_path(directory, location), &path).map_err(io_failure)?;
                *is_finished = true;
                filesystem::sync_parent(&path).map_err(io_failure)?;
            }
            UploadTarget::Memory { blobs, bytes } => {
                let bytes = Bytes::from(mem::take(bytes));
                blobs.write().insert(location, bytes);
            }
        }
        Ok((location, digest))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let UploadTarget::Directory { directory, is_finished: false, .. } = &self.target {
            drop(fs::remove_file(part_path(directory, self.location)));
        }
    }
}

impl BlobReader {
    /// Compares the bytes with a digest when they are read to the end. It must start at the first
    /// byte.
    pub(super) fn verified(mut self, digest: &BlobDigest) -> Self {
        if let Self::File { verification, .. } = &mut self {
            *verification = Some(Verification::new(digest));
        }
        self
    }

    /// Reads the next bytes, at most `most`. Returns `None` at the end.
    pub(crate) fn next(&mut self, most: u64) -> io::Result<Option<Bytes>> {
        match self {
            Self::Memory(bytes) => {
                let length = usize::try_from(most.min(CHUNK)).unwrap_or(usize::MAX).min(bytes.len());
                let next = bytes.split_to(length);
                Ok((!next.is_empty()).then_some(next))
            }
            Self::File { file, left, verification } => {
                let mut next = Vec::new();
                let read = file.take(most.min(CHUNK).min(*left)).read_to_end(&mut next)?;
                *left -= read as u64;
                if let Some(verification) = verification {
                    verification.update(&next, *left == 0)?;
                }
                Ok((read > 0).then(|| next.into()))
            }
        }
    }
}

fn part_path(directory: &Path, location: Uuid) -> PathBuf {
    directory.join(format!("{location}.{PART}"))
}

fn io_failure(error: io::Error) -> Failure {
    let message = format!("failed to store or read the bytes of a file: {error}");
    Failure { status: 500, ..Failure::rejected("storage-failed", message) }
}
