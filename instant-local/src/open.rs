//! How the files of apps are opened.

use std::path::Path;

use crate::{apps::Apps, error::LocalError, local::Local, store::Durability};

/// Options for opening the files of apps: when writes reach the disk, and which files are verified
/// first.
///
/// ```
/// use instant_local::{Durability, OpenOptions};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("apps");
/// let local = OpenOptions::new().durability(Durability::Relaxed).open_dir(path)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct OpenOptions {
    pub(crate) durability: Durability,
    pub(crate) verify_up_to: u64,
}

impl OpenOptions {
    /// Returns the defaults: immediate durability, and files of up to 16 MB are verified.
    pub fn new() -> Self {
        Self { durability: Durability::default(), verify_up_to: 16_000_000 }
    }

    /// Sets when writes reach the disk.
    pub fn durability(self, durability: Durability) -> Self {
        Self { durability, ..self }
    }

    /// Sets the size in bytes up to which a file is verified when it is opened; 0 verifies none, and
    /// `u64::MAX` all.
    ///
    /// Verifying reads the whole file and compares every page with its checksum, as
    /// [`Local::verify`] does, so that no damage goes unnoticed. Of a larger file, each document is
    /// compared with a checksum of its own when it is read: a changed document is an error, but
    /// damage between documents may hide rows or return them in another order. After the first
    /// damage found, the file is read-only.
    pub fn verify_up_to(self, bytes: u64) -> Self {
        Self { verify_up_to: bytes, ..self }
    }

    /// Opens the file of one app; see [`Local::open`].
    ///
    /// # Errors
    ///
    /// As [`Local::open`].
    pub fn open(self, path: impl AsRef<Path>) -> Result<Local, LocalError> {
        Apps::open_file(path.as_ref(), self).map(Local::new)
    }

    /// Opens a directory of app files; see [`Local::open_dir`].
    ///
    /// # Errors
    ///
    /// As [`Local::open_dir`].
    pub fn open_dir(self, path: impl AsRef<Path>) -> Result<Local, LocalError> {
        Apps::open_directory(path.as_ref(), self).map(Local::new)
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Durability> for OpenOptions {
    fn from(durability: Durability) -> Self {
        Self::new().durability(durability)
    }
}
