//! The source of an upload's bytes, its size, and whether it can be read twice.

use std::{
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures_util::StreamExt;
use tempfile::{NamedTempFile, TempPath};
use tokio::{fs::File, io::AsyncWriteExt, task};

use super::{
    byte_stream::{ByteStream, from_bytes, from_file},
    idle_timeout::TransferMonitor,
};
use crate::{retry::Effect, transport::BoxError};

/// The content of an upload, as the caller provides it.
pub(super) enum Content {
    Bytes(Bytes),
    Path(PathBuf),
    Stream(ByteStream),
}

/// The content of an upload and its size, which servers need to know before the first byte.
pub(super) struct UploadSource {
    pub(super) size: u64,
    location: SourceLocation,
}

enum SourceLocation {
    Bytes(Bytes),
    Path(PathBuf),
    /// A temporary file with the content of a stream, whose size was unknown.
    Spooled(TempPath),
    /// A stream of known size; `None` once it was read.
    Once(Option<ByteStream>),
}

/// The number of bytes of a stream of unknown size that are kept in memory.
const MAX_IN_MEMORY: usize = 1 << 20;

impl UploadSource {
    /// Determines the size of `content` and compares it with the `declared` one.
    ///
    /// Reads streams of unknown size to their end, and reports each chunk to `monitor`.
    pub(super) async fn new(
        content: Content,
        declared: Option<u64>,
        monitor: &TransferMonitor,
    ) -> Result<Self, BoxError> {
        let (size, location) = match content {
            Content::Bytes(bytes) => (bytes.len() as u64, SourceLocation::Bytes(bytes)),
            Content::Path(path) => {
                let metadata = tokio::fs::metadata(&path).await.map_err(|error| with_path(&path, &error))?;
                if !metadata.is_file() {
                    return Err(format!("{} is not a file", path.display()).into());
                }
                match metadata.len() {
                    // The operating system reports 0 for files that it generates when they are
                    // read.
                    0 => spool(from_file(open(&path).await?), monitor).await?,
                    size => (size, SourceLocation::Path(path)),
                }
            }
            Content::Stream(stream) => match declared {
                Some(size @ 1..) => (size, SourceLocation::Once(Some(stream))),
                // HTTP clients do not poll a body whose declared size is 0, so check that it is
                // empty.
                Some(0) | None => spool(stream, monitor).await?,
            },
        };
        match declared {
            Some(declared) if declared != size => {
                Err(format!("it has {size} bytes, expected {declared}").into())
            }
            _ => Ok(Self { size, location }),
        }
    }

    /// Returns the effect of the upload: it can be repeated if the content can be read twice.
    pub(super) fn effect(&self) -> Effect {
        match self.location {
            SourceLocation::Once(_) => Effect::Write,
            SourceLocation::Bytes(_) | SourceLocation::Path(_) | SourceLocation::Spooled(_) => {
                Effect::IdempotentWrite
            }
        }
    }

    /// Returns whether the content was read and cannot be read again.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.location, SourceLocation::Once(None))
    }

    /// Opens the content, to be read from its start.
    pub(super) async fn open(&mut self) -> Result<ByteStream, BoxError> {
        let path = match &mut self.location {
            SourceLocation::Bytes(bytes) => return Ok(from_bytes(bytes.clone())),
            SourceLocation::Once(stream) => {
                return stream.take().ok_or_else(|| "the stream was read already".into());
            }
            SourceLocation::Path(path) => path.as_path(),
            SourceLocation::Spooled(path) => path,
        };
        Ok(from_file(open(path).await?))
    }
}

async fn open(path: &Path) -> Result<File, BoxError> {
    File::open(path).await.map_err(|error| with_path(path, &error))
}

fn with_path(path: &Path, error: &io::Error) -> BoxError {
    format!("{}: {error}", path.display()).into()
}

/// Reads a stream to its end, into memory or, if it is large, into a temporary file.
async fn spool(mut stream: ByteStream, monitor: &TransferMonitor) -> Result<(u64, SourceLocation), BoxError> {
    let (mut size, mut buffer, mut spooled) = (0, Vec::new(), None);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        monitor.record_progress();
        size += chunk.len() as u64;
        buffer.extend_from_slice(&chunk);
        if buffer.len() > MAX_IN_MEMORY {
            let (file, _) = match &mut spooled {
                Some(spooled) => spooled,
                empty => empty.insert(new_temp_file().await?),
            };
            file.write_all(&buffer).await?;
            buffer.clear();
        }
    }
    match spooled {
        None => Ok((size, SourceLocation::Bytes(buffer.into()))),
        Some((mut file, path)) => {
            file.write_all(&buffer).await?;
            file.flush().await?;
            Ok((size, SourceLocation::Spooled(path)))
        }
    }
}

async fn new_temp_file() -> Result<(File, TempPath), BoxError> {
    let (file, path) = task::spawn_blocking(NamedTempFile::new).await??.into_parts();
    Ok((File::from_std(file), path))
}
