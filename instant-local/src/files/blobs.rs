//! The bytes of files: in a folder, or in memory. It knows locations, and nothing of paths and rows.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use instant_core::Uuid;
use parking_lot::RwLock;

use crate::failure::Failure;

/// Where an app keeps the bytes of its files. A clone is another handle on the same place.
#[derive(Debug, Clone)]
pub(crate) enum Blobs {
    /// A file each in this folder, which is made with the first one.
    Folder(Arc<Path>),
    Memory(Arc<RwLock<HashMap<Uuid, Bytes>>>),
    /// In memory, and below it what is in a folder that belongs to another app, which is only read.
    Above {
        memory: Arc<RwLock<HashMap<Uuid, Bytes>>>,
        folder: Arc<Path>,
    },
}

/// Bytes that arrive. What is dropped before it is kept is gone.
#[derive(Debug)]
pub(crate) struct Upload {
    location: Uuid,
    size: u64,
    place: PathSegment,
}

#[derive(Debug)]
enum PathSegment {
    Folder { folder: Arc<Path>, file: File, kept: bool },
    Memory { blobs: Arc<RwLock<HashMap<Uuid, Bytes>>>, bytes: Vec<u8> },
}

/// Bytes that are read, part by part.
#[derive(Debug)]
pub(crate) enum Reading {
    File { file: File, left: u64 },
    Memory(Bytes),
}

/// What the name of a file ends with until it is complete.
const PART: &str = "part";
/// So many bytes are read at once.
const CHUNK: u64 = 256 << 10;

impl Blobs {
    pub(crate) fn in_memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// The folder that belongs to the file of an app.
    pub(crate) fn beside(store: &Path) -> Self {
        let mut name = store.as_os_str().to_owned();
        name.push(".files");
        Self::Folder(PathBuf::from(name).into())
    }

    /// The same bytes for a copy of the app. What the app takes out of its folder later is gone for the copy, too.
    pub(crate) fn fork(&self) -> Self {
        let copy = |memory: &RwLock<HashMap<Uuid, Bytes>>| Arc::new(RwLock::new(memory.read().clone()));
        match self {
            Self::Folder(folder) => Self::Above { memory: Arc::default(), folder: Arc::clone(folder) },
            Self::Memory(memory) => Self::Memory(copy(memory)),
            Self::Above { memory, folder } => {
                Self::Above { memory: copy(memory), folder: Arc::clone(folder) }
            }
        }
    }

    /// Begins to take bytes.
    pub(crate) fn upload(&self) -> Result<Upload, Failure> {
        let location = Uuid::new_v4();
        let place = match self {
            Self::Memory(blobs) | Self::Above { memory: blobs, .. } => {
                PathSegment::Memory { blobs: Arc::clone(blobs), bytes: Vec::new() }
            }
            Self::Folder(folder) => {
                fs::create_dir_all(folder).map_err(failed)?;
                let file = File::create_new(part(folder, location)).map_err(failed)?;
                PathSegment::Folder { folder: Arc::clone(folder), file, kept: false }
            }
        };
        Ok(Upload { location, size: 0, place })
    }

    /// Opens the bytes at a location from the byte `start` on, and says how many there are in all; nothing if they are gone.
    pub(crate) fn read(&self, location: Uuid, start: u64) -> Result<Option<(Reading, u64)>, Failure> {
        match self {
            Self::Memory(blobs) => {
                let bytes = blobs.read().get(&location).cloned();
                Ok(bytes.map(|bytes| {
                    let size = bytes.len();
                    let start = usize::try_from(start).map_or(size, |start| start.min(size));
                    (Reading::Memory(bytes.slice(start..)), size as u64)
                }))
            }
            Self::Folder(folder) => {
                let mut file = match File::open(folder.join(location.to_string())) {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(error) => return Err(failed(error)),
                };
                let size = file.metadata().map_err(failed)?.len();
                file.seek(SeekFrom::Start(start)).map_err(failed)?;
                Ok(Some((Reading::File { file, left: size.saturating_sub(start) }, size)))
            }
            Self::Above { memory, folder } => match Self::Memory(Arc::clone(memory)).read(location, start)? {
                Some(found) => Ok(Some(found)),
                None => Self::Folder(Arc::clone(folder)).read(location, start),
            },
        }
    }

    /// Removes the bytes at a location. They need not be there.
    pub(super) fn remove(&self, location: Uuid) {
        match self {
            Self::Memory(blobs) | Self::Above { memory: blobs, .. } => {
                blobs.write().remove(&location);
            }
            // What cannot be removed now is found again by the next sweep.
            Self::Folder(folder) => drop(fs::remove_file(folder.join(location.to_string()))),
        }
    }

    /// All locations that hold bytes.
    pub(super) fn locations(&self) -> Vec<Uuid> {
        match self {
            Self::Memory(blobs) | Self::Above { memory: blobs, .. } => blobs.read().keys().copied().collect(),
            Self::Folder(folder) => {
                let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
                entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
            }
        }
    }

    /// Removes what uploads left behind that ended with the process.
    pub(super) fn remove_parts(&self) {
        let Self::Folder(folder) = self else { return };
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
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
        match &mut self.place {
            PathSegment::Folder { file, .. } => file.write_all(bytes).map_err(failed)?,
            PathSegment::Memory { bytes: kept, .. } => kept.extend_from_slice(bytes),
        }
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Keeps the bytes, on the disk if there is one, and says where.
    pub(super) fn keep(mut self) -> Result<Uuid, Failure> {
        let location = self.location;
        match &mut self.place {
            PathSegment::Folder { folder, file, kept } => {
                file.sync_all().map_err(failed)?;
                fs::rename(part(folder, location), folder.join(location.to_string())).map_err(failed)?;
                *kept = true;
                // The new name is on the disk when the folder is; systems that cannot sync folders do without.
                if let Ok(folder) = File::open(folder) {
                    drop(folder.sync_all());
                }
            }
            PathSegment::Memory { blobs, bytes } => {
                let bytes = Bytes::from(std::mem::take(bytes));
                blobs.write().insert(location, bytes);
            }
        }
        Ok(location)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let PathSegment::Folder { folder, kept: false, .. } = &self.place {
            drop(fs::remove_file(part(folder, self.location)));
        }
    }
}

impl Reading {
    /// The next bytes, at most so many; none at the end.
    pub(crate) fn next(&mut self, most: u64) -> io::Result<Option<Bytes>> {
        match self {
            Self::Memory(bytes) => {
                let length = usize::try_from(most.min(CHUNK)).unwrap_or(usize::MAX).min(bytes.len());
                let next = bytes.split_to(length);
                Ok((!next.is_empty()).then_some(next))
            }
            Self::File { file, left } => {
                let mut next = Vec::new();
                let read = file.take(most.min(CHUNK).min(*left)).read_to_end(&mut next)?;
                *left -= read as u64;
                Ok((read > 0).then(|| next.into()))
            }
        }
    }
}

fn part(folder: &Path, location: Uuid) -> PathBuf {
    folder.join(format!("{location}.{PART}"))
}

fn failed(error: io::Error) -> Failure {
    let message = format!("the bytes of a file could not be stored or read: {error}");
    Failure { status: 500, ..Failure::refused("storage-failed", message) }
}
