//! Why an embedded backend cannot be opened, or an app cannot be made.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use instant_core::{WireError, export::LinesError};

use crate::{failure::Failure, store::StoreError};

/// Why an embedded backend cannot be opened, or an app cannot be made.
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
    /// The file of an app cannot be used: locked, no database, damaged, not allowed, or the disk is full.
    Store(StoreError),
    /// A directory cannot be made or read.
    #[non_exhaustive]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is a database, but what is in it is not what this version writes.
    #[non_exhaustive]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// A schema or rules that Instant refuses.
    Refused(Box<WireError>),
    /// An export cannot be written to where it should go.
    Write(io::Error),
    /// What should be imported cannot be read.
    Lines(LinesError),
    /// A line of an import is refused. Nothing of its batch was written.
    #[non_exhaustive]
    Line {
        /// Its number, from 1.
        number: u64,
        /// Why.
        error: Box<WireError>,
    },
}

impl LocalError {
    /// Whether somebody else has the file open, so that it may work later.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_locked())
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
            Self::Directory { path, .. } => write!(
                f,
                "could not use the directory `{}`; it must be a directory that may be read and written",
                path.display()
            ),
            Self::Unreadable { path, found } => {
                write!(f, "`{}` is not usable: {found}", path.display())
            }
            Self::Refused(error) => error.fmt(f),
            Self::Write(_) => f.write_str("could not write the export"),
            Self::Lines(error) => error.fmt(f),
            Self::Line { number, error } => write!(f, "line {number} of the export is refused: {error}"),
        }
    }
}

impl Error for LocalError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Directory { source, .. } => Some(source),
            Self::Refused(error) => Some(error),
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
        Self::Refused(failure.error)
    }
}
