//! The values that come from outside of an expression.

use std::sync::Arc;

use super::{EvalError, time};
use crate::{CelValue, Record};

/// Supplies the values of records, the request, and rate limits.
///
/// The evaluator calls a method only when the expression reaches the value.
pub trait Host {
    /// The error with which the host rejects a request.
    type Error;

    /// Returns the value of a key; null if the record lacks it.
    ///
    /// # Errors
    ///
    /// Returns an error if the record does not exist or cannot be read.
    fn field(&self, record: Record, key: &str) -> Result<CelValue, EvalError<Self::Error>>;

    /// Returns a whole record, usually as [`CelValue::Json`].
    ///
    /// # Errors
    ///
    /// Returns an error if the record does not exist or cannot be read.
    fn object(&self, record: Record) -> Result<CelValue, EvalError<Self::Error>>;

    /// Returns the values at the end of a path of links, as in `data.ref('members.user.id')`.
    ///
    /// # Errors
    ///
    /// Returns an error if the path does not exist or cannot be read.
    fn reference(&self, record: Record, path: &str) -> Result<Arc<[CelValue]>, EvalError<Self::Error>>;

    /// Returns `request.time` (a timestamp), `request.ip`, `request.origin` (strings) or
    /// `request.modifiedFields` (a list of strings).
    fn request(&self, key: &str) -> CelValue;

    /// Takes tokens from a rate limit, as in `rateLimit.sends.limit(auth.id, 2)`.
    ///
    /// # Errors
    ///
    /// Returns an error if the limit does not exist or has too few tokens.
    fn take_tokens(
        &self,
        rate_limit: &str,
        key: &CelValue,
        tokens: i64,
    ) -> Result<(), EvalError<Self::Error>>;

    /// Called every 1,024 steps or so, and at the end of an evaluation, with the steps since the
    /// last call and the bytes of text and lists that they created.
    ///
    /// By default, does nothing. Hosts that limit the time or the memory of a request check here.
    ///
    /// # Errors
    ///
    /// Returns an error to end the evaluation.
    fn checkpoint(&self, steps: usize, bytes: usize) -> Result<(), EvalError<Self::Error>> {
        let _ = (steps, bytes);
        Ok(())
    }

    /// Returns the nanoseconds since 1970 that a date stands for in `timestamp('2024-03-01')`.
    ///
    /// By default, reads dates and times of RFC 3339. Hosts that store other spellings read those
    /// as well.
    fn parse_timestamp(&self, text: &str) -> Option<i128> {
        time::parse_timestamp(text)
    }
}
