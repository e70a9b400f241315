//! The limit of an evaluation's work.

use std::cell::Cell;

use instant_core::Value;

use super::RuleError;
use crate::CelValue;

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
pub struct Budget {
    remaining: Cell<usize>,
    /// What `remaining` was at the last checkpoint.
    reported: Cell<usize>,
    /// The bytes that were created since the last checkpoint.
    created: Cell<usize>,
}

const STEPS: usize = 1_000_000;
/// The number of steps between two checkpoints.
const STEPS_PER_CHECKPOINT: usize = 1024;
/// The bytes of text in a step.
const BYTES_PER_STEP: usize = 64;
/// The code of the error of an evaluation that needs more steps than its budget has.
pub(super) const EXHAUSTED: &str = "ITERATION_BUDGET_EXCEEDED";

impl Budget {
    /// Creates a budget of so many steps.
    pub const fn new(steps: usize) -> Self {
        Self { remaining: Cell::new(steps), reported: Cell::new(steps), created: Cell::new(0) }
    }

    /// Returns the steps that are left.
    pub fn remaining(&self) -> usize {
        self.remaining.get()
    }

    pub(super) fn spend(&self, steps: usize) -> Result<(), RuleError> {
        let remaining = self.remaining.get().checked_sub(steps);
        self.remaining.set(remaining.unwrap_or(0));
        remaining.map(|_| ()).ok_or_else(|| {
            RuleError::new(
                EXHAUSTED,
                "the rule takes too long; simplify it, or reduce the data that it reads",
            )
        })
    }

    /// Counts text that is read.
    pub(super) fn spend_bytes(&self, bytes: usize) -> Result<(), RuleError> {
        self.spend(bytes / BYTES_PER_STEP)
    }

    /// Counts text or items that are created.
    pub(super) fn create(&self, bytes: usize) -> Result<(), RuleError> {
        self.created.set(self.created.get().saturating_add(bytes));
        self.spend_bytes(bytes)
    }

    /// Counts the content of a value that was created.
    pub(super) fn create_value(&self, value: &CelValue) -> Result<(), RuleError> {
        match value {
            CelValue::String(text) | CelValue::BigInt(text) => self.create(text.len()),
            CelValue::Bytes(bytes) => self.create(bytes.len()),
            CelValue::Json(json) => self.create(json_bytes(json)),
            _ => Ok(()),
        }
    }

    /// Returns whether it is time for a checkpoint.
    pub(super) fn is_checkpoint_due(&self) -> bool {
        self.reported.get() - self.remaining.get() >= STEPS_PER_CHECKPOINT
    }

    /// Returns the steps, and the bytes that were created, since the last call.
    pub(super) fn checkpoint(&self) -> (usize, usize) {
        let remaining = self.remaining.get();
        (self.reported.replace(remaining) - remaining, self.created.replace(0))
    }
}

/// A budget of 1,000,000 steps.
impl Default for Budget {
    fn default() -> Self {
        Self::new(STEPS)
    }
}

/// Returns the approximate size of JSON in memory.
pub(super) fn json_bytes(json: &Value) -> usize {
    let content = match json {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(json_bytes).sum(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| size_of::<String>() + key.len() + json_bytes(value)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + content
}
