//! The idle timeout of transfers: they may take long, as long as bytes move.

use std::{fmt, pin::pin, time::Duration};

use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::transport::BoxError;

/// The progress of a transfer, shared between the body that moves bytes and the call that waits.
pub(super) struct TransferMonitor(Mutex<TransferState>);

struct TransferState {
    /// The time at which bytes moved last.
    last_progress: Instant,
    /// The reason why no more bytes can be read.
    failure: Option<BoxError>,
    /// Whether the call has ended. Servers may read a body for a while after they rejected it, and
    /// get no more bytes then.
    over: bool,
}

/// The limit that a transfer exceeded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Expired {
    /// No byte moved for this long.
    Idle(Duration),
    /// The deadline of the call passed.
    Deadline,
}

impl TransferMonitor {
    pub(super) fn new() -> Self {
        let last_progress = Instant::now();
        Self(Mutex::new(TransferState { last_progress, failure: None, over: false }))
    }

    /// Records that bytes moved.
    pub(super) fn record_progress(&self) {
        self.state().last_progress = Instant::now();
    }

    /// Records that no more bytes can be read.
    pub(super) fn fail(&self, cause: BoxError) {
        let mut state = self.state();
        state.failure = Some(cause);
        state.over = true;
    }

    /// Takes the reason why no more bytes could be read, if there is one.
    pub(super) fn take_failure(&self) -> Option<BoxError> {
        self.state().failure.take()
    }

    /// Returns whether the call has ended.
    pub(super) fn is_over(&self) -> bool {
        self.state().over
    }

    /// Awaits `future`, unless no byte moves for `idle`, or it takes longer than `remaining`.
    pub(super) async fn guard<T>(
        &self,
        future: impl Future<Output = T>,
        idle: Duration,
        remaining: Option<Duration>,
    ) -> Result<T, Expired> {
        let _end = EndOnDrop(self);
        let deadline = remaining.and_then(|remaining| Instant::now().checked_add(remaining));
        let mut future = pin!(future);
        loop {
            let last_progress = self.state().last_progress;
            let idle_until = last_progress.checked_add(idle);
            let Some(until) = [idle_until, deadline].into_iter().flatten().min() else {
                return Ok(future.await);
            };
            match timeout_at(until, &mut future).await {
                Ok(output) => return Ok(output),
                Err(_) if deadline.is_some_and(|deadline| Instant::now() >= deadline) => {
                    return Err(Expired::Deadline);
                }
                Err(_) if self.state().last_progress == last_progress => return Err(Expired::Idle(idle)),
                Err(_) => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, TransferState> {
        self.0.lock()
    }
}

/// Marks a transfer as over, also when its future is dropped.
struct EndOnDrop<'a>(&'a TransferMonitor);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.state().over = true;
    }
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idle(idle) => write!(f, "no bytes arrived within {idle:?}"),
            Self::Deadline => f.write_str("the deadline passed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Checks a transfer of `steps` chunks, `pause` seconds apart, with an idle timeout of 10
    /// seconds.
    async fn check(steps: u32, pause: u32, left: Option<Duration>, want: Result<u32, Expired>) {
        let monitor = TransferMonitor::new();
        let moving = async {
            for _ in 0..steps {
                sleep(SECOND * pause).await;
                monitor.record_progress();
            }
            steps
        };
        let got = monitor.guard(moving, SECOND * 10, left).await;
        assert_eq!(got, want, "{steps} steps, {pause} seconds apart, {left:?}");
        assert!(monitor.is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn progress_extends_the_idle_timeout() {
        let still = Expired::Idle(SECOND * 10);
        check(100, 9, None, Ok(100)).await;
        check(1, 11, None, Err(still)).await;
        check(0, 0, None, Ok(0)).await;
        check(100, 9, Some(SECOND * 901), Ok(100)).await;
        check(100, 9, Some(SECOND * 899), Err(Expired::Deadline)).await;
        check(1, 11, Some(SECOND * 11), Err(still)).await;
        check(1, 9, Some(Duration::MAX), Ok(1)).await;
    }

    #[tokio::test]
    async fn dropped_transfer_is_over() {
        let monitor = TransferMonitor::new();
        drop(monitor.guard(std::future::pending::<()>(), SECOND, None));
        assert!(!monitor.is_over(), "the future was not polled");
        let waiting = monitor.guard(std::future::pending::<()>(), SECOND, None);
        tokio::select! {
            biased;
            _ = waiting => panic!("the future is pending"),
            () = std::future::ready(()) => {}
        }
        assert!(monitor.is_over());
    }
}
