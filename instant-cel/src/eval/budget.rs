//! The limit of an evaluation's work.

use std::cell::Cell;

use super::RuleError;

/// The work that evaluations may do, in steps.
///
/// A step is one part of an expression, one item of a list that is searched, or 64 bytes of text
/// that is read or created. An evaluation that needs more ends with a [`RuleError`] that neither
/// `&&` nor `||` absorbs. Several evaluations may share a budget.
///
/// ```
/// use instant_cel::Budget;
///
/// assert_eq!(Budget::default().remaining(), 1_000_000);
/// assert_eq!(Budget::new(50).remaining(), 50);
/// ```
#[derive(Debug)]
pub struct Budget(Cell<usize>);

const STEPS: usize = 1_000_000;
/// The code of the error of an evaluation that needs more steps than its budget has.
pub(super) const EXHAUSTED: &str = "ITERATION_BUDGET_EXCEEDED";

impl Budget {
    /// Creates a budget of so many steps.
    pub const fn new(steps: usize) -> Self {
        Self(Cell::new(steps))
    }

    /// Returns the steps that are left.
    pub fn remaining(&self) -> usize {
        self.0.get()
    }

    pub(super) fn spend(&self, steps: usize) -> Result<(), RuleError> {
        let remaining = self.0.get().checked_sub(steps);
        self.0.set(remaining.unwrap_or(0));
        remaining.map(|_| ()).ok_or_else(|| {
            RuleError::new(
                EXHAUSTED,
                "the rule takes too long; simplify it, or reduce the data that it reads",
            )
        })
    }

    pub(super) fn spend_bytes(&self, bytes: usize) -> Result<(), RuleError> {
        self.spend(bytes / 64)
    }
}

/// A budget of 1,000,000 steps.
impl Default for Budget {
    fn default() -> Self {
        Self::new(STEPS)
    }
}
