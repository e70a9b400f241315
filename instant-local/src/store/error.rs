//! What can go wrong with a store, told so that the reader knows which file it is and what to do.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a store could not be opened, read or written.
///
/// A store in memory only knows [`StoreError::Panicked`]. Errors are cloned because the writers of one commit share its outcome.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is not a database of this program. Nothing was written to it.
    #[non_exhaustive]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What was found in it.
        found: String,
    },
    /// The file is open already, in this or in another process.
    #[non_exhaustive]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is a database but damaged: cut short, changed by something else, or by a broken disk.
    #[non_exhaustive]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where the damage showed.
        detail: String,
    },
    /// The disk is full. The store can be read, and refuses writes until the file is opened again.
    #[non_exhaustive]
    Full {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The system refused an operation on the file.
    #[non_exhaustive]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done: "open", "read" or "write".
        operation: &'static str,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The code that made a change panicked. Nothing of the change was kept.
    #[non_exhaustive]
    Panicked {
        /// What the panic said.
        message: String,
    },
}

impl StoreError {
    /// Whether somebody else has the file open, so that it may work later.
    pub fn is_locked(&self) -> bool {
        matches!(self, StoreError::Locked { .. })
    }

    /// Whether it may work after there is room on the disk and the file was opened again.
    pub fn is_full(&self) -> bool {
        matches!(self, StoreError::Full { .. })
    }

    pub(super) fn io(path: &Path, operation: &'static str, source: io::Error) -> StoreError {
        StoreError::Io { path: path.to_owned(), operation, source: Arc::new(source) }.or_full()
    }

    /// The disk refused a write, this one or one before it.
    pub(super) fn refused(path: &Path, source: Arc<io::Error>) -> StoreError {
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
                "`{}` is not a database of this program but {found}; name another file, or a new one",
                path.display()
            ),
            StoreError::Locked { path } => write!(
                f,
                "`{}` is open already; close the other program or handle that has it open, or talk to it over HTTP",
                path.display()
            ),
            StoreError::Corrupt { path, detail } => write!(
                f,
                "`{}` is damaged ({detail}); keep a copy of it and restore it from a backup",
                path.display()
            ),
            StoreError::Full { path, .. } => write!(
                f,
                "the disk of `{}` is full; make room and open the file again, until then it can only be read",
                path.display()
            ),
            StoreError::Io { path, operation, source } => {
                write!(f, "could not {operation} `{}`", path.display())?;
                f.write_str(match source.kind() {
                    io::ErrorKind::NotFound => "; its directory does not exist, create it first",
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        "; reading and writing must be allowed on the file and its directory"
                    }
                    io::ErrorKind::IsADirectory => "; it is a directory, name a file in it",
                    _ => "; check the disk, then open the file again",
                })
            }
            StoreError::Panicked { message } => {
                write!(f, "a change was abandoned because its code panicked ({message}); please report this")
            }
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StoreError::Full { source, .. } | StoreError::Io { source, .. } => Some(&**source),
            StoreError::NotADatabase { .. }
            | StoreError::Locked { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Panicked { .. } => None,
        }
    }
}
