//! An immutable state of the store, read by key, by range and by prefix.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use imbl::OrdMap;
use redb::AccessGuard;

use super::entry::{Key, Slot};
use super::error::StoreError;
use super::file::FileView;
use super::range::{Direction, Range};

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

pub(super) type Entries = OrdMap<Key, Slot>;

/// The bytes of a key or a value, borrowed from memory or from a page of the file.
pub(crate) struct Bytes<'s>(Origin<'s>);

enum Origin<'s> {
    Memory(&'s [u8]),
    Page(AccessGuard<'static, &'static [u8]>),
}

impl Snapshot {
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
        Range::new(self, from, to, direction)
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

impl<'s> Bytes<'s> {
    pub(super) fn memory(bytes: &'s [u8]) -> Bytes<'s> {
        Bytes(Origin::Memory(bytes))
    }

    pub(super) fn page(guard: AccessGuard<'static, &'static [u8]>) -> Bytes<'s> {
        Bytes(Origin::Page(guard))
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Origin::Memory(bytes) => bytes,
            Origin::Page(guard) => guard.value(),
        }
    }
}

impl AsRef<[u8]> for Bytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("entries in memory", &self.entries.len())
            .field("file", &self.file)
            .finish()
    }
}
