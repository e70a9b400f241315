//! Turns: a lock that serves those who wait in the order in which they came, and knows whether anybody waits.
//!
//! The standard library's mutex is neither fair nor does it tell, and a group commit needs to know when the last writer has been. A
//! lock that is strictly fair, however, pays for waking a thread at every turn; so whoever comes while the first in the queue is
//! still waking up may go before it, until that one has lost its patience.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

/// One turn at a time.
pub(super) struct Turns {
    /// After this long nobody goes before the one who waits.
    patience: Duration,
    state: Mutex<State>,
}

/// The right to act, until it is dropped.
pub(super) struct Turn<'t>(&'t Turns);

#[derive(Default)]
struct State {
    taken: bool,
    waiting: VecDeque<Arc<Waiter>>,
}

struct Waiter {
    thread: Thread,
    since: Instant,
    /// The turn was handed to this thread, which is not waiting any more.
    called: AtomicBool,
}

impl Turns {
    pub(super) fn new(patience: Duration) -> Turns {
        Turns { patience, state: Mutex::default() }
    }

    /// Waits for the others.
    pub(super) fn take(&self) -> Turn<'_> {
        let mut state = self.state();
        if !state.taken {
            state.taken = true;
            return Turn(self);
        }
        let (thread, since) = (thread::current(), Instant::now());
        let waiter = Arc::new(Waiter { thread, since, called: AtomicBool::new(false) });
        state.waiting.push_back(Arc::clone(&waiter));
        loop {
            drop(state);
            thread::park();
            if waiter.called.load(Ordering::Acquire) {
                return Turn(self);
            }
            state = self.state();
            if !state.taken {
                state.taken = true;
                state.waiting.retain(|other| !Arc::ptr_eq(other, &waiter));
                return Turn(self);
            }
        }
    }

    /// How many wait for their turn.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl Turn<'_> {
    /// Whether somebody takes over when this turn ends.
    pub(super) fn others_wait(&self) -> bool {
        !self.0.state().waiting.is_empty()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        let Some(first) = state.waiting.front().map(Arc::clone) else {
            state.taken = false;
            return;
        };
        if first.since.elapsed() < self.0.patience {
            state.taken = false;
        } else {
            state.waiting.pop_front();
            first.called.store(true, Ordering::Release);
        }
        drop(state);
        first.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four come while one has the turn; one more is there when it ends. The order in which they are served.
    fn served(patience: Duration) -> Vec<usize> {
        let turns = Turns::new(patience);
        let order = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let turn = turns.take();
            for waiter in 0..4 {
                let (turns, order) = (&turns, &order);
                scope.spawn(move || {
                    let turn = turns.take();
                    order.lock().push(waiter);
                    drop(turn);
                });
                while turns.waiting() <= waiter {
                    thread::yield_now();
                }
            }
            assert!(turn.others_wait());
            drop(turn);
            let turn = turns.take();
            order.lock().push(4);
            drop(turn);
        });
        assert!(!turns.take().others_wait());
        order.into_inner()
    }

    #[test]
    fn the_impatient_are_served_in_order() {
        assert_eq!(served(Duration::ZERO), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_patient_are_all_served() {
        let mut served = served(Duration::MAX);
        served.sort_unstable();
        assert_eq!(served, [0, 1, 2, 3, 4]);
    }
}
