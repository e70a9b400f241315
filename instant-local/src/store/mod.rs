//! Ordered bytes with snapshots and one writer at a time, in memory or in one file.
//!
//! A store knows keys and values, and nothing of entities, queries or JSON: `layout` says what the
//! keys mean.
//!
//! - [`Store::snapshot`] returns a [`Snapshot`], which never changes. Readers and writers do not
//!   block each other.
//! - [`Store::write`] runs a closure on a [`Transaction`], a snapshot that can be changed. `Ok`
//!   publishes the changes. `Err` and a panic discard them.
//!
//! Both kinds of store share one implementation: an immutable map of entries in memory, on top of a
//! file if there is one. Code that reads takes a `&Snapshot`. A transaction in progress
//! dereferences to one.

mod checksum;
mod disk;
mod durability;
mod entry;
mod error;
mod file;
mod flusher;
mod foreign;
mod quiet;
mod range;
mod snapshot;
#[cfg(test)]
mod tests;
mod transaction;
mod verify;

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fmt, mem};

use parking_lot::{Condvar, Mutex, MutexGuard, RwLock};

pub use self::durability::Durability;
pub(crate) use self::entry::{Bytes, Direction};
pub use self::error::StoreError;
use self::file::File;
pub(crate) use self::range::Range;
pub(crate) use self::snapshot::Snapshot;
pub(crate) use self::transaction::{Decision, Transaction};
pub(crate) use self::verify::verify;

/// Entries kept in order, in memory or in one file. A clone is another handle on the same store.
#[derive(Clone)]
pub(crate) struct Store(Arc<Shared>);

struct Shared {
    /// The snapshot that readers get. Locked only to copy or to replace the pointer.
    published: RwLock<Snapshot>,
    /// Locked by the one writer that runs. The lock is fair over time, so no writer waits for ever.
    pending: Mutex<Pending>,
    /// The number of writers that wait for `pending`.
    waiting: AtomicUsize,
    /// Absent for a store in memory.
    file: Option<File>,
}

/// The writes since the last commit.
struct Pending {
    /// The published snapshot with the changes of this group's writes.
    head: Snapshot,
    /// The number of writes that wait for the commit.
    writes: usize,
    group: Arc<Group>,
}

/// The writes that one commit makes durable, and its outcome.
#[derive(Default)]
struct Group {
    outcome: Mutex<Option<Result<(), StoreError>>>,
    decided: Condvar,
}

/// The largest number of writes in one commit, so that the first of them does not wait for ever.
const GROUP_LIMIT: usize = 512;

impl Store {
    /// Creates an empty store in memory.
    pub(crate) fn in_memory() -> Store {
        Store::new(Snapshot::default(), None)
    }

    /// Opens the file at `path`, and creates it if it is missing or empty. Its directory must
    /// exist.
    ///
    /// # Errors
    ///
    /// If the file cannot be read and written, is not a database of this program, is damaged, or is
    /// already open.
    pub(crate) fn open(path: &Path, durability: Durability) -> Result<Store, StoreError> {
        let (file, view) = File::open(path, durability, |file| Box::new(file))?;
        Ok(Store::new(Snapshot::of_file(view), Some(file)))
    }

    fn new(snapshot: Snapshot, file: Option<File>) -> Store {
        let pending = Mutex::new(Pending { head: snapshot.clone(), writes: 0, group: Arc::default() });
        Store(Arc::new(Shared {
            published: RwLock::new(snapshot),
            pending,
            waiting: AtomicUsize::new(0),
            file,
        }))
    }

    /// Returns the state after the last acknowledged write.
    ///
    /// A snapshot of a file keeps the file open, and keeps the pages it can read from being reused.
    /// Hold it for one request, not longer.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.0.published.read().clone()
    }

    /// Creates an independent store in memory with the current entries of this one.
    ///
    /// It costs the copy of a pointer, also for a file: the fork reads unchanged entries from the
    /// file. Like a snapshot, it keeps the file open and its pages in use while it lives, so that a
    /// file that is written to grows.
    pub(crate) fn fork(&self) -> Store {
        Store::new(self.snapshot(), None)
    }

    /// Sets the [`Snapshot::mark`] of the current state, before the first write.
    pub(crate) fn set_mark(&self, mark: u64) {
        self.0.pending.lock().head.mark = mark;
        self.0.published.write().mark = mark;
    }

    /// Runs `change` as the only writer, and publishes its changes if it returns `Ok`.
    ///
    /// `change` sees all earlier writes, including those that wait for the same commit. Its result,
    /// `Ok` or `Err`, is returned after they are committed. A `change` that writes to the same
    /// store deadlocks.
    ///
    /// # Errors
    ///
    /// The error of `change`; [`StoreError::Panicked`] if it panicked; the store's own error if the
    /// commit failed. After a failed commit readers do not see the write, and the store is
    /// read-only until the file is opened again. If the sync itself failed, the whole write may be
    /// there then.
    pub(crate) fn write<R, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Transaction) -> Result<R, E>,
    ) -> Result<R, E> {
        self.write_or_roll_back(|transaction| change(transaction).map(Decision::Commit))
    }

    /// As [`Store::write`], but `change` decides whether its changes are published.
    ///
    /// # Errors
    ///
    /// As [`Store::write`].
    pub(crate) fn write_or_roll_back<R, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Transaction) -> Result<Decision<R>, E>,
    ) -> Result<R, E> {
        let pending = self.0.turn();
        let mut transaction = Transaction::new(pending.head.clone());
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| change(&mut transaction)));
        let changed = match &outcome {
            Ok(Ok(Decision::Commit(_))) => transaction.changed(),
            _ => None,
        };
        self.0.finish(pending, changed)?;
        outcome.unwrap_or_else(|panic| Err(StoreError::panicked(&*panic).into())).map(Decision::into_inner)
    }

    /// Syncs all acknowledged writes to the disk. Only a relaxed store has unsynced ones.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsynced`] if that fails.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.0.file.as_ref().map_or(Ok(()), File::flush)
    }

    /// Syncs all acknowledged writes to the disk, closes the file and releases its lock. From then
    /// on reads and writes return [`StoreError::Closed`], also those of snapshots and forks. A
    /// store in memory stays open.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsynced`] if acknowledged writes may be lost, or the error of an earlier
    /// write or of closing the file. The file is closed nevertheless.
    pub(crate) fn close(&self) -> Result<(), StoreError> {
        self.0.file.as_ref().map_or(Ok(()), File::close)
    }
}

impl Shared {
    /// Waits until no other writer runs.
    fn turn(&self) -> MutexGuard<'_, Pending> {
        self.pending.try_lock().unwrap_or_else(|| {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            let pending = self.pending.lock();
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            pending
        })
    }

    /// Ends the turn of a writer. Returns when its changes, and all that it has read, are
    /// committed.
    ///
    /// A writer leaves the commit to those that wait for their turn. The last of them commits for
    /// all.
    fn finish(
        &self,
        mut pending: MutexGuard<'_, Pending>,
        changed: Option<Snapshot>,
    ) -> Result<(), StoreError> {
        if let Some(snapshot) = changed {
            pending.head = snapshot;
            pending.writes += 1;
        }
        if pending.writes == 0 {
            return Ok(());
        }
        let others_wait = self.waiting.load(Ordering::Relaxed) > 0;
        if self.file.is_some() && others_wait && pending.writes < GROUP_LIMIT {
            let group = Arc::clone(&pending.group);
            drop(pending);
            return group.wait();
        }
        let outcome = self.commit(&mut pending);
        let group = mem::take(&mut pending.group);
        pending.writes = 0;
        drop(pending);
        group.decide(outcome.clone());
        outcome
    }

    fn commit(&self, pending: &mut Pending) -> Result<(), StoreError> {
        let committed = match &self.file {
            None => Ok(pending.head.clone()),
            Some(file) => file
                .commit(&pending.head.entries, pending.writes)
                .map(|view| Snapshot { mark: pending.head.mark, ..Snapshot::of_file(view) }),
        };
        match committed {
            Ok(snapshot) => {
                pending.head = snapshot.clone();
                let mut published = self.published.write();
                let before = mem::replace(&mut *published, snapshot);
                // Freeing the old entries takes a while, so the lock is released first.
                drop(published);
                drop(before);
                Ok(())
            }
            Err(error) => {
                pending.head = self.published.read().clone();
                Err(error)
            }
        }
    }
}

impl Group {
    fn wait(&self) -> Result<(), StoreError> {
        let mut outcome = self.outcome.lock();
        loop {
            match &*outcome {
                Some(decided) => return decided.clone(),
                None => self.decided.wait(&mut outcome),
            }
        }
    }

    fn decide(&self, outcome: Result<(), StoreError>) {
        *self.outcome.lock() = Some(outcome);
        self.decided.notify_all();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("file", &self.0.file).finish_non_exhaustive()
    }
}
