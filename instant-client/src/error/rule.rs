//! The mistakes that a server finds in pushed rules (`docs/protocol/schema-and-platform.md`, "3.9
//! Rules"), and their display.

use std::fmt;

use instant_core::{Object, Value};

use super::Error;

/// A mistake in rules that a server rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleMistake {
    /// The path of the rule: a namespace, `allow` and an action; or `fields` and an attribute; or
    /// `bind`. Empty if the server does not report it.
    pub path: Vec<String>,
    /// The column in the rule, in characters from 1. A real Instant server reports it within the
    /// message, if at all.
    pub character: Option<usize>,
    /// The mistake.
    pub message: String,
    /// The remedy, if there is an obvious one.
    pub help: Option<String>,
}

impl RuleMistake {
    /// Returns the namespace.
    pub fn namespace(&self) -> Option<&str> {
        self.path.first().map(String::as_str)
    }

    /// Returns the action, such as `view`; `None` for binds and field rules.
    pub fn action(&self) -> Option<&str> {
        match self.path.as_slice() {
            [_, part, action, ..] if part == "allow" => Some(action),
            _ => None,
        }
    }

    fn parse(issue: &Value) -> Option<Self> {
        let hint = issue.get("hint");
        let path = issue.get("in").and_then(Value::as_array).unwrap_or_default();
        let character = hint.and_then(|hint| hint.get("character")).and_then(Value::as_i64);
        Some(Self {
            path: path.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            character: character.and_then(|at| at.try_into().ok()),
            message: issue.get("message")?.as_str()?.to_owned(),
            help: hint.and_then(|hint| hint.get("help")).and_then(Value::as_str).map(str::to_owned),
        })
    }
}

impl Error {
    /// Returns the mistakes in rules that the server rejected; empty for other errors.
    pub fn rule_mistakes(&self) -> Vec<RuleMistake> {
        self.hint().map(mistakes).unwrap_or_default()
    }
}

/// Parses the mistakes in a hint.
pub(super) fn mistakes(hint: &Object) -> Vec<RuleMistake> {
    let concerns_rules = hint.get("data-type").and_then(Value::as_str) == Some("rule");
    let issues = hint.get("errors").and_then(Value::as_array).filter(|_| concerns_rules);
    issues.unwrap_or_default().iter().filter_map(RuleMistake::parse).collect()
}

impl fmt::Display for RuleMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            f.write_str(&self.path.join("."))?;
            if let Some(character) = self.character {
                write!(f, ", character {character}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}
