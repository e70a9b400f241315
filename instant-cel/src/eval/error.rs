//! The reasons for which an evaluation has no value.

use std::fmt;

use super::budget::EXHAUSTED;

/// An error of an evaluation. `E` is the error type of the [`Host`](super::Host).
///
/// The variants are final: a host has to handle each of them.
#[derive(Debug, Clone, PartialEq)]
pub enum EvalError<E> {
    /// The rule fails on these values. `&&` and `||` ignore it if another operand decides.
    Rule(RuleError),
    /// The host rejects what the rule asks for. `&&` and `||` ignore it if another operand decides.
    Host(E),
    /// The host cannot continue. The evaluation ends at once.
    Abort(E),
}

/// The failure of a rule on certain values, such as a division by zero.
///
/// ```
/// use instant_cel::RuleError;
///
/// let error = RuleError::new("DIVIDE_BY_ZERO", "/ by zero");
/// assert_eq!(error.to_string(), "evaluation error: / by zero");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleError {
    /// The kind of failure, as Instant's server names it: `OVERLOAD_NOT_FOUND`.
    pub code: &'static str,
    /// The reason.
    pub message: String,
    /// The position in characters, from 0, where it is known.
    pub position: Option<u32>,
}

impl<E> EvalError<E> {
    /// Returns whether `&&`, `||`, `all` and `exists` ignore the error if another operand decides.
    pub(super) fn is_absorbable(&self) -> bool {
        match self {
            Self::Rule(error) => error.code != EXHAUSTED,
            Self::Host(_) => true,
            Self::Abort(_) => false,
        }
    }

    /// Adds the position, unless one is known.
    pub(super) fn at(self, position: u32) -> Self {
        match self {
            Self::Rule(error) => Self::Rule(error.at(position)),
            other => other,
        }
    }
}

impl RuleError {
    /// Creates an error without a position.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), position: None }
    }

    /// A function or operator does not accept values of these types.
    pub(super) fn overload(function: &str) -> Self {
        Self::new("OVERLOAD_NOT_FOUND", format!("No matching overload for function '{function}'."))
    }

    pub(super) fn overflow() -> Self {
        Self::new("NUMERIC_OVERFLOW", "long overflow")
    }

    pub(super) fn division_by_zero() -> Self {
        Self::new("DIVIDE_BY_ZERO", "/ by zero")
    }

    pub(super) fn format(message: impl Into<String>) -> Self {
        Self::new("BAD_FORMAT", message)
    }

    /// An operation that the server does not support on stored values, where it responds with
    /// status 500.
    pub(super) fn stored(function: &str) -> Self {
        Self::internal(format!("{function} does not work on stored objects and lists"))
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new("INTERNAL_ERROR", message)
    }

    pub(super) fn at(mut self, position: u32) -> Self {
        self.position.get_or_insert(position);
        self
    }
}

impl<E> From<RuleError> for EvalError<E> {
    fn from(error: RuleError) -> Self {
        Self::Rule(error)
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "evaluation error at <input>:{position}: {}", self.message),
            None => write!(f, "evaluation error: {}", self.message),
        }
    }
}

impl std::error::Error for RuleError {}

impl<E: fmt::Display> fmt::Display for EvalError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(error) => error.fmt(f),
            Self::Host(error) | Self::Abort(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for EvalError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Rule(_) => None,
            Self::Host(error) | Self::Abort(error) => error.source(),
        }
    }
}
