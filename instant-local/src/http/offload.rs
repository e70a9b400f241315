//! Where long work is done: not on the threads that serve connections.

use crate::{
    failure::Failure,
    request::{CancelFlag, RequestContext},
};

/// Runs `work` on a thread that may block, and waits for it.
///
/// Everything that evaluates queries or commits transactions goes through here or through [`offload_request`], but for queries that
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

/// As [`offload`], for a request whose work stops when the caller leaves: when this future is dropped before it is ready, as
/// those of closed connections are.
///
/// # Errors
///
/// Those of [`offload`].
pub(super) async fn offload_request<T: Send + 'static>(
    context: RequestContext,
    work: impl FnOnce(&RequestContext) -> T + Send + 'static,
) -> Result<T, Failure> {
    let cancel = CancelFlag::new();
    let _guard = CancelOnDrop(cancel.clone());
    let context = RequestContext { cancel, ..context };
    offload(move || work(&context)).await
}

/// Sets the flag when it is dropped.
struct CancelOnDrop(CancelFlag);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}
