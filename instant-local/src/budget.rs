//! The budget of one request: its time, the bytes it holds, and a caller who leaves.
//!
//! Everything that works for a request counts its work with [`Budget::spend`], in units of about
//! the work of reading a row. Every [`WINDOW`] units the budget looks at the clock and at the cancel
//! flag, so that both end the work in time, whatever it consists of. Between two looks it touches
//! plain counters only.

use std::{
    cell::Cell,
    cmp::Ordering,
    time::{Duration, Instant},
};

use crate::{
    failure::Failure,
    limits::Limits,
    memory::{MemoryPool, exceeded},
    request::{CancelFlag, RequestContext},
};

/// The budget of one request.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    operation: Operation,
    cancel: CancelFlag,
    pool: MemoryPool,
    /// Set by the first look. Small requests never read the clock.
    deadline: Cell<Option<Instant>>,
    /// The units until the next look.
    remaining: Cell<u32>,
    /// The units that were spent up to the last look.
    spent: Cell<u64>,
    /// The bytes of rows and values.
    held: Cell<usize>,
    /// The bytes of the response.
    response: Cell<usize>,
    /// The bytes that need no further reservation from the pool.
    covered: Cell<usize>,
}

/// What a request does; errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Query,
    Transaction,
}

/// The units between two looks at the clock. A look costs as much as reading a row or two.
pub(crate) const WINDOW: u32 = 256;
/// The bytes that small requests hold without asking the pool, so that they share no counter.
const FREE_BYTES: usize = 256 << 10;
/// The size of a reservation.
const RESERVED_BYTES: usize = 1 << 20;
/// The number of items that are sorted between two looks.
const SORTED: usize = 1 << 16;

impl Budget {
    /// Creates the budget of a request.
    pub(crate) fn new(operation: Operation, limits: &Limits, context: &RequestContext) -> Self {
        Self {
            limits: *limits,
            operation,
            cancel: context.cancel.clone(),
            pool: context.memory.clone(),
            deadline: Cell::new(None),
            remaining: Cell::new(WINDOW),
            spent: Cell::new(0),
            held: Cell::new(0),
            response: Cell::new(0),
            covered: Cell::new(free_bytes(limits)),
        }
    }

    /// Reduces the time to `most`.
    pub(crate) fn within(mut self, most: Duration) -> Self {
        self.limits.time = self.limits.time.min(most);
        self
    }

    /// Returns the limits.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts the work of reading one row.
    ///
    /// # Errors
    ///
    /// As [`Budget::spend`].
    #[inline]
    pub(crate) fn tick(&self) -> Result<(), Failure> {
        self.spend(1)
    }

    /// Counts work, in units of about the work of reading a row.
    ///
    /// # Errors
    ///
    /// The rejection `timeout` when the time is over, and `connection-closed` when the caller has
    /// left.
    #[inline]
    pub(crate) fn spend(&self, units: u32) -> Result<(), Failure> {
        let remaining = self.remaining.get();
        if units < remaining {
            self.remaining.set(remaining - units);
            return Ok(());
        }
        self.spent.set(self.spent.get() + u64::from(WINDOW - remaining) + u64::from(units));
        self.look()
    }

    /// Counts the work of reading or copying text.
    ///
    /// # Errors
    ///
    /// As [`Budget::spend`].
    #[inline]
    pub(crate) fn spend_bytes(&self, bytes: usize) -> Result<(), Failure> {
        const BYTES_PER_UNIT: usize = 256;
        self.spend(u32::try_from(bytes / BYTES_PER_UNIT).unwrap_or(u32::MAX))
    }

    /// Ends the time that was spent so far, and looks at the cancel flag.
    ///
    /// # Errors
    ///
    /// As [`Budget::spend`].
    pub(crate) fn restart(&self) -> Result<(), Failure> {
        self.deadline.set(None);
        self.check_caller()
    }

    /// Returns an error if the caller has left.
    pub(crate) fn check_caller(&self) -> Result<(), Failure> {
        if self.cancel.is_set() {
            return Err(Failure::rejected("connection-closed", "The client closed the connection."));
        }
        Ok(())
    }

    /// Looks at the clock and the cancel flag.
    ///
    /// # Errors
    ///
    /// As [`Budget::spend`].
    #[cold]
    pub(crate) fn look(&self) -> Result<(), Failure> {
        self.remaining.set(WINDOW);
        self.check_caller()?;
        let now = Instant::now();
        // A limit of more than a year is a year.
        let latest = || now.checked_add(self.limits.time).unwrap_or(now + Duration::from_secs(31_536_000));
        let deadline = self.deadline.get().unwrap_or_else(latest);
        self.deadline.set(Some(deadline));
        if now < deadline {
            return Ok(());
        }
        Err(match self.operation {
            Operation::Query => Failure::timeout(),
            Operation::Transaction => Failure::transaction_timeout(),
        })
    }

    /// Returns the units that were spent.
    #[cfg(test)]
    pub(crate) fn spent(&self) -> u64 {
        self.spent.get() + u64::from(WINDOW - self.remaining.get())
    }

    /// Counts bytes that the request holds until [`Budget::release_to`].
    ///
    /// # Errors
    ///
    /// The rejections of a request that holds too much, and of one for which the server has no
    /// memory left.
    #[inline]
    pub(crate) fn hold(&self, bytes: usize) -> Result<(), Failure> {
        self.held.set(self.held.get().saturating_add(bytes));
        self.cover()
    }

    /// Returns the bytes that are held, without the response.
    #[inline]
    pub(crate) fn held(&self) -> usize {
        self.held.get()
    }

    /// Releases what was held since `held` was the result of [`Budget::held`].
    #[inline]
    pub(crate) fn release_to(&self, held: usize) {
        self.held.set(held);
    }

    /// Sets the size of the response so far.
    ///
    /// # Errors
    ///
    /// The rejection of a response that is too large, and those of [`Budget::hold`].
    #[inline]
    pub(crate) fn set_response(&self, response: &Vec<u8>) -> Result<(), Failure> {
        if response.len() > self.limits.response_bytes {
            let most = self.limits.response_bytes;
            return Err(exceeded("response_bytes", most, "The response is too large"));
        }
        self.response.set(response.capacity());
        self.cover()
    }

    #[inline]
    fn cover(&self) -> Result<(), Failure> {
        let total = self.held.get().saturating_add(self.response.get());
        if total <= self.covered.get() { Ok(()) } else { self.reserve(total) }
    }

    #[cold]
    fn reserve(&self, total: usize) -> Result<(), Failure> {
        if total > self.limits.held_bytes {
            let most = self.limits.held_bytes;
            return Err(exceeded("held_bytes", most, "The request needs too much memory"));
        }
        let covered = self.covered.get();
        let bytes = (total - covered).next_multiple_of(RESERVED_BYTES).min(self.limits.held_bytes - covered);
        self.pool.take(bytes, &self.limits)?;
        self.covered.set(covered + bytes);
        Ok(())
    }

    /// Sorts items, and looks at the clock in between if there are many.
    ///
    /// # Errors
    ///
    /// As [`Budget::spend`].
    pub(crate) fn sort_by<T>(
        &self,
        items: &mut [T],
        compare: &mut impl FnMut(&T, &T) -> Ordering,
    ) -> Result<(), Failure> {
        if items.len() <= SORTED {
            items.sort_unstable_by(compare);
            return self.spend((items.len() / 16) as u32);
        }
        let middle = items.len() / 2;
        let (low, _, high) = items.select_nth_unstable_by(middle, &mut *compare);
        self.look()?;
        self.sort_by(low, compare)?;
        self.sort_by(high, compare)
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.pool.give_back(self.covered.get() - free_bytes(&self.limits));
        #[cfg(test)]
        tests::LAST.set(self.spent());
    }
}

/// Returns the bytes that a request holds without asking the pool.
fn free_bytes(limits: &Limits) -> usize {
    FREE_BYTES.min(limits.held_bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::caller::Caller;

    thread_local! {
        /// The units of the last budget of this thread.
        pub(crate) static LAST: Cell<u64> = const { Cell::new(0) };
    }

    fn budget(limits: Limits, context: &RequestContext) -> Budget {
        Budget::new(Operation::Query, &limits, context)
    }

    #[track_caller]
    fn check_limit(outcome: Result<(), Failure>, status: u16, limit: &str) {
        let failure = outcome.unwrap_err();
        let named = failure.error.hint.as_ref().and_then(|hint| hint.get("limit")).cloned();
        assert_eq!((failure.status, named), (status, Some(limit.into())));
        assert!(failure.error.message.contains(&format!("raise `Limits::{limit}`")), "{failure}");
    }

    #[test]
    fn work_is_counted_across_looks() {
        let context = RequestContext::internal(Caller::Admin);
        let budget = budget(Limits::new(), &context);
        for units in [1, 255, 1, 254, 1000, 7] {
            budget.spend(units).unwrap();
        }
        budget.spend_bytes(2560).unwrap();
        assert_eq!(budget.spent(), 1 + 255 + 1 + 254 + 1000 + 7 + 10);
    }

    #[test]
    fn callers_who_left_end_the_work_within_a_window() {
        let context = RequestContext { cancel: CancelFlag::new(), ..RequestContext::internal(Caller::Admin) };
        let budget = budget(Limits::new().time(Duration::MAX), &context);
        assert!((0..1000).all(|_| budget.tick().is_ok()));
        context.cancel.set();
        let after = (0..1000).take_while(|_| budget.tick().is_ok()).count();
        assert!(after < WINDOW as usize, "{after}");
    }

    #[test]
    fn time_ends_work_of_any_weight() {
        let context = RequestContext::internal(Caller::Admin);
        for units in [1, 100, WINDOW, u32::MAX] {
            let budget = budget(Limits::new().time(Duration::ZERO), &context);
            let spent = (0..1000).find(|_| budget.spend(units).is_err());
            assert!(spent.is_some_and(|spent| spent <= WINDOW / units), "{units}");
        }
    }

    #[test]
    fn requests_hold_up_to_their_limit() {
        let context = RequestContext::internal(Caller::Admin);
        let budget = budget(Limits::new().held_bytes(3 << 20).response_bytes(1 << 20), &context);
        budget.hold(2 << 20).unwrap();
        let held = budget.held();
        budget.hold(1 << 20).unwrap();
        check_limit(budget.hold(1), 400, "held_bytes");
        budget.release_to(held);
        budget.set_response(&vec![0; 1 << 20]).unwrap();
        check_limit(budget.hold(1), 400, "held_bytes");
        budget.release_to(0);
        check_limit(budget.set_response(&vec![0; (1 << 20) + 1]), 400, "response_bytes");
    }

    #[test]
    fn requests_share_the_memory_of_their_server() {
        let context = RequestContext::internal(Caller::Admin);
        let limits = Limits::new().shared_bytes(4 << 20);
        let (one, other) = (budget(limits, &context), budget(limits, &context));
        one.hold(3 << 20).unwrap();
        check_limit(other.hold(3 << 20), 503, "shared_bytes");
        drop(one);
        other.release_to(0);
        other.hold(3 << 20).unwrap();
        drop(other);
        assert_eq!(context.memory.used(), 0);
    }

    #[test]
    fn long_lists_are_sorted_with_looks_in_between() {
        let context = RequestContext { cancel: CancelFlag::new(), ..RequestContext::internal(Caller::Admin) };
        let budget = budget(Limits::new(), &context);
        for length in [0, 1, 100, SORTED, SORTED + 1, 5 * SORTED] {
            // A step that has no divisor in common with the length visits every number.
            let mut items = Vec::from_iter((0..length).map(|at| at * 7919 % length.max(1)));
            budget.sort_by(&mut items, &mut |a, b| a.cmp(b)).unwrap();
            assert_eq!(items, Vec::from_iter(0..length), "{length}");
        }
        context.cancel.set();
        let mut items = Vec::from_iter(0..2 * SORTED);
        assert!(budget.sort_by(&mut items, &mut |a, b| b.cmp(a)).is_err());
    }
}
