//! How long a query may go on: as long as its time lasts, and somebody waits for the answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::failure::Failure;

/// Whether whoever asked has left. A clone is about the same caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gone(Arc<AtomicBool>);

impl Gone {
    /// The caller has left: nobody reads the answer any more.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts what was looked at, and looks at the clock once in a while: for the first time when it is clear that the query is none of the
/// quick ones, for which a look would be a good part of all work. Its time begins there.
#[derive(Debug)]
pub(super) struct Clock {
    time: Duration,
    end: Option<Instant>,
    gone: Option<Gone>,
    steps: u32,
}

/// Looking at the clock costs as much as looking at a row or two.
const STEPS_PER_LOOK: u32 = 256;

impl Clock {
    pub(super) fn new(time: Duration, gone: Option<&Gone>) -> Self {
        Self { time, end: None, gone: gone.cloned(), steps: 0 }
    }

    /// One more thing was looked at.
    #[inline]
    pub(super) fn tick(&mut self) -> Result<(), Failure> {
        self.steps += 1;
        if self.steps < STEPS_PER_LOOK {
            return Ok(());
        }
        self.look()
    }

    /// The answer to a query that takes too long.
    pub(super) fn run_out() -> Failure {
        let mut failure = Failure::refused("timeout", "The query took too long to complete.");
        failure.status = 429;
        failure
    }

    #[cold]
    fn look(&mut self) -> Result<(), Failure> {
        self.steps = 0;
        if self.gone.as_ref().is_some_and(Gone::is_set) {
            return Err(Failure::refused("connection-closed", "Nobody waits for the answer."));
        }
        let now = Instant::now();
        // Nobody waits longer than a year.
        let latest = || now.checked_add(self.time).unwrap_or(now + Duration::from_secs(31_536_000));
        if now < *self.end.get_or_insert_with(latest) { Ok(()) } else { Err(Self::run_out()) }
    }
}
