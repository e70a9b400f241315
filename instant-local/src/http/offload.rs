//! Where long work is done: not on the threads that serve connections.

use crate::{failure::Failure, query::Gone};

/// Runs `work` on a thread that may block, and waits for it.
///
/// Everything that evaluates queries or commits transactions goes through here or through [`offload_query`], but for queries that
/// are answered at once. When the caller is gone the work goes on to its end, and its result is dropped.
///
/// # Errors
///
/// What `work` answers; an internal error if it panics, which no input may cause.
pub(super) async fn offload<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        let failure = Failure::refused("unknown", "Something went wrong. Sorry about this!").with_hint([]);
        Failure { status: 500, ..failure }
    })
}

/// As [`offload`], for work that is given up when the caller leaves: when this future is dropped before it is ready, as those of
/// closed connections are.
///
/// # Errors
///
/// Those of [`offload`].
pub(super) async fn offload_query<T: Send + 'static>(
    work: impl FnOnce(&Gone) -> T + Send + 'static,
) -> Result<T, Failure> {
    let leaving = Leaving(Gone::default());
    let gone = leaving.0.clone();
    offload(move || work(&gone)).await
}

/// Tells the work that its caller is gone.
struct Leaving(Gone);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.set();
    }
}
