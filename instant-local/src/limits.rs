//! Limits of requests. The defaults are the real server's, so that tests meet the same rejections
//! as in production.

use std::time::Duration;

use instant_core::json::Reader;

/// The limits of a request; set by [`Local::with_limits`](crate::Local::with_limits).
///
/// ```
/// use std::time::Duration;
///
/// use instant_local::{Limits, Local};
///
/// let mut limits = Limits::default();
/// limits.time = Duration::from_secs(1);
/// let local = Local::in_memory().with_limits(limits);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The time a query may take. A longer one is canceled, and rejected with status 429.
    pub time: Duration,
    /// The size of a request body in bytes, except for uploads. The real server has no such limit;
    /// here it keeps one request from using up the memory.
    pub body: usize,
    /// The nesting depth of arrays and objects in a request body; at most 1,000, the real server's
    /// limit.
    pub nesting: u32,
    /// The number of links in a path of `where`.
    pub path: usize,
    /// The number of parameters of a transaction; each value counts as five.
    pub parameters: usize,
    /// The number of characters of a string in a request.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            body: 256_000_000,
            nesting: Reader::MAX_NESTING,
            path: 100,
            parameters: 65_535,
            text: 20_000_000,
        }
    }
}
