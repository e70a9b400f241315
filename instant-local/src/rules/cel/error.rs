//! What can be wrong with an expression: when it is compiled, and when it is evaluated.

use std::fmt;

use instant_core::{Issue, Object, Value};

use crate::failure::Failure;

/// Why an expression does not compile, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CompileError {
    /// In characters, from 0.
    pub(crate) at: Option<u32>,
    /// The server's words where they are known.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

impl CompileError {
    pub(super) fn new(at: u32, message: impl Into<String>) -> Self {
        Self { at: Some(at), message: message.into(), help: None }
    }

    /// One of the whole rule.
    pub(crate) fn new_bare(message: impl Into<String>) -> Self {
        Self { at: None, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// As refusals list it: the place, counted in characters from 1, and the help stand beside the message.
    pub(crate) fn to_issue(&self) -> Issue {
        let mut issue = Issue::message(&self.message);
        let at = self.at.map(|at| ("character".to_owned(), Value::from(u64::from(at) + 1)));
        let help = self.help.as_deref().map(|help| ("help".to_owned(), help.into()));
        issue.hint = Some(Object::from_iter(at.into_iter().chain(help))).filter(|hint| !hint.is_empty());
        issue
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EvalError {
    /// The rule fails on these values; `&&` and `||` may do without its value.
    Rule(Box<Fault>),
    /// The request is to be answered with this; `&&` and `||` may do without it, too.
    Refused(Box<Failure>),
    /// The evaluation cannot go on at all.
    Fatal(Box<Failure>),
}

/// A failing rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    /// The evaluator's name for it, as `OVERLOAD_NOT_FOUND`.
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    /// In characters, from 0.
    pub(crate) at: Option<u32>,
}

impl EvalError {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self::Rule(Box::new(Fault { kind, message: message.into(), at: None }))
    }

    /// A function does not take values of these kinds.
    pub(super) fn overload(function: &str) -> Self {
        Self::new("OVERLOAD_NOT_FOUND", format!("No matching overload for function '{function}'."))
    }

    pub(super) fn overflow() -> Self {
        Self::new("NUMERIC_OVERFLOW", "long overflow")
    }

    pub(super) fn divided_by_zero() -> Self {
        Self::new("DIVIDE_BY_ZERO", "/ by zero")
    }

    pub(super) fn format(message: impl Into<String>) -> Self {
        Self::new("BAD_FORMAT", message)
    }

    /// What the server cannot do with stored values, and fails with status 500 instead.
    pub(super) fn stored(function: &str) -> Self {
        Self::internal(format!("{function} does not work on stored objects and lists"))
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new("INTERNAL_ERROR", message)
    }

    /// Says where, unless that is known.
    pub(super) fn at(mut self, at: u32) -> Self {
        if let Self::Rule(fault) = &mut self {
            fault.at.get_or_insert(at);
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "evaluation error at <input>:{at}: {}", self.message),
            None => write!(f, "evaluation error: {}", self.message),
        }
    }
}
