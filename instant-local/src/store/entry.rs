//! What the map in memory holds: keys and values that cost little to copy.
//!
//! A write copies the nodes of the map that it touches, with dozens of neighbours each. So a short key lies in the node itself, where
//! it is compared without a look elsewhere and copied without counting references, and an empty value is no allocation.

use std::{borrow::Borrow, cmp::Ordering, sync::Arc};

/// A key. Its order is that of its bytes.
#[derive(Clone)]
pub(super) enum Key {
    /// The bytes, and zeros up to the end.
    Short {
        length: u8,
        bytes: [u8; SHORT],
    },
    Long(Arc<[u8]>),
}

/// As much as fits beside a tag and a length into 40 bytes. Links have 37, and most index entries fewer.
const SHORT: usize = 38;

/// What is known of a key.
#[derive(Clone)]
pub(super) enum Slot {
    /// It is removed: what a file has of it does not count.
    Removed,
    /// It is there, without a value.
    Empty,
    Value(Arc<[u8]>),
}

impl Key {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            // The length is never more than there is.
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
                // At most SHORT.
                Self::Short { length: key.len() as u8, bytes }
            }
            None => Self::Long(Arc::from(key)),
        }
    }
}

impl Slot {
    /// The value; none of a removed key.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_their_bytes() {
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
