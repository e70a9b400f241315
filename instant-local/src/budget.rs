//! The budget of one request: its time limit, and its cancel flag.

use std::time::{Duration, Instant};

use crate::{failure::Failure, request::CancelFlag};

/// The budget of one request. Work calls [`Budget::tick`] for each entity or value that it visits.
///
/// The clock is read only every few hundred ticks, because reading it would be a large part of
/// small requests. The time limit counts from the first reading.
#[derive(Debug)]
pub(crate) struct Budget {
    time: Duration,
    deadline: Option<Instant>,
    cancel: CancelFlag,
    steps: u32,
}

/// The number of ticks between readings of the clock. A reading costs as much as reading a row or
/// two.
const STEPS_PER_LOOK: u32 = 256;

impl Budget {
    /// Creates a budget that ends after `time`, or when `cancel` is set.
    pub(crate) fn new(time: Duration, cancel: &CancelFlag) -> Self {
        Self { time, deadline: None, cancel: cancel.clone(), steps: 0 }
    }

    /// Counts one visited entity or value.
    ///
    /// # Errors
    ///
    /// Returns the rejection `timeout` after the time limit, and `connection-closed` when the
    /// client has disconnected.
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
            return Err(Failure::rejected("connection-closed", "The client closed the connection."));
        }
        let now = Instant::now();
        // A limit that overflows counts as a year.
        let latest = || now.checked_add(self.time).unwrap_or(now + Duration::from_secs(31_536_000));
        if now < *self.deadline.get_or_insert_with(latest) { Ok(()) } else { Err(Failure::timeout()) }
    }
}
