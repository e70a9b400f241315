//! The errors of a store. Each names the file and the remedy.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An error of opening, reading or writing a store.
///
/// The only error of a store in memory is [`StoreError::Panicked`]. The type is [`Clone`] because
/// the writers of one commit share its outcome.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is not a database of this program. It was not changed.
    #[non_exhaustive]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// A description of its contents.
        found: String,
    },
    /// The file is already open, in this or in another process.
    #[non_exhaustive]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is a damaged database: truncated, or changed by another program or a failing disk.
    #[non_exhaustive]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// A description of the damage.
        detail: String,
    },
    /// The disk is full. The store is read-only until the file is opened again.
    #[non_exhaustive]
    Full {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: Arc<io::Error>,
    },
    /// An operation on the file failed.
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// The operation: "open", "read" or "write".
        operation: &'static str,
        /// The error of the operating system.
        source: Arc<io::Error>,
    },
    /// Acknowledged writes could not be synced to the disk. They may be lost when the process ends.
    /// Only a relaxed store has unsynced writes.
    #[non_exhaustive]
    Unsynced {
        /// The file.
        path: PathBuf,
        /// The number of writes: the last ones that were acknowledged.
        writes: u64,
        /// The reason.
        source: Arc<StoreError>,
    },
    /// The store was closed. Open it again to use it.
    #[non_exhaustive]
    Closed {
        /// The file.
        path: PathBuf,
    },
    /// The code of a write panicked. The write was discarded.
    #[non_exhaustive]
    Panicked {
        /// The message of the panic.
        message: String,
    },
}

impl StoreError {
    /// Returns whether the file is already open. A later attempt may succeed.
    pub fn is_locked(&self) -> bool {
        matches!(self, StoreError::Locked { .. })
    }

    /// Returns whether the disk is full. Writes may succeed after space is freed and the file is
    /// opened again.
    pub fn is_full(&self) -> bool {
        match self {
            StoreError::Full { .. } => true,
            StoreError::Unsynced { source, .. } => source.is_full(),
            _ => false,
        }
    }

    /// Returns the number of acknowledged writes that may be lost because they could not be synced.
    pub fn unsynced_writes(&self) -> u64 {
        match self {
            StoreError::Unsynced { writes, .. } => *writes,
            _ => 0,
        }
    }

    pub(super) fn io(path: &Path, operation: &'static str, source: io::Error) -> StoreError {
        StoreError::Io { path: path.to_owned(), operation, source: Arc::new(source) }.or_full()
    }

    /// Creates the error of a write that failed, or that was rejected after an earlier failure.
    pub(super) fn disk_failed(path: &Path, source: Arc<io::Error>) -> StoreError {
        StoreError::Io { path: path.to_owned(), operation: "write", source }.or_full()
    }

    fn or_full(self) -> StoreError {
        match self {
            StoreError::Io { path, source, .. }
                if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) =>
            {
                StoreError::Full { path, source }
            }
            other => other,
        }
    }

    pub(super) fn database(path: &Path, operation: &'static str, error: redb::Error) -> StoreError {
        match error {
            redb::Error::Io(source) => StoreError::io(path, operation, source),
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
                StoreError::Locked { path: path.to_owned() }
            }
            redb::Error::UpgradeRequired(version) => StoreError::NotADatabase {
                path: path.to_owned(),
                found: format!("a redb database in the older file format {version}"),
            },
            redb::Error::DatabaseClosed => StoreError::Closed { path: path.to_owned() },
            redb::Error::Corrupted(detail) => StoreError::Corrupt { path: path.to_owned(), detail },
            other => StoreError::io(path, operation, io::Error::other(other)),
        }
    }

    pub(super) fn corrupt(path: &Path, panic: &(dyn Any + Send)) -> StoreError {
        StoreError::Corrupt { path: path.to_owned(), detail: message(panic) }
    }

    pub(super) fn panicked(panic: &(dyn Any + Send)) -> StoreError {
        StoreError::Panicked { message: message(panic) }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::NotADatabase { path, found } => write!(
                f,
                "failed to open `{}`: it is not a database of this program but {found}; choose another path",
                path.display()
            ),
            StoreError::Locked { path } => write!(
                f,
                "failed to open `{}`: it is already open; close the other program or handle, or connect to it over HTTP",
                path.display()
            ),
            StoreError::Corrupt { path, detail } => write!(
                f,
                "`{}` is damaged ({detail}); restore it from a backup, and keep a copy of the damaged file",
                path.display()
            ),
            StoreError::Full { path, .. } => write!(
                f,
                "failed to write `{}`: the disk is full; free some space and open the file again, it is read-only until then",
                path.display()
            ),
            StoreError::Io { path, operation, source } => {
                write!(f, "failed to {operation} `{}`", path.display())?;
                f.write_str(match source.kind() {
                    io::ErrorKind::NotFound => ": its directory does not exist; create it first",
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        ": permission denied; allow reading and writing of the file and its directory"
                    }
                    io::ErrorKind::IsADirectory => ": it is a directory; choose a file in it",
                    _ => "; check the disk, then open the file again",
                })
            }
            StoreError::Unsynced { path, writes, .. } => write!(
                f,
                "failed to sync `{}`: the last {writes} acknowledged transactions may be lost",
                path.display()
            ),
            StoreError::Closed { path } => {
                write!(f, "failed to use `{}`: it was closed; open it again", path.display())
            }
            StoreError::Panicked { message } => {
                write!(
                    f,
                    "the write was discarded because its code panicked ({message}); please report this bug"
                )
            }
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StoreError::Full { source, .. } | StoreError::Io { source, .. } => Some(&**source),
            StoreError::Unsynced { source, .. } => Some(source),
            StoreError::NotADatabase { .. }
            | StoreError::Locked { .. }
            | StoreError::Closed { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Panicked { .. } => None,
        }
    }
}
