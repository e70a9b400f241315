//! A state of the store that does not change: reading by key, by range and by prefix.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use imbl::OrdMap;
use redb::AccessGuard;

use super::entry::{Key, Slot};
use super::error::StoreError;
use super::file::View;
use super::range::{Direction, Range};

/// The entries as they were at one moment. A clone copies two pointers.
///
/// Reading a store in memory cannot fail; reading a file can, at any step.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    /// With a file: the changes to it. Without: everything, and no key that is removed.
    pub(super) entries: Entries,
    pub(super) file: Option<Arc<View>>,
    pub(super) mark: u64,
}

pub(super) type Entries = OrdMap<Key, Slot>;

/// Bytes of a key or a value, read in place: of the memory, or of a page of the file.
pub(crate) struct Bytes<'s>(Place<'s>);

enum Place<'s> {
    Memory(&'s [u8]),
    Page(AccessGuard<'static, &'static [u8]>),
}

impl Snapshot {
    /// The number that the last transaction which gave one gave to its state; 0 if none did since the store was opened. It is not
    /// stored, and saves whoever knows what it means a look at the entries.
    pub(crate) fn mark(&self) -> u64 {
        self.mark
    }

    /// The value at `key`.
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

    /// The entries with `from <= key < to`, or from `from` to the last if `to` is `None`, read one by one as the iterator is asked.
    ///
    /// # Errors
    ///
    /// If the file cannot be read; then and during the iteration.
    pub(crate) fn range(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
        direction: Direction,
    ) -> Result<Range<'_>, StoreError> {
        Range::new(self, from, to, direction)
    }

    /// The entries whose key begins with `prefix`.
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

/// The least key above all that begin with `prefix`. There is none above a prefix of nothing but the highest byte.
fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != u8::MAX)?;
    let mut after = prefix[..=last].to_vec();
    after[last] += 1;
    Some(after)
}

impl<'s> Bytes<'s> {
    pub(super) fn memory(bytes: &'s [u8]) -> Bytes<'s> {
        Bytes(Place::Memory(bytes))
    }

    pub(super) fn page(guard: AccessGuard<'static, &'static [u8]>) -> Bytes<'s> {
        Bytes(Place::Page(guard))
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Place::Memory(bytes) => bytes,
            Place::Page(guard) => guard.value(),
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
