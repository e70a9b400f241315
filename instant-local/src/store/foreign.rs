//! Tells our files by their table from those of other programs, and explains why a file cannot be
//! opened.

use std::{fs, io, path::Path};

use redb::{ReadOnlyDatabase, ReadTransaction, ReadableDatabase, TableDefinition, TableHandle};

use super::{error::StoreError, quiet};

pub(super) const TABLE: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("instant");

/// Rejects a redb database of another program. It opens the file for reading only, because opening
/// it for writing would change it.
pub(super) fn reject_foreign(path: &Path) -> Result<(), StoreError> {
    // A file that cannot be opened here is repaired or reported when it is opened for writing.
    quiet::catch(|| {
        let Ok(database) = ReadOnlyDatabase::open(path) else { return Ok(()) };
        let transaction = database.begin_read().map_err(|error| open_error(path, error.into()))?;
        has_table(path, &transaction).map(drop)
    })
    .unwrap_or(Ok(()))
}

/// Returns whether the database has our table. An empty database has none; one with tables of
/// another program alone is an error.
pub(super) fn has_table(path: &Path, transaction: &ReadTransaction) -> Result<bool, StoreError> {
    let mut tables = transaction.list_tables().map_err(|error| open_error(path, error.into()))?;
    let Some(other) = tables.next() else { return Ok(false) };
    if other.name() == TABLE.name() || tables.any(|table| table.name() == TABLE.name()) {
        return Ok(true);
    }
    let found = format!("a redb database of another program, with a table `{}`", other.name());
    Err(StoreError::NotADatabase { path: path.to_owned(), found })
}

/// Converts an error of opening the file.
pub(super) fn open_error(path: &Path, error: redb::Error) -> StoreError {
    let length = || fs::metadata(path).map_or(0, |metadata| metadata.len());
    let path = path.to_owned();
    match error {
        redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            StoreError::NotADatabase { path, found: format!("a file of another kind, of {} bytes", length()) }
        }
        redb::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            StoreError::Corrupt { path, detail: format!("truncated to {} bytes", length()) }
        }
        other => StoreError::database(&path, "open", other),
    }
}
