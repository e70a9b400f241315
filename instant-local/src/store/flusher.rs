//! The thread which brings relaxed writes to the disk soon after they were made.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use parking_lot::{Condvar, Mutex, MutexGuard};

/// Ends its thread when it is dropped, without a last flush.
pub(super) struct Flusher {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    written: bool,
    ended: bool,
}

impl Flusher {
    /// Calls `flush` when `delay` has passed since the first write after the flush before.
    pub(super) fn start(delay: Duration, flush: impl Fn() + Send + 'static) -> io::Result<Flusher> {
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("instant-flush".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                while shared.next(delay) {
                    flush();
                }
            }
        })?;
        Ok(Flusher { shared, thread: Some(thread) })
    }

    /// Says that there is something to flush.
    pub(super) fn written(&self) {
        if !mem::replace(&mut self.shared.state().written, true) {
            self.shared.changed.notify_one();
        }
    }
}

impl Shared {
    /// Waits until it is time to flush. False if there will be nothing to flush any more.
    fn next(&self, delay: Duration) -> bool {
        let mut state = self.state();
        self.changed.wait_while(&mut state, |state| !state.written && !state.ended);
        self.changed.wait_while_for(&mut state, |state| !state.ended, delay);
        state.written = false;
        !state.ended
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.shared.state().ended = true;
        self.shared.changed.notify_one();
        // It only fails if the thread panicked, which has been told on the standard error.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn every_write_is_flushed_and_nothing_else() {
        let (flushed, flushes) = mpsc::channel();
        let flush = move || flushed.send(()).expect("somebody counts");
        let flusher = Flusher::start(Duration::ZERO, flush).expect("a thread");
        for _ in 0..3 {
            flusher.written();
            flushes.recv().expect("a flush");
        }
        drop(flusher);
        assert_eq!(flushes.iter().count(), 0);
    }

    #[test]
    fn the_end_does_not_wait() {
        let flusher = Flusher::start(Duration::MAX, || panic!("the delay is over")).expect("a thread");
        flusher.written();
        drop(flusher);
    }
}
