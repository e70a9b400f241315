//! Compares a whole file with its checksums, without changing it.

use std::{fs, io, ops::Bound, path::Path};

use redb::{BackendError, Database, StorageBackend, backends::FileBackend};

use super::{
    disk::Disk,
    error::StoreError,
    foreign::{open_error, reject_foreign},
    quiet,
};

/// Compares the pages of the file at `path` with their checksums.
///
/// # Errors
///
/// If a checksum does not match, or the file is not a database of this program, is already open, or
/// cannot be read.
pub(crate) fn verify(path: &Path) -> Result<(), StoreError> {
    reject_foreign(path)?;
    let failed = |error| StoreError::io(path, "open", error);
    let file = fs::File::options().read(true).write(true).open(path).map_err(failed)?;
    let backend = FileBackend::new(file).map_err(|error| open_error(path, error.into()))?;
    // The disk keeps in memory what redb repairs after a crash.
    let disk = Disk::new(Box::new(ReadOnly(backend)));
    let check = || -> Result<bool, redb::Error> {
        let mut database = Database::builder().create_with_backend(disk)?;
        Ok(database.check_integrity()?)
    };
    match quiet::catch(check) {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => {
            Err(StoreError::Corrupt { path: path.to_owned(), detail: "a checksum does not match".to_owned() })
        }
        Ok(Err(error)) => Err(open_error(path, error)),
        Err(panic) => Err(StoreError::corrupt(path, &*panic)),
    }
}

/// A file that rejects every change.
#[derive(Debug)]
struct ReadOnly(FileBackend);

fn read_only() -> io::Error {
    io::ErrorKind::ReadOnlyFilesystem.into()
}

impl StorageBackend for ReadOnly {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(read_only())
    }

    fn sync_data(&self) -> io::Result<()> {
        Err(read_only())
    }

    fn write(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.query_lock_range(start, end)
    }
}
