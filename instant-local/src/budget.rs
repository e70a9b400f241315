//! What one request may use, and what ends it: its time, and a caller who leaves.

use std::time::{Duration, Instant};

use crate::{failure::Failure, request::CancelFlag};

/// The budget of one request. Whoever does work for it calls [`Budget::tick`] for each thing that it looks at.
///
/// The clock is read once in a while, and for the first time when the work is clearly not small, because reading it would be a
/// good part of small work. The time limit counts from there.
#[derive(Debug)]
pub(crate) struct Budget {
    time: Duration,
    deadline: Option<Instant>,
    cancel: CancelFlag,
    steps: u32,
}

/// Reading the clock costs as much as reading a row or two.
const STEPS_PER_LOOK: u32 = 256;

impl Budget {
    /// Creates a budget of some time, which ends early when `cancel` is set.
    pub(crate) fn new(time: Duration, cancel: &CancelFlag) -> Self {
        Self { time, deadline: None, cancel: cancel.clone(), steps: 0 }
    }

    /// Counts one more thing that was looked at.
    ///
    /// # Errors
    ///
    /// The rejection `timeout` when the time is over, and `connection-closed` when the caller has left.
    #[inline]
    pub(crate) fn tick(&mut self) -> Result<(), Failure> {
        self.steps += 1;
        if self.steps < STEPS_PER_LOOK {
            return Ok(());
        }
        self.look()
    }

    #[cold]
    fn look(&mut self) -> Result<(), Failure> {
        self.steps = 0;
        if self.cancel.is_set() {
            return Err(Failure::refused("connection-closed", "The client closed the connection."));
        }
        let now = Instant::now();
        // A limit of more than a year is a year.
        let latest = || now.checked_add(self.time).unwrap_or(now + Duration::from_secs(31_536_000));
        if now < *self.deadline.get_or_insert_with(latest) { Ok(()) } else { Err(Failure::timeout()) }
    }
}
