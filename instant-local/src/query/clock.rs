//! The time that a query may take.

use std::time::{Duration, Instant};

use crate::{failure::Failure, limits::Limits};

/// Counts what was looked at, and looks at the clock once in a while.
#[derive(Debug)]
pub(super) struct Clock {
    end: Instant,
    steps: u32,
}

/// Looking at the clock costs as much as looking at a row or two.
const STEPS_PER_LOOK: u32 = 256;

impl Clock {
    pub(super) fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        // Nobody waits longer than a year.
        let end = now.checked_add(limits.time).unwrap_or(now + Duration::from_secs(31_536_000));
        Self { end, steps: 0 }
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

    #[cold]
    fn look(&mut self) -> Result<(), Failure> {
        self.steps = 0;
        if Instant::now() < self.end {
            return Ok(());
        }
        let mut failure = Failure::refused("timeout", "The query took too long to complete.");
        failure.status = 429;
        Err(failure)
    }
}
