//! One file on the disk: opening it, committing changes to it, reading what was committed.
//!
//! The file is a redb database with one table of bytes. Who may write, and when, is the store's concern.

use std::ops::Bound;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fmt, fs, io};

use redb::{Database, ReadOnlyTable, ReadableDatabase, TableDefinition, TableHandle, WriteTransaction};

use super::Durability;
use super::error::StoreError;
use super::range::{Direction, Entry};
use super::snapshot::{Bytes, Entries, Snapshot};

/// The writing end of an open file.
pub(super) struct File {
    disk: Arc<Disk>,
    durability: Durability,
    commits: AtomicU64,
}

/// What one commit left in the file. It keeps the file open.
pub(super) struct View {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    disk: Arc<Disk>,
}

/// The entries of a view between two keys.
pub(super) struct FileRange<'s> {
    entries: redb::Range<'static, &'static [u8], &'static [u8]>,
    direction: Direction,
    view: &'s View,
}

struct Disk {
    database: Database,
    path: Box<Path>,
}

const TABLE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("instant");

impl File {
    /// Opens or makes the file, and gives what is in it.
    pub(super) fn open(path: &Path, durability: Durability) -> Result<(File, Snapshot), StoreError> {
        // The library panics on some files that were changed behind its back.
        let database = panic::catch_unwind(|| Database::create(path))
            .map_err(|panic| StoreError::corrupt(path, &*panic))?
            .map_err(|error| opening(path, error))?;
        let disk = Arc::new(Disk { database, path: path.into() });
        let file = File { disk, durability, commits: AtomicU64::new(0) };
        file.prepare()?;
        let snapshot = file.view()?;
        Ok((file, snapshot))
    }

    /// Makes the table in a new file.
    fn prepare(&self) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        let failed = |error: redb::Error| self.disk.error("write", error);
        let known = transaction
            .list_tables()
            .map_err(|error| failed(error.into()))?
            .map(|table| table.name().to_owned())
            .collect::<Vec<_>>();
        if known.iter().any(|name| name == TABLE.name()) {
            return transaction.abort().map_err(|error| failed(error.into()));
        }
        if let Some(foreign) = known.first() {
            let found = format!("a redb database of another program, with a table `{foreign}`");
            return Err(StoreError::NotADatabase { path: self.disk.path.to_path_buf(), found });
        }
        transaction.open_table(TABLE).map_err(|error| failed(error.into()))?;
        transaction.commit().map_err(|error| failed(error.into()))
    }

    /// Writes what changed on top of the file, all or nothing, and gives the new state.
    pub(super) fn commit(&self, head: &Snapshot) -> Result<Snapshot, StoreError> {
        panic::catch_unwind(AssertUnwindSafe(|| self.write(&head.entries)))
            .unwrap_or_else(|panic| Err(StoreError::corrupt(&self.disk.path, &*panic)))
    }

    fn write(&self, changes: &Entries) -> Result<Snapshot, StoreError> {
        let failed = |error: redb::Error| self.disk.error("write", error);
        let mut transaction = self.begin()?;
        if self.durability == Durability::Relaxed {
            transaction.set_durability(redb::Durability::None).map_err(|error| failed(error.into()))?;
        }
        let mut table = transaction.open_table(TABLE).map_err(|error| failed(error.into()))?;
        for (key, value) in changes {
            match value {
                Some(value) => table.insert(&**key, &**value).map(drop),
                None => table.remove(&**key).map(drop),
            }
            .map_err(|error| failed(error.into()))?;
        }
        drop(table);
        transaction.commit().map_err(|error| failed(error.into()))?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.view()
    }

    /// Brings what was committed without a sync to the disk.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let transaction = self.begin()?;
        transaction.commit().map_err(|error| self.disk.error("write", error.into()))
    }

    /// How often the file was committed since it was opened.
    #[cfg(test)]
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    fn begin(&self) -> Result<WriteTransaction, StoreError> {
        self.disk.database.begin_write().map_err(|error| self.disk.error("write", error.into()))
    }

    fn view(&self) -> Result<Snapshot, StoreError> {
        let failed = |error: redb::Error| self.disk.error("read", error);
        let transaction = self.disk.database.begin_read().map_err(|error| failed(error.into()))?;
        let table = transaction.open_table(TABLE).map_err(|error| failed(error.into()))?;
        let view = View { table, disk: Arc::clone(&self.disk) };
        Ok(Snapshot { entries: Entries::new(), file: Some(Arc::new(view)) })
    }
}

impl View {
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<Bytes<'_>>, StoreError> {
        match self.table.get(key) {
            Ok(found) => Ok(found.map(Bytes::page)),
            Err(error) => Err(self.disk.error("read", error.into())),
        }
    }

    pub(super) fn range(
        &self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
    ) -> Result<FileRange<'_>, StoreError> {
        match self.table.range::<&[u8]>(bounds) {
            Ok(entries) => Ok(FileRange { entries, direction, view: self }),
            Err(error) => Err(self.disk.error("read", error.into())),
        }
    }
}

impl<'s> Iterator for FileRange<'s> {
    type Item = Result<Entry<'s>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.direction {
            Direction::Ascending => self.entries.next(),
            Direction::Descending => self.entries.next_back(),
        }?;
        Some(match next {
            Ok((key, value)) => Ok((Bytes::page(key), Bytes::page(value))),
            Err(error) => Err(self.view.disk.error("read", error.into())),
        })
    }
}

impl Disk {
    #[cold]
    fn error(&self, operation: &'static str, error: redb::Error) -> StoreError {
        StoreError::database(&self.path, operation, error)
    }
}

/// Tells a file that is something else from one that cannot be opened.
fn opening(path: &Path, error: redb::DatabaseError) -> StoreError {
    match redb::Error::from(error) {
        redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
            StoreError::NotADatabase {
                path: path.to_owned(),
                found: format!("a file of {length} bytes of another kind"),
            }
        }
        other => StoreError::database(path, "open", other),
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("path", &self.disk.path).field("durability", &self.durability).finish()
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("View").field(&self.disk.path).finish()
    }
}
