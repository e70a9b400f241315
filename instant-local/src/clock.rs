//! The time of day, and the order in which an app creates rows.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// The clock of one app. It numbers the app's writes, with the time of day beside each number.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// The last number, in microseconds since 1970.
    last: AtomicI64,
    /// The time that a test has set, in microseconds since 1970; 0 for the system's.
    #[cfg(test)]
    manual: AtomicI64,
}

/// A point in the order of an app's writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The position: greater than that of every earlier write, also of those before a restart. It is
    /// the time in microseconds since 1970 unless the system's clock was set back.
    pub(crate) order: i64,
    /// The time of day in microseconds since 1970, as the system has it. It may go backwards.
    pub(crate) time: i64,
}

impl Clock {
    /// Returns the next moment.
    pub(crate) fn tick(&self) -> Moment {
        let time = self.now();
        let later = |last: i64| time.max(last.saturating_add(1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(later(last)));
        Moment { order: later(last.unwrap_or(time)), time }
    }

    /// Returns the time of day in microseconds since 1970.
    #[cfg_attr(not(test), expect(clippy::unused_self, reason = "a test sets the time of a clock"))]
    pub(crate) fn now(&self) -> i64 {
        #[cfg(test)]
        if let time @ 1.. = self.manual.load(Ordering::Relaxed) {
            return time;
        }
        now_micros()
    }

    /// Returns the position of the last moment.
    pub(crate) fn last(&self) -> i64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Continues after a position that is stored already.
    pub(crate) fn continue_after(&self, order: i64) {
        self.last.fetch_max(order, Ordering::Relaxed);
    }

    /// Creates an independent clock with the same last time.
    pub(crate) fn fork(&self) -> Self {
        let fork = Self::default();
        fork.continue_after(self.last());
        fork
    }

    /// Stops the clock at a time in microseconds since 1970.
    #[cfg(test)]
    pub(crate) fn set(&self, micros: i64) {
        self.manual.store(micros, Ordering::Relaxed);
    }
}

#[cfg(test)]
impl Moment {
    /// Returns a moment whose position is its time.
    pub(crate) fn at(micros: i64) -> Self {
        Self { order: micros, time: micros }
    }
}

/// Returns the time in milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the time in microseconds since 1970.
pub(crate) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_increases_while_the_time_is_set_back() {
        let clock = Clock::default();
        let mut last = i64::MIN;
        for time in [5, 5, 7, 1_000_000, 8, 8, 9, 1_000_001, 1_000_100, 3] {
            clock.set(time);
            let moment = clock.tick();
            assert!(moment.order > last && moment.order >= time, "{moment:?} after {last}");
            assert_eq!(moment.time, time);
            last = moment.order;
        }
        assert_eq!(last, 1_000_101);
        assert!(clock.fork().tick().order > last);
        clock.continue_after(i64::MAX);
        assert_eq!(clock.tick().order, i64::MAX);
    }
}
