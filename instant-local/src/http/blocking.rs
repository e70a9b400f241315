//! Runs long work on threads that may block, not on those that serve connections.

use crate::{
    failure::Failure,
    request::{CancelFlag, RequestContext},
};

/// Runs `work` on a blocking thread and waits for it.
///
/// All queries and transactions run through here or through [`run_request`], except queries small
/// enough to run inline. If the client disconnects, the work still runs to its end and its result
/// is dropped.
///
/// # Errors
///
/// Returns an internal error if `work` panics.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        let failure = Failure::rejected("unknown", "Something went wrong. Sorry about this!").with_hint([]);
        Failure { status: 500, ..failure }
    })
}

/// As [`run_blocking`], but sets the cancel flag of the context when the client disconnects, that
/// is when this future is dropped before it is ready.
///
/// # Errors
///
/// As [`run_blocking`].
pub(super) async fn run_request<T: Send + 'static>(
    context: RequestContext,
    work: impl FnOnce(&RequestContext) -> T + Send + 'static,
) -> Result<T, Failure> {
    let cancel = CancelFlag::new();
    let _guard = CancelOnDrop(cancel.clone());
    let context = RequestContext { cancel, ..context };
    run_blocking(move || work(&context)).await
}

/// Sets the flag when dropped.
struct CancelOnDrop(CancelFlag);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}
