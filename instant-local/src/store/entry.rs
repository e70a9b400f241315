//! Keys and values: as the map in memory stores them, and as readers borrow them.
//!
//! A write copies the nodes of the map that it changes, each with dozens of entries. A short key is
//! therefore stored inline, which saves a pointer dereference per comparison and a reference count
//! per copy. An empty value needs no allocation.

use std::{borrow::Borrow, cmp::Ordering, fmt, ops::Deref, sync::Arc};

use imbl::OrdMap;
use redb::AccessGuard;

/// The entries in memory. A clone copies a pointer.
pub(super) type Entries = OrdMap<Key, Slot>;

/// A key and its value, as readers get them.
pub(crate) type Entry<'s> = (Bytes<'s>, Bytes<'s>);

/// A key, ordered by its bytes.
#[derive(Clone)]
pub(super) enum Key {
    /// The bytes, padded with zeros.
    Short {
        length: u8,
        bytes: [u8; SHORT],
    },
    Long(Arc<[u8]>),
}

/// A key is 40 bytes wide, including its tag and its length. Links have 37 bytes, most index
/// entries fewer.
const SHORT: usize = 38;

/// The value of a key in the map.
#[derive(Clone)]
pub(super) enum Slot {
    /// The key is removed, which overrides the file.
    Removed,
    /// The key has an empty value.
    Empty,
    Value(Arc<[u8]>),
}

/// The bytes of a key or a value, borrowed from memory or from a page of the file.
pub(crate) struct Bytes<'s>(Origin<'s>);

enum Origin<'s> {
    Memory(&'s [u8]),
    Page(AccessGuard<'static, &'static [u8]>),
    /// The start of a value: what follows it is its checksum.
    PageStart(AccessGuard<'static, &'static [u8]>, usize),
}

/// The order of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// The smallest key comes first.
    Ascending,
    /// The greatest key comes first.
    Descending,
}

impl Key {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            // The length is at most `SHORT`.
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Self::Long(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Key {
    fn from(key: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..key.len()) {
            Some(start) => {
                start.copy_from_slice(key);
                // The length is at most `SHORT`.
                Self::Short { length: key.len() as u8, bytes }
            }
            None => Self::Long(Arc::from(key)),
        }
    }
}

impl Slot {
    /// Returns the value, or `None` if the key is removed.
    pub(super) fn value(&self) -> Option<&[u8]> {
        match self {
            Self::Removed => None,
            Self::Empty => Some(&[]),
            Self::Value(value) => Some(value),
        }
    }
}

impl From<&[u8]> for Slot {
    fn from(value: &[u8]) -> Self {
        if value.is_empty() { Self::Empty } else { Self::Value(Arc::from(value)) }
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.bytes()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl<'s> Bytes<'s> {
    pub(super) fn memory(bytes: &'s [u8]) -> Bytes<'s> {
        Bytes(Origin::Memory(bytes))
    }

    pub(super) fn page(guard: AccessGuard<'static, &'static [u8]>) -> Bytes<'s> {
        Bytes(Origin::Page(guard))
    }

    /// Returns the first `length` bytes of a value.
    pub(super) fn page_start(guard: AccessGuard<'static, &'static [u8]>, length: usize) -> Bytes<'s> {
        Bytes(Origin::PageStart(guard, length))
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Origin::Memory(bytes) => bytes,
            Origin::Page(guard) => guard.value(),
            Origin::PageStart(guard, length) => guard.value().get(..*length).unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_by_their_bytes() {
        let long = [b'x'; 100];
        let keys = [&b""[..], b"\0", b"\0\0", b"a", &long[..37], &long[..38], &long[..39], &long, b"\xff"];
        for pair in keys.windows(2) {
            assert!(Key::from(pair[0]) < Key::from(pair[1]), "{pair:?}");
            assert_eq!(Key::from(pair[0]).bytes(), pair[0]);
        }
        assert_eq!(size_of::<Key>(), 40);
        assert_eq!(Slot::from(&b""[..]).value(), Some(&b""[..]));
        assert_eq!((Slot::from(&b"x"[..]).value(), Slot::Removed.value()), (Some(&b"x"[..]), None));
    }
}
