//! Ordered bytes with snapshots and one writer at a time, in memory or in one file.
//!
//! It knows keys and values and nothing of entities, queries or JSON: what the keys mean is said by the layer above.
//!
//! - [`Store::snapshot`] gives a [`Snapshot`]: it never changes, never waits and never keeps a writer waiting.
//! - [`Store::write`] runs a closure on a [`Transaction`], a snapshot that can be changed. `Ok` publishes it; `Err` and a panic leave
//!   nothing behind.
//!
//! Both stores are the same code: an immutable map of entries in memory on top of what the file holds, if there is a file. So
//! whoever reads takes a `&Snapshot`, be it of memory, of a file, or of a transaction in progress, which dereferences to one.

mod disk;
mod entry;
mod error;
mod file;
mod flusher;
mod range;
mod snapshot;
#[cfg(test)]
mod tests;
mod transaction;
mod turns;
mod verify;

use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, mem};

use parking_lot::{Condvar, Mutex, MutexGuard, RwLock};

pub use self::error::StoreError;
use self::file::File;
pub(crate) use self::range::{Direction, Range};
pub(crate) use self::snapshot::{Bytes, Snapshot};
pub(crate) use self::transaction::Transaction;
use self::turns::{Turn, Turns};
pub(crate) use self::verify::verify;

/// Entries kept in order, in memory or in one file. A clone is another handle on the same store.
#[derive(Clone)]
pub(crate) struct Store(Arc<Shared>);

/// When a write to a file is on the disk. A store in memory has no disk and no use for it.
///
/// ```
/// use instant_local::Durability;
///
/// assert_eq!(Durability::default(), Durability::Immediate);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A write returns when it is on the disk: no crash, also not of the machine, loses a write that was acknowledged. Writers that
    /// wait at the same time share one sync.
    #[default]
    Immediate,
    /// A write returns when readers see it, and reaches the disk within about half a second, or when the store is closed.
    ///
    /// A crash of the process or of the machine loses what was written in the last half second before it. What is found afterwards
    /// is the state as it was after one of the writes: none before it is missing, and none is there by half. A disk that refuses a
    /// write has the effect of a crash, as the store can only be read until it is opened again.
    Relaxed,
}

struct Shared {
    /// What readers get. Locked only to copy or to replace the pointer.
    published: RwLock<Snapshot>,
    turns: Turns,
    /// Locked by whoever has the turn, and by nobody else.
    pending: Mutex<Pending>,
    /// Absent for a store in memory.
    file: Option<File>,
}

/// What was done since the last commit.
struct Pending {
    /// The published snapshot, and on it the changes of this group's writes.
    head: Snapshot,
    /// How many writes wait for the commit.
    writes: usize,
    group: Arc<Group>,
}

/// The answer which the writes of one commit share.
#[derive(Default)]
struct Group {
    outcome: Mutex<Option<Result<(), StoreError>>>,
    decided: Condvar,
}

/// So many writes are committed even if more are waiting, so that the first of them does not wait for ever.
const GROUP_LIMIT: usize = 512;

/// How long a writer may see others go first because they need not be woken up.
const PATIENCE: Duration = Duration::from_millis(5);

impl Store {
    /// A new, empty store in memory.
    pub(crate) fn in_memory() -> Store {
        Store::new(Snapshot::default(), None)
    }

    /// Opens the file at `path`, or makes it if it is missing or empty. Its directory must exist.
    ///
    /// # Errors
    ///
    /// If the file cannot be read and written, is something else, is damaged, or is open already.
    pub(crate) fn open(path: &Path, durability: Durability) -> Result<Store, StoreError> {
        let (file, snapshot) = File::open(path, durability, |file| Box::new(file))?;
        Ok(Store::new(snapshot, Some(file)))
    }

    fn new(snapshot: Snapshot, file: Option<File>) -> Store {
        let pending = Mutex::new(Pending { head: snapshot.clone(), writes: 0, group: Arc::default() });
        Store(Arc::new(Shared {
            published: RwLock::new(snapshot),
            turns: Turns::new(PATIENCE),
            pending,
            file,
        }))
    }

    /// The state after the last write that was acknowledged.
    ///
    /// A snapshot of a file keeps the file open, and the space of what it sees in use: hold it for a request, not for ever.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.0.published.read().clone()
    }

    /// An independent store in memory that begins with what this one holds now.
    ///
    /// It costs the copy of a pointer, also for a file: the fork reads from the file what it has not changed. As long as it lives it
    /// keeps the file open and, like a snapshot, the space of what it sees in use, so that a file that is written to grows.
    pub(crate) fn fork(&self) -> Store {
        Store::new(self.snapshot(), None)
    }

    /// Gives the present state a number, see [`Snapshot::mark`]: for a store that nobody writes to yet.
    pub(crate) fn set_mark(&self, mark: u64) {
        self.0.pending().head.mark = mark;
        self.0.published.write().mark = mark;
    }

    /// Runs `change` with nobody else writing, and publishes what it changed if it returns `Ok`. Writers take turns in the order in
    /// which they came.
    ///
    /// `change` sees all writes before it, also those that wait for the same commit; its answer, be it good or bad, is returned when
    /// they are committed. It must not write to the same store itself: it would wait for its own end.
    ///
    /// # Errors
    ///
    /// What `change` returned; [`StoreError::Panicked`] if it panicked; the store's own error if the commit failed. Then nothing of the
    /// write is seen, and the store can only be read until the file is opened again. If it was the last step of the commit that the
    /// disk refused, the sync, the write may be found when the file is opened again, as a whole.
    pub(crate) fn write<R, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Transaction) -> Result<R, E>,
    ) -> Result<R, E> {
        let turn = self.0.turns.take();
        let mut transaction = Transaction::new(self.0.pending().head.clone());
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| change(&mut transaction)));
        let changed = if matches!(outcome, Ok(Ok(_))) { transaction.changed() } else { None };
        self.0.finish(turn, changed)?;
        outcome.unwrap_or_else(|panic| Err(StoreError::panicked(&*panic).into()))
    }

    /// Brings everything that was acknowledged to the disk. Only a relaxed store has something to do, which it does by itself.
    #[cfg(test)]
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.0.file.as_ref().map_or(Ok(()), File::flush)
    }
}

impl Shared {
    /// Ends the turn of a writer, and returns when what it changed, and all that it saw, is committed.
    ///
    /// A writer behind which others wait leaves the commit to them: the last one commits for all.
    fn finish(&self, turn: Turn<'_>, changed: Option<Snapshot>) -> Result<(), StoreError> {
        let mut pending = self.pending();
        if let Some(snapshot) = changed {
            pending.head = snapshot;
            pending.writes += 1;
        }
        if pending.writes == 0 {
            return Ok(());
        }
        if self.file.is_some() && turn.others_wait() && pending.writes < GROUP_LIMIT {
            let group = Arc::clone(&pending.group);
            drop(pending);
            drop(turn);
            return group.wait();
        }
        let outcome = self.commit(&mut pending);
        let group = mem::take(&mut pending.group);
        pending.writes = 0;
        drop(pending);
        drop(turn);
        group.decide(outcome.clone());
        outcome
    }

    fn commit(&self, pending: &mut Pending) -> Result<(), StoreError> {
        let committed = match &self.file {
            None => Ok(pending.head.clone()),
            Some(file) => file.commit(&pending.head),
        };
        match committed {
            Ok(snapshot) => {
                pending.head = snapshot.clone();
                let mut published = self.published.write();
                let before = mem::replace(&mut *published, snapshot);
                // Readers do not wait until the old entries are freed.
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

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock()
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
