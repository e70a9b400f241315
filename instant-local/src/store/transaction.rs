//! A snapshot that a writer can change. Its changes are private until the store publishes them.

use std::ops::Deref;

use super::snapshot::Snapshot;

/// The state with the changes of the writer. It dereferences to a [`Snapshot`].
///
/// Reads borrow from the transaction. To change it while iterating over a range, iterate over a
/// clone of the snapshot, which copies two pointers and does not see the changes.
#[derive(Debug)]
pub(crate) struct Transaction {
    snapshot: Snapshot,
    changed: bool,
}

/// The outcome of a write, with its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision<R> {
    /// The changes are published.
    Commit(R),
    /// The changes are discarded.
    Rollback(R),
}

impl<R> Decision<R> {
    pub(crate) fn map<T>(self, map: impl FnOnce(R) -> T) -> Decision<T> {
        match self {
            Self::Commit(result) => Decision::Commit(map(result)),
            Self::Rollback(result) => Decision::Rollback(map(result)),
        }
    }

    pub(super) fn into_inner(self) -> R {
        match self {
            Self::Commit(result) | Self::Rollback(result) => result,
        }
    }
}

impl Transaction {
    pub(super) fn new(snapshot: Snapshot) -> Transaction {
        Transaction { snapshot, changed: false }
    }

    /// Inserts or replaces the value at `key`.
    pub(crate) fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.snapshot.insert(key, value);
        self.changed = true;
    }

    /// Sets the [`Snapshot::mark`] of the state.
    pub(crate) fn set_mark(&mut self, mark: u64) {
        self.snapshot.mark = mark;
    }

    /// Removes `key` and its value, if it exists.
    pub(crate) fn remove(&mut self, key: &[u8]) {
        self.snapshot.remove(key);
        self.changed = true;
    }

    /// Returns the changed state, or `None` if nothing was changed.
    pub(super) fn changed(self) -> Option<Snapshot> {
        self.changed.then_some(self.snapshot)
    }
}

impl Deref for Transaction {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}
