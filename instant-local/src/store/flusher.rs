//! The thread that syncs relaxed writes to the disk shortly after they are committed.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use parking_lot::{Condvar, Mutex};

/// A handle on the thread. Dropping it stops the thread, without a last flush.
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
    dirty: bool,
    stopped: bool,
}

impl Flusher {
    /// Starts a thread that calls `flush` when `delay` has passed since the first write after the
    /// previous flush.
    pub(super) fn start(delay: Duration, flush: impl Fn() + Send + 'static) -> io::Result<Flusher> {
        let shared = Arc::new(Shared::default());
        let thread = thread::Builder::new().name("instant-flush".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                while shared.wait(delay) {
                    flush();
                }
            }
        })?;
        Ok(Flusher { shared, thread: Some(thread) })
    }

    /// Schedules a flush.
    pub(super) fn schedule(&self) {
        if !mem::replace(&mut self.shared.state.lock().dirty, true) {
            self.shared.changed.notify_one();
        }
    }
}

impl Shared {
    /// Waits until a flush is due. Returns false if the thread has to stop.
    fn wait(&self, delay: Duration) -> bool {
        let mut state = self.state.lock();
        self.changed.wait_while(&mut state, |state| !state.dirty && !state.stopped);
        self.changed.wait_while_for(&mut state, |state| !state.stopped, delay);
        state.dirty = false;
        !state.stopped
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.shared.state.lock().stopped = true;
        self.shared.changed.notify_one();
        // Joining fails only if the thread panicked, which it has printed already.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn each_scheduled_flush_happens_once() {
        let (flushed, flushes) = mpsc::channel();
        let flush = move || flushed.send(()).expect("the receiver is alive");
        let flusher = Flusher::start(Duration::ZERO, flush).expect("a thread");
        for _ in 0..3 {
            flusher.schedule();
            flushes.recv().expect("a flush");
        }
        drop(flusher);
        assert_eq!(flushes.iter().count(), 0);
    }

    #[test]
    fn drop_does_not_wait_for_the_delay() {
        let flusher = Flusher::start(Duration::MAX, || panic!("the delay is over")).expect("a thread");
        flusher.schedule();
        drop(flusher);
    }
}
