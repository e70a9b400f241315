//! Syncing and closing the files of a [`Local`], with an error if that fails.

use crate::{error::LocalError, local::Local, store::StoreError};

impl Local {
    /// Syncs all acknowledged writes to the disk. Only apps opened with
    /// [`Durability::Relaxed`](crate::Durability::Relaxed) have unsynced ones.
    ///
    /// ```
    /// use instant_local::{Durability, OpenOptions};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("apps");
    /// let local = OpenOptions::new().durability(Durability::Relaxed).open_dir(path)?;
    /// local.create_app("garden")?;
    /// local.flush()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a sync fails, now or earlier. [`LocalError::unsynced_transactions`] says how many
    /// acknowledged transactions may be lost. The other files are synced nevertheless.
    pub fn flush(&self) -> Result<(), LocalError> {
        LocalError::of_files(self.apps.all().iter().filter_map(|app| app.flush().err()))
    }

    /// Syncs all acknowledged writes to the disk, closes the files of all apps and releases their
    /// locks.
    ///
    /// Requests to other handles and forks fail from then on, unless their apps are in memory.
    /// Dropping the last handle closes the files as well, but cannot report an error.
    ///
    /// ```
    /// use instant_local::Local;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("garden.db");
    /// let local = Local::open(&path)?;
    /// let other = local.clone();
    /// local.close()?;
    /// assert_eq!(Local::open(&path)?.apps(), other.apps());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a sync fails, now or earlier, or a file cannot be closed.
    /// [`LocalError::unsynced_transactions`] says how many acknowledged transactions may be lost.
    /// The other files are closed nevertheless.
    pub fn close(self) -> Result<(), LocalError> {
        LocalError::of_files(self.apps.all().iter().filter_map(|app| app.close().err()))
    }
}

impl LocalError {
    fn of_files(errors: impl Iterator<Item = StoreError>) -> Result<(), LocalError> {
        let mut errors = Vec::from_iter(errors);
        match errors.len() {
            0 => Ok(()),
            1 => Err(LocalError::Store(errors.remove(0))),
            _ => Err(LocalError::Stores(errors)),
        }
    }
}
