//! An immutable state of the store, read by key, by range and by prefix.

use std::fmt;
use std::sync::Arc;

use super::entry::{Bytes, Direction, Entries, Key, Slot};
use super::error::StoreError;
use super::file::FileView;
use super::range::Range;

/// The entries at one moment. A clone copies two pointers.
///
/// Reading from memory never fails. Reading from a file can fail at any step.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    /// With a file: the changes to it. Without: all entries, and no removed keys.
    pub(super) entries: Entries,
    pub(super) file: Option<Arc<FileView>>,
    pub(super) mark: u64,
}

impl Snapshot {
    /// Creates the state of a file without changes in memory.
    pub(super) fn of_file(view: FileView) -> Snapshot {
        Snapshot { file: Some(Arc::new(view)), ..Snapshot::default() }
    }

    /// Returns the number set by the last [`Transaction::set_mark`](super::Transaction::set_mark);
    /// 0 if the store was opened since. It is not stored. The catalog uses it as its version, to
    /// avoid a lookup.
    pub(crate) fn mark(&self) -> u64 {
        self.mark
    }

    /// Returns the value at `key`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Bytes<'_>>, StoreError> {
        match (self.entries.get(key), &self.file) {
            (Some(slot), _) => Ok(slot.value().map(Bytes::memory)),
            (None, None) => Ok(None),
            (None, Some(file)) => file.get(key),
        }
    }

    /// Returns the entries with `from <= key < to`, or all from `from` on if `to` is `None`. The
    /// iterator reads lazily.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, here and during the iteration.
    pub(crate) fn range(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        direction: Direction,
    ) -> Result<Range<'_>, StoreError> {
        Range::new(&self.entries, self.file.as_deref(), from, to, direction)
    }

    /// Returns the entries whose key starts with `prefix`.
    ///
    /// # Errors
    ///
    /// As [`Snapshot::range`].
    pub(crate) fn scan(&self, prefix: &[u8], direction: Direction) -> Result<Range<'_>, StoreError> {
        self.range(prefix, after_prefix(prefix).as_deref(), direction)
    }

    pub(super) fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.entries.insert(Key::from(key), Slot::from(value));
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        match &self.file {
            None => self.entries.remove(key).map_or((), drop),
            Some(_) => self.entries.insert(Key::from(key), Slot::Removed).map_or((), drop),
        }
    }
}

/// Returns the smallest key after all that start with `prefix`, or `None` if all its bytes are 255.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != u8::MAX)?;
    let mut after = prefix[..=last].to_vec();
    after[last] += 1;
    Some(after)
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("entries in memory", &self.entries.len())
            .field("file", &self.file)
            .finish()
    }
}
