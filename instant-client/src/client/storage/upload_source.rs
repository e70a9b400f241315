//! Where the bytes of an upload come from, and whether they can be had again.

use std::{
    future::poll_fn,
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use tempfile::{NamedTempFile, TempPath};
use tokio::{fs::File, io::AsyncWriteExt, task};

use super::{
    byte_stream::{ByteStream, from_bytes, from_file},
    idle_timeout::Watch,
};
use crate::{retry::Effect, transport::BoxError};

/// What is uploaded, as the caller gives it.
pub(super) enum Content {
    Bytes(Bytes),
    Path(PathBuf),
    Stream(ByteStream),
}

/// The same with its size, which servers need to know before the first byte.
pub(super) struct Source {
    pub(super) size: u64,
    place: Place,
}

enum Place {
    Bytes(Bytes),
    Path(PathBuf),
    /// A stream of unknown size, which was put here to measure it.
    Spooled(TempPath),
    /// A stream of known size, until it is read.
    Once(Option<ByteStream>),
}

/// A stream of unknown size that is larger goes to a file.
const IN_MEMORY: usize = 1 << 20;

impl Source {
    /// Finds the size of `content`, if it was not `said`; `watch` is told when bytes move on the way.
    pub(super) async fn new(content: Content, said: Option<u64>, watch: &Watch) -> Result<Self, BoxError> {
        let (size, place) = match content {
            Content::Bytes(bytes) => (bytes.len() as u64, Place::Bytes(bytes)),
            Content::Path(path) => {
                let about = tokio::fs::metadata(&path).await.map_err(|error| at(&path, &error))?;
                if !about.is_file() {
                    return Err(format!("{} is no file", path.display()).into());
                }
                match about.len() {
                    // What the system makes up when it is read says this of itself.
                    0 => spool(from_file(open(&path).await?), watch).await?,
                    size => (size, Place::Path(path)),
                }
            }
            Content::Stream(stream) => match said {
                Some(size @ 1..) => (size, Place::Once(Some(stream))),
                // Of a body that is said to be empty nobody asks whether it is.
                Some(0) | None => spool(stream, watch).await?,
            },
        };
        match said {
            Some(said) if said != size => {
                Err(format!("it has {size} bytes, not the {said} that were said").into())
            }
            _ => Ok(Self { size, place }),
        }
    }

    /// What it does to the data when it is sent twice: the same, if it can be.
    pub(super) fn effect(&self) -> Effect {
        match self.place {
            Place::Once(_) => Effect::Write,
            Place::Bytes(_) | Place::Path(_) | Place::Spooled(_) => Effect::IdempotentWrite,
        }
    }

    /// Whether it can be read again.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.place, Place::Once(None))
    }

    /// Begins to read it from the start.
    pub(super) async fn open(&mut self) -> Result<ByteStream, BoxError> {
        let path = match &mut self.place {
            Place::Bytes(bytes) => return Ok(from_bytes(bytes.clone())),
            Place::Once(stream) => {
                return stream.take().ok_or_else(|| "a stream can be read only once".into());
            }
            Place::Path(path) => path.as_path(),
            Place::Spooled(path) => path,
        };
        Ok(from_file(open(path).await?))
    }
}

async fn open(path: &Path) -> Result<File, BoxError> {
    File::open(path).await.map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &io::Error) -> BoxError {
    format!("{}: {error}", path.display()).into()
}

/// Reads all of a stream: a little into memory, more into a file that is removed afterwards.
async fn spool(mut stream: ByteStream, watch: &Watch) -> Result<(u64, Place), BoxError> {
    let (mut size, mut arrived, mut spooled) = (0, Vec::new(), None);
    while let Some(part) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
        let part = part?;
        watch.moved();
        size += part.len() as u64;
        arrived.extend_from_slice(&part);
        if arrived.len() > IN_MEMORY {
            let (file, _) = match &mut spooled {
                Some(spooled) => spooled,
                none => none.insert(new_file().await?),
            };
            file.write_all(&arrived).await?;
            arrived.clear();
        }
    }
    match spooled {
        None => Ok((size, Place::Bytes(arrived.into()))),
        Some((mut file, path)) => {
            file.write_all(&arrived).await?;
            file.flush().await?;
            Ok((size, Place::Spooled(path)))
        }
    }
}

async fn new_file() -> Result<(File, TempPath), BoxError> {
    let (file, path) = task::spawn_blocking(NamedTempFile::new).await??.into_parts();
    Ok((File::from_std(file), path))
}
