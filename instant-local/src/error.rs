//! The errors of [`Local`](crate::Local).

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use instant_core::{WireError, export::LinesError};

use crate::{failure::Failure, store::StoreError};

/// An error of opening an embedded backend, or of creating, exporting or importing an app.
///
/// ```
/// use instant_local::Local;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("garden.db");
/// let local = Local::open(&path)?;
/// let error = Local::open(&path).unwrap_err();
/// assert!(error.is_locked());
/// assert!(error.to_string().contains("is already open; close the other program or handle"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum LocalError {
    /// The file of an app cannot be used: it is locked, not a database, damaged or not accessible,
    /// or the disk is full.
    Store(StoreError),
    /// The files of several apps cannot be synced or closed.
    Stores(Vec<StoreError>),
    /// A directory cannot be created or read.
    #[non_exhaustive]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The content of a database is not supported by this version.
    #[non_exhaustive]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// A description of the content.
        found: String,
    },
    /// Instant rejects a schema or rules.
    Rejected(Box<WireError>),
    /// Writing an export failed.
    Write(io::Error),
    /// Parsing an import failed.
    Lines(LinesError),
    /// A line of an import is rejected. Its batch was not written.
    #[non_exhaustive]
    Line {
        /// The number of the line, from 1.
        number: u64,
        /// The error.
        error: Box<WireError>,
    },
}

impl LocalError {
    /// Returns whether the file is already open. A later attempt may succeed.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_locked())
    }

    /// Returns the number of acknowledged transactions that may be lost because
    /// [`Local::flush`](crate::Local::flush) or [`Local::close`](crate::Local::close) failed to
    /// sync them.
    pub fn unsynced_transactions(&self) -> u64 {
        match self {
            Self::Store(error) => error.unsynced_writes(),
            Self::Stores(errors) => errors.iter().map(StoreError::unsynced_writes).sum(),
            _ => 0,
        }
    }

    pub(crate) fn directory(path: &Path, source: io::Error) -> Self {
        Self::Directory { path: path.to_owned(), source }
    }

    pub(crate) fn unreadable(path: &Path, failure: &Failure) -> Self {
        Self::Unreadable { path: path.to_owned(), found: failure.error.message.clone() }
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Stores(errors) => {
                for (at, error) in errors.iter().enumerate() {
                    write!(f, "{}{error}", if at == 0 { "" } else { "; " })?;
                }
                Ok(())
            }
            Self::Directory { path, .. } => write!(
                f,
                "failed to open the directory `{}`; it must be a directory with permission to read and write",
                path.display()
            ),
            Self::Unreadable { path, found } => {
                write!(f, "failed to open `{}`: {found}", path.display())
            }
            Self::Rejected(error) => error.fmt(f),
            Self::Write(_) => f.write_str("failed to write the export"),
            Self::Lines(error) => error.fmt(f),
            Self::Line { number, error } => write!(f, "failed to import line {number}: {error}"),
        }
    }
}

impl Error for LocalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Stores(errors) => errors.first().and_then(Error::source),
            Self::Directory { source, .. } => Some(source),
            Self::Rejected(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::Lines(error) => error.source(),
            Self::Unreadable { .. } | Self::Line { .. } => None,
        }
    }
}

impl From<StoreError> for LocalError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for LocalError {
    fn from(failure: Failure) -> Self {
        Self::Rejected(failure.error)
    }
}
