//! Waits for bytes that are on their way, as long as they move.

use std::{fmt, pin::pin, time::Duration};

use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::transport::BoxError;

/// What is known of bytes that are on their way.
pub(super) struct Watch(Mutex<State>);

struct State {
    /// When some of them moved last.
    moved: Instant,
    /// Why there are no more of them.
    failed: Option<BoxError>,
    /// Who still asks for bytes, as servers do for a while after a refusal, gets none.
    over: bool,
}

/// Why bytes are waited for no longer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Late {
    /// None moved for so long.
    Still(Duration),
    /// All of them were to be there by now.
    Deadline,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { moved: Instant::now(), failed: None, over: false }))
    }

    /// Some bytes moved.
    pub(super) fn moved(&self) {
        self.state().moved = Instant::now();
    }

    /// There are no more bytes.
    pub(super) fn fail(&self, cause: BoxError) {
        let mut state = self.state();
        state.failed = Some(cause);
        state.over = true;
    }

    /// Why there were no more bytes, if so.
    pub(super) fn failure(&self) -> Option<BoxError> {
        self.state().failed.take()
    }

    /// Whether nobody waits for them any more.
    pub(super) fn is_over(&self) -> bool {
        self.state().over
    }

    /// What `future` gives, unless no bytes move for `longest`, or it takes longer than `left`.
    pub(super) async fn unless_still<T>(
        &self,
        future: impl Future<Output = T>,
        longest: Duration,
        left: Option<Duration>,
    ) -> Result<T, Late> {
        let _over = Over(self);
        let end = left.and_then(|left| Instant::now().checked_add(left));
        let mut future = pin!(future);
        loop {
            let moved = self.state().moved;
            let still = moved.checked_add(longest);
            let Some(at) = [still, end].into_iter().flatten().min() else { return Ok(future.await) };
            match timeout_at(at, &mut future).await {
                Ok(done) => return Ok(done),
                Err(_) if end.is_some_and(|end| Instant::now() >= end) => return Err(Late::Deadline),
                Err(_) if self.state().moved == moved => return Err(Late::Still(longest)),
                Err(_) => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}

/// Ends a watch, also that of a future which is dropped.
struct Over<'a>(&'a Watch);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.state().over = true;
    }
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Still(longest) => write!(f, "nothing came within {longest:?}"),
            Self::Deadline => f.write_str("the deadline came first"),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What comes of `steps` moves, `pause` seconds apart, if nothing may be still for ten seconds.
    async fn check(steps: u32, pause: u32, left: Option<Duration>, want: Result<u32, Late>) {
        let watch = Watch::new();
        let moving = async {
            for _ in 0..steps {
                sleep(SECOND * pause).await;
                watch.moved();
            }
            steps
        };
        let got = watch.unless_still(moving, SECOND * 10, left).await;
        assert_eq!(got, want, "{steps} steps, {pause} seconds apart, {left:?}");
        assert!(watch.is_over());
    }

    #[tokio::test(start_paused = true)]
    async fn what_moves_may_take_as_long_as_it_needs() {
        let still = Late::Still(SECOND * 10);
        check(100, 9, None, Ok(100)).await;
        check(1, 11, None, Err(still)).await;
        check(0, 0, None, Ok(0)).await;
        check(100, 9, Some(SECOND * 901), Ok(100)).await;
        check(100, 9, Some(SECOND * 899), Err(Late::Deadline)).await;
        check(1, 11, Some(SECOND * 11), Err(still)).await;
        check(1, 9, Some(Duration::MAX), Ok(1)).await;
    }

    #[tokio::test]
    async fn what_is_dropped_is_over() {
        let watch = Watch::new();
        drop(watch.unless_still(std::future::pending::<()>(), SECOND, None));
        assert!(!watch.is_over(), "it has not begun");
        let waiting = watch.unless_still(std::future::pending::<()>(), SECOND, None);
        tokio::select! {
            biased;
            _ = waiting => panic!("it never comes"),
            () = std::future::ready(()) => {}
        }
        assert!(watch.is_over());
    }
}
