//! The time of day, and the times at which an app creates rows.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// The times at which one app creates rows: each is later than the one before.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// The last time given out, in microseconds since 1970.
    last: AtomicI64,
}

impl Clock {
    /// Returns the time in microseconds since 1970, increased where needed to be later than at any
    /// call before.
    pub(crate) fn tick(&self) -> i64 {
        let now = now_micros();
        let later = |last: i64| Some(now.max(last + 1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        now.max(last.unwrap_or(now) + 1)
    }

    /// Creates an independent clock with the same last time.
    pub(crate) fn fork(&self) -> Self {
        Self { last: AtomicI64::new(self.last.load(Ordering::Relaxed)) }
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
    fn ticks_increase() {
        let clock = Clock::default();
        let fork = (0..1000).fold(clock.tick(), |last, _| {
            let next = clock.tick();
            assert!(next > last, "{next} after {last}");
            next
        });
        assert!(clock.fork().tick() > fork);
    }
}
