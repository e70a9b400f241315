//! A map of bounded size, for state per key where callers choose the keys.

use std::{collections::HashMap, hash::Hash, mem};

/// A map that keeps the entries that were used last, at constant cost.
///
/// It has two generations. An entry that is used moves to the recent one. When that is full, it
/// becomes the older one, whose entries are dropped. So it keeps at least the `generation` entries
/// that were used last, and at most twice as many.
#[derive(Debug)]
pub(crate) struct RecentMap<K, V> {
    recent: HashMap<K, V>,
    older: HashMap<K, V>,
    generation: usize,
}

impl<K: Eq + Hash, V> RecentMap<K, V> {
    /// Creates an empty map.
    pub(crate) fn new(generation: usize) -> Self {
        Self { recent: HashMap::new(), older: HashMap::new(), generation }
    }

    /// Returns the value of a key, after inserting `default()` if it has none.
    pub(crate) fn get_or_insert_with(&mut self, key: K, default: impl FnOnce() -> V) -> &mut V {
        let older = self.older.remove(&key);
        if self.recent.len() >= self.generation && !self.recent.contains_key(&key) {
            self.older = mem::take(&mut self.recent);
        }
        self.recent.entry(key).or_insert_with(|| older.unwrap_or_else(default))
    }

    /// Returns the number of entries.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.recent.len() + self.older.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn used_entries_are_kept_and_the_size_is_bounded() {
        let mut map = RecentMap::new(100);
        for key in 0..10_000 {
            *map.get_or_insert_with(key, || 0) += 1;
            *map.get_or_insert_with(u32::MAX, || 0) += 1;
            assert!(map.len() <= 201, "{}", map.len());
        }
        assert_eq!(*map.get_or_insert_with(u32::MAX, || 0), 10_000);
        // The last hundred are known, and early ones are not.
        for (key, want) in [(9_999, 1), (9_901, 1), (0, 0), (5_000, 0)] {
            assert_eq!(*map.get_or_insert_with(key, || 0), want, "{key}");
        }
    }
}
