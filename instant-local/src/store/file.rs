//! One file on the disk: opens it, commits changes to it and reads committed entries.
//!
//! The file is a redb database with one table of bytes. The store serializes the writers.

use std::fmt;
use std::ops::Bound;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use redb::backends::FileBackend;
use redb::{AccessGuard, Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, StorageBackend};

use super::checksum;
use super::disk::Disk;
use super::durability::Durability;
use super::entry::{Bytes, Direction, Entries, Entry};
use super::error::StoreError;
use super::flusher::Flusher;
use super::foreign::{TABLE, has_table, open_error, reject_foreign};
use super::quiet;
use crate::filesystem;

/// The writing end of an open file.
pub(super) struct File {
    /// Present for a relaxed file.
    flusher: Option<Flusher>,
    open: Arc<Open>,
    commits: AtomicU64,
}

/// The entries of the file as of one commit. It keeps the file open.
pub(super) struct FileView {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    open: Arc<Open>,
}

/// An iterator over the entries of a view between two keys.
pub(super) struct FileRange<'s> {
    entries: redb::Range<'static, &'static [u8], &'static [u8]>,
    direction: Direction,
    view: &'s FileView,
}

struct Open {
    /// `None` after [`File::close`].
    database: RwLock<Option<Database>>,
    disk: Disk,
    path: Box<Path>,
    /// Locked by the commit that runs.
    counts: Mutex<Counts>,
    /// The first damage that a read or a write found. Nothing is written to the file from then on.
    damage: OnceLock<StoreError>,
}

/// The numbers of writes since the file was opened.
#[derive(Debug, Default)]
struct Counts {
    committed: u64,
    /// Those of them that are on the disk.
    synced: u64,
}

type Value = AccessGuard<'static, &'static [u8]>;

/// A crash of a relaxed file loses the writes of this time and of the duration of one sync.
const FLUSH_DELAY: Duration = Duration::from_millis(400);

impl File {
    /// Opens or creates the file. Returns it with its entries. All access goes through the backend
    /// that `wrap` returns.
    pub(super) fn open(
        path: &Path,
        durability: Durability,
        wrap: impl FnOnce(FileBackend) -> Box<dyn StorageBackend>,
    ) -> Result<(File, FileView), StoreError> {
        reject_foreign(path)?;
        let failed = |error| StoreError::io(path, "open", error);
        let mut options = filesystem::private_file();
        let file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        let new = file.metadata().map_err(failed)?.len() == 0;
        let handle = file.try_clone().map_err(failed)?;
        let backend = FileBackend::new(file).map_err(|error| open_error(path, error.into()))?;
        let open = || File::open_on(wrap(backend), path, durability);
        // redb panics on some files that another program has changed.
        let opened = quiet::catch(open).unwrap_or_else(|panic| Err(StoreError::corrupt(path, &*panic)));
        if new && opened.as_ref().is_err_and(|error| !error.is_locked()) {
            // A half-written new file would not be recognized later. An error here does not matter,
            // because the one that is returned is the cause.
            let _ = handle.set_len(0);
        }
        if new && opened.is_ok() {
            filesystem::sync_parent(path).map_err(failed)?;
        }
        opened
    }

    fn open_on(
        backend: Box<dyn StorageBackend>,
        path: &Path,
        durability: Durability,
    ) -> Result<(File, FileView), StoreError> {
        let disk = Disk::new(backend);
        let created = Database::builder().create_with_backend(disk.clone());
        let database = created.map_err(|error| open_error(path, error.into()))?;
        let database = RwLock::new(Some(database));
        let open = Arc::new(Open {
            database,
            disk,
            path: path.into(),
            counts: Mutex::default(),
            damage: OnceLock::new(),
        });
        open.prepare()?;
        let view = open.view()?;
        let flusher = match durability {
            Durability::Immediate => None,
            Durability::Relaxed => {
                let open = Arc::clone(&open);
                // The disk keeps a failure, and the next write returns it.
                let flusher = Flusher::start(FLUSH_DELAY, move || {
                    drop(open.commit(&Entries::new(), 0, Durability::Immediate))
                });
                Some(flusher.map_err(|error| StoreError::io(path, "open", error))?)
            }
        };
        Ok((File { flusher, open, commits: AtomicU64::new(0) }, view))
    }

    /// Writes the changes, those of `writes` writes, to the file, all or none. Returns the new
    /// entries.
    pub(super) fn commit(&self, changes: &Entries, writes: usize) -> Result<FileView, StoreError> {
        let durability = if self.flusher.is_some() { Durability::Relaxed } else { Durability::Immediate };
        self.open.commit(changes, writes as u64, durability)?;
        self.flusher.iter().for_each(Flusher::schedule);
        self.commits.fetch_add(1, Ordering::Relaxed);
        quiet::catch(|| self.open.view())
            .unwrap_or_else(|panic| Err(self.open.damaged(StoreError::corrupt(&self.open.path, &*panic))))
    }

    /// Syncs all commits to the disk.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsynced`] if that fails.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let unsynced = self.open.counts.lock().unsynced();
        if unsynced == 0 {
            return Ok(());
        }
        let synced = self.open.commit(&Entries::new(), 0, Durability::Immediate);
        synced.map_err(|error| self.open.unsynced(error))
    }

    /// Syncs all commits to the disk, closes the file and releases its lock. Later reads and writes
    /// return [`StoreError::Closed`], also those of snapshots. Closing a closed file does nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsynced`] if commits could not be synced, or another error if an earlier
    /// write or the closing itself failed. The file is closed nevertheless.
    pub(super) fn close(&self) -> Result<(), StoreError> {
        self.open.close().map_err(|error| self.open.unsynced(error))
    }

    /// Returns the number of commits since the file was opened.
    #[cfg(test)]
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // redb flushes when it closes the file, but a snapshot may keep it open for longer. There
        // is no caller to return an error to; `close` has one.
        let _ = self.flush();
    }
}

impl Open {
    /// Creates the table in a new file.
    fn prepare(&self) -> Result<(), StoreError> {
        let transaction = self.begin_read()?;
        if !has_table(&self.path, &transaction)? {
            self.commit(&Entries::new(), 0, Durability::Immediate)?;
        }
        Ok(())
    }

    fn commit(&self, changes: &Entries, writes: u64, durability: Durability) -> Result<(), StoreError> {
        let mut counts = self.counts.lock();
        let database = self.database.read();
        let database = database.as_ref().ok_or_else(|| self.closed())?;
        self.check_disk()?;
        if let Some(damage) = self.damage.get().filter(|_| writes > 0) {
            return Err(damage.clone());
        }
        self.change(|| write(database, changes, durability))?;
        counts.committed += writes;
        if durability == Durability::Immediate {
            counts.synced = counts.committed;
        }
        Ok(())
    }

    fn close(&self) -> Result<(), StoreError> {
        let mut counts = self.counts.lock();
        let Some(database) = self.database.write().take() else { return Ok(()) };
        if counts.unsynced() > 0 {
            self.change(|| write(&database, &Entries::new(), Durability::Immediate))?;
            counts.synced = counts.committed;
        }
        self.change(|| Ok(database.close()?))
    }

    /// Runs a change of the file. Returns its error, or that of the disk.
    fn change(&self, change: impl FnOnce() -> Result<(), redb::Error>) -> Result<(), StoreError> {
        let changed = quiet::catch(change);
        self.check_disk()?;
        match changed {
            Ok(changed) => changed.map_err(|error| self.error("write", error)),
            Err(panic) => Err(self.damaged(StoreError::corrupt(&self.path, &*panic))),
        }
    }

    /// Returns the error of the first failed write to the disk.
    fn check_disk(&self) -> Result<(), StoreError> {
        self.disk.failure().map_or(Ok(()), |error| Err(StoreError::disk_failed(&self.path, error)))
    }

    /// Adds the number of unsynced writes to the error that prevents their sync.
    fn unsynced(&self, error: StoreError) -> StoreError {
        match self.counts.lock().unsynced() {
            0 => error,
            writes => StoreError::Unsynced { path: self.path.to_path_buf(), writes, source: Arc::new(error) },
        }
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed { path: self.path.to_path_buf() }
    }

    fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        let database = self.database.read();
        let database = database.as_ref().ok_or_else(|| self.closed())?;
        database.begin_read().map_err(|error| self.error("read", error.into()))
    }

    fn view(self: &Arc<Open>) -> Result<FileView, StoreError> {
        let table = self.begin_read()?.open_table(TABLE).map_err(|error| self.error("read", error.into()))?;
        Ok(FileView { table, open: Arc::clone(self) })
    }

    /// Runs `read`. redb panics on pages that another program has changed, which becomes an error.
    fn catch<R>(&self, read: impl FnOnce() -> Result<R, redb::StorageError>) -> Result<R, StoreError> {
        match quiet::catch(read) {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(error)) => Err(self.error("read", error.into())),
            Err(panic) => Err(self.damaged(StoreError::corrupt(&self.path, &*panic))),
        }
    }

    /// Returns the value of an entry, if its checksum matches.
    fn verified<'s>(&self, value: Value, length: Option<usize>) -> Result<Bytes<'s>, StoreError> {
        match length {
            Some(length) => Ok(Bytes::page_start(value, length)),
            None => Err(self.damaged(StoreError::Corrupt {
                path: self.path.to_path_buf(),
                detail: "the checksum of an entry does not match".to_owned(),
            })),
        }
    }

    #[cold]
    fn error(&self, operation: &'static str, error: redb::Error) -> StoreError {
        let error = StoreError::database(&self.path, operation, error);
        if matches!(error, StoreError::Corrupt { .. }) { self.damaged(error) } else { error }
    }

    /// Keeps the first damage, so that nothing is written to a damaged file.
    #[cold]
    fn damaged(&self, error: StoreError) -> StoreError {
        let _ = self.damage.set(error.clone());
        error
    }
}

impl Counts {
    fn unsynced(&self) -> u64 {
        self.committed - self.synced
    }
}

fn write(database: &Database, changes: &Entries, durability: Durability) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(match durability {
        Durability::Immediate => redb::Durability::Immediate,
        Durability::Relaxed => redb::Durability::None,
    })?;
    let mut table = transaction.open_table(TABLE)?;
    for (key, value) in changes {
        match value.value() {
            Some(value) => {
                let mut stored = table.insert_reserve(key.bytes(), checksum::stored_length(value))?;
                checksum::write(key.bytes(), value, stored.as_mut());
            }
            None => drop(table.remove(key.bytes())?),
        }
    }
    drop(table);
    Ok(transaction.commit()?)
}

impl FileView {
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes<'_>>, StoreError> {
        let found = self.open.catch(|| {
            let Some(value) = self.table.get(key)? else { return Ok(None) };
            let length = checksum::verified_length(key, value.value());
            Ok(Some((value, length)))
        });
        found?.map(|(value, length)| self.open.verified(value, length)).transpose()
    }

    pub(super) fn range(
        &self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
    ) -> Result<FileRange<'_>, StoreError> {
        let entries = self.open.catch(|| self.table.range::<&[u8]>(bounds))?;
        Ok(FileRange { entries, direction, view: self })
    }
}

impl<'s> Iterator for FileRange<'s> {
    type Item = Result<Entry<'s>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { entries, direction, view } = self;
        let next = view.open.catch(|| {
            let next = match direction {
                Direction::Ascending => entries.next(),
                Direction::Descending => entries.next_back(),
            };
            let Some((key, value)) = next.transpose()? else { return Ok(None) };
            let length = checksum::verified_length(key.value(), value.value());
            Ok(Some((key, value, length)))
        });
        let verify = |(key, value, length): (Value, Value, Option<usize>)| {
            Ok((Bytes::page(key), view.open.verified(value, length)?))
        };
        next.and_then(|next| next.map(verify).transpose()).transpose()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relaxed = self.flusher.is_some();
        f.debug_struct("File").field("path", &self.open.path).field("relaxed", &relaxed).finish()
    }
}

impl fmt::Debug for FileView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileView").field(&self.open.path).finish()
    }
}
