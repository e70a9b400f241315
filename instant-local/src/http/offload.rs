//! Where long work is done: not on the threads that serve connections.

use crate::failure::Failure;

/// Runs `work` on a thread that may block, and waits for it.
///
/// Everything that evaluates queries or commits transactions goes through here, but for queries that turn out to be quick. When the
/// caller is gone the work goes on to its end, and its result is dropped.
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
