//! What a server finds wrong with rules that are pushed (`docs/protocol/schema-and-platform.md`,
//! "3.9 Rules"), and how it is told.

use std::fmt;

use instant_core::{Object, Value};

use super::Error;

/// One mistake in rules that a server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleMistake {
    /// The way to the rule: a namespace, `allow` and an action; or `fields` and an attribute; or `bind`. Empty if the server does not say.
    pub place: Vec<String>,
    /// Where in the rule, in characters from 1. A real Instant tells it within the message, where it does.
    pub character: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it, if something suggests itself.
    pub help: Option<String>,
}

impl RuleMistake {
    /// The namespace.
    pub fn namespace(&self) -> Option<&str> {
        self.place.first().map(String::as_str)
    }

    /// The action, such as `view`; none of binds and field rules.
    pub fn action(&self) -> Option<&str> {
        match self.place.as_slice() {
            [_, part, action, ..] if part == "allow" => Some(action),
            _ => None,
        }
    }

    fn parse(issue: &Value) -> Option<Self> {
        let hint = issue.get("hint");
        let place = issue.get("in").and_then(Value::as_array).unwrap_or_default();
        let character = hint.and_then(|hint| hint.get("character")).and_then(Value::as_i64);
        Some(Self {
            place: place.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            character: character.and_then(|at| at.try_into().ok()),
            message: issue.get("message")?.as_str()?.to_owned(),
            help: hint.and_then(|hint| hint.get("help")).and_then(Value::as_str).map(str::to_owned),
        })
    }
}

impl Error {
    /// What is wrong with rules that the server refused, one by one; empty of other errors.
    pub fn rule_mistakes(&self) -> Vec<RuleMistake> {
        self.hint().map(mistakes).unwrap_or_default()
    }
}

/// The mistakes that a hint lists.
pub(super) fn mistakes(hint: &Object) -> Vec<RuleMistake> {
    let of_rules = hint.get("data-type").and_then(Value::as_str) == Some("rule");
    let issues = hint.get("errors").and_then(Value::as_array).filter(|_| of_rules);
    issues.unwrap_or_default().iter().filter_map(RuleMistake::parse).collect()
}

impl fmt::Display for RuleMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            f.write_str(&self.place.join("."))?;
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
