//! Turns: a lock whose waiters are served in the order in which they came, and which knows whether anybody waits.
//!
//! The standard library's mutex is neither: under load it lets the thread that just left come back first, and a group commit needs to
//! know when the last writer has been.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// One turn at a time.
#[derive(Default)]
pub(super) struct Turns(Mutex<State>);

/// The right to act, until it is dropped.
pub(super) struct Turn<'t>(&'t Turns);

#[derive(Default)]
struct State {
    taken: bool,
    waiting: VecDeque<Arc<Waiter>>,
}

struct Waiter {
    thread: Thread,
    called: AtomicBool,
}

impl Turns {
    /// Waits until all who came before have had their turn.
    pub(super) fn take(&self) -> Turn<'_> {
        let mut state = self.state();
        if !state.taken {
            state.taken = true;
            return Turn(self);
        }
        let waiter = Arc::new(Waiter { thread: thread::current(), called: AtomicBool::new(false) });
        state.waiting.push_back(Arc::clone(&waiter));
        drop(state);
        while !waiter.called.load(Ordering::Acquire) {
            thread::park();
        }
        Turn(self)
    }

    /// How many wait for their turn.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        match state.waiting.pop_front() {
            None => state.taken = false,
            Some(next) => {
                drop(state);
                next.called.store(true, Ordering::Release);
                next.thread.unpark();
            }
        }
    }
}
