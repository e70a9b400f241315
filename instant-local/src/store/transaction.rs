//! A snapshot that can be changed: what a writer works on. Nothing of it is visible to others before the store publishes it.

use std::ops::Deref;

use super::snapshot::Snapshot;

/// The state as the writer sees it, its own changes included. It reads like the [`Snapshot`] to which it dereferences.
///
/// What is read borrows from the transaction, so that reading and changing in turns needs a copy: of the bytes, or, for a whole
/// range, of the snapshot ([`Clone`] copies a pointer), which then keeps to the state before the changes.
#[derive(Debug)]
pub(crate) struct Transaction {
    snapshot: Snapshot,
    changed: bool,
}

impl Transaction {
    pub(super) fn new(snapshot: Snapshot) -> Transaction {
        Transaction { snapshot, changed: false }
    }

    /// Sets the value at `key`, be there one or not.
    pub(crate) fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.snapshot.insert(key, value);
        self.changed = true;
    }

    /// Gives the state a number, see [`Snapshot::mark`].
    pub(crate) fn set_mark(&mut self, mark: u64) {
        self.snapshot.mark = mark;
    }

    /// Removes `key` and its value. It need not exist.
    pub(crate) fn remove(&mut self, key: &[u8]) {
        self.snapshot.remove(key);
        self.changed = true;
    }

    /// The changed state, or nothing if no change was made.
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
