//! What one request may cost. The defaults are the real server's, so that a test finds out what production would refuse.

use std::time::Duration;

/// What a query or a transaction may cost; set by [`Local::with_limits`](crate::Local::with_limits).
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
    /// A query that takes longer is abandoned.
    pub time: Duration,
    /// How many links a path in `where` may have.
    pub path: usize,
    /// How many parameters a transaction may have; each value counts as five.
    pub parameters: usize,
    /// How many characters one text may have.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), path: 100, parameters: 65_535, text: 20_000_000 }
    }
}
