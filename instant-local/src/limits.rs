//! What one request may cost. The defaults are the real server's, so that a test finds out what production would refuse.

use std::time::Duration;

/// What a query or a transaction may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// A query that takes longer is abandoned.
    pub(crate) time: Duration,
    /// How many links a path in `where` may have.
    pub(crate) path: usize,
    /// How many parameters a transaction may have; each value counts as five.
    pub(crate) parameters: usize,
    /// How many characters one text may have.
    pub(crate) text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), path: 100, parameters: 65_535, text: 20_000_000 }
    }
}
