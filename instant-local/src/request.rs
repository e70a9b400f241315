//! The context of a request, which is passed from the HTTP edge to the store.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{caller::Caller, memory::MemoryPool};

/// Everything about a request except its body.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// The caller, whose permissions apply.
    pub(crate) caller: Caller,
    /// The origin, which rules see as `request.ip` and `request.origin`.
    pub(crate) origin: Origin,
    /// The server's base URL as the client knows it, without a trailing slash; empty within the
    /// process. Addresses of files in responses start with it.
    pub(crate) base_url: Arc<str>,
    /// Stops the work when the client has disconnected.
    pub(crate) cancel: CancelFlag,
    /// What the requests of the server hold together.
    pub(crate) memory: MemoryPool,
}

impl RequestContext {
    /// Creates the context of a request from within the process.
    pub(crate) fn internal(caller: Caller) -> Self {
        Self {
            caller,
            origin: Origin::default(),
            base_url: Arc::default(),
            cancel: CancelFlag::default(),
            memory: MemoryPool::default(),
        }
    }
}

/// Where a request comes from, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The client's address.
    pub(crate) ip: String,
    /// The header `Origin`, which browsers send.
    pub(crate) origin: String,
}

/// A flag that is set when the client has disconnected. A clone is the same flag; the default one
/// is never set.
#[derive(Debug, Clone, Default)]
pub(crate) struct CancelFlag(Option<Arc<AtomicBool>>);

impl CancelFlag {
    /// Creates a flag that can be set.
    pub(crate) fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Asks the work to stop.
    pub(crate) fn set(&self) {
        if let Some(flag) = &self.0 {
            flag.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether the work is to stop.
    pub(crate) fn is_set(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}
