//! The memory that the requests of a server share, and the rejection of those that need too much.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use crate::{failure::Failure, limits::Limits};

/// The bytes that the requests of a server hold together. A clone is the same pool.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryPool(Arc<AtomicUsize>);

impl MemoryPool {
    /// Takes bytes until [`MemoryPool::give_back`].
    ///
    /// # Errors
    ///
    /// The rejection `limit-exceeded`, with status 503, if all requests together would hold more than
    /// `limits` allow.
    pub(crate) fn take(&self, bytes: usize, limits: &Limits) -> Result<(), Failure> {
        let most = limits.shared_bytes;
        let sum = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= most);
        if self.0.fetch_update(Relaxed, Relaxed, sum).is_ok() {
            return Ok(());
        }
        let failure = exceeded("shared_bytes", most, "The server's memory for requests is in use");
        Err(Failure { status: 503, ..failure })
    }

    /// Returns the bytes that are taken.
    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.0.load(Relaxed)
    }

    /// Returns bytes that were taken.
    pub(crate) fn give_back(&self, bytes: usize) {
        if bytes > 0 {
            self.0.fetch_sub(bytes, Relaxed);
        }
    }
}

/// Creates the rejection of a request that exceeds a limit on bytes.
pub(crate) fn exceeded(limit: &'static str, most: usize, problem: &str) -> Failure {
    let remedy = match limit {
        "shared_bytes" => "Repeat the request later",
        _ => "Request fewer rows or fields at a time",
    };
    let message =
        format!("{problem}: the limit `{limit}` is {most} bytes. {remedy}, or raise `Limits::{limit}`.");
    Failure::rejected("limit-exceeded", message).with_hint([
        ("limit", limit.into()),
        ("value", (most as i64).into()),
        ("unit", "bytes".into()),
    ])
}
