//! What one request may cost. The defaults are the real server's, so that a test finds out what production would refuse.

use std::time::Duration;

use instant_core::json::Reader;

/// What a request may cost; set by [`Local::with_limits`](crate::Local::with_limits).
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
    /// A query that takes longer is abandoned, and answered with status 429.
    pub time: Duration,
    /// How many bytes the body of a request may have, files that are uploaded excepted. The real server has no limit; what is set
    /// here keeps one request from taking all memory.
    pub body: usize,
    /// How many levels of arrays and objects the body of a request may have; at most 1,000, which is the real server's.
    pub nesting: u32,
    /// How many links a path in `where` may have.
    pub path: usize,
    /// How many parameters a transaction may have; each value counts as five.
    pub parameters: usize,
    /// How many characters one text of a request may have.
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
