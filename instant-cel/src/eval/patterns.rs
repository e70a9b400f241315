//! `matches`: regular expressions in the syntax of RE2, compiled once each.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use parking_lot::RwLock;
use regex::{Regex, RegexBuilder};

use super::{Budget, FunctionResult, RuleError};
use crate::CelValue;

/// Maximum size of a compiled pattern, and of the state of a search, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// Maximum number of patterns to keep. Data can be a pattern, so the number is not bounded
/// otherwise.
const MAX_CACHED: usize = 1000;

type Compiled = Result<Regex, Arc<str>>;
static CACHE: LazyLock<RwLock<HashMap<Arc<str>, Compiled>>> = LazyLock::new(RwLock::default);

pub(crate) fn matches(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let [CelValue::String(text), CelValue::String(pattern)] = args else {
        return Err(RuleError::overload("matches"));
    };
    budget.spend_bytes(text.len() + pattern.len())?;
    let cached = CACHE.read().get(pattern).cloned();
    let compiled = match cached {
        Some(compiled) => compiled,
        None => {
            budget.spend_bytes(pattern.len().saturating_mul(1000))?;
            let compiled = compile(pattern);
            let mut cache = CACHE.write();
            if cache.len() >= MAX_CACHED {
                cache.clear();
            }
            cache.insert(Arc::clone(pattern), compiled.clone());
            compiled
        }
    };
    match compiled {
        Ok(regex) => Ok(CelValue::Bool(regex.is_match(text))),
        Err(reason) => Err(RuleError::new("INVALID_ARGUMENT", format!("error parsing regexp: {reason}"))),
    }
}

fn compile(pattern: &str) -> Compiled {
    let mut builder = RegexBuilder::new(&ascii_classes(pattern));
    let regex = builder.size_limit(MAX_SIZE).dfa_size_limit(MAX_SIZE).nest_limit(100).build();
    regex.map_err(|error| error.to_string().lines().last().unwrap_or("invalid pattern").into())
}

/// Translates a pattern of RE2, where `\d`, `\s`, `\w` and `\b` match ASCII only and classes have
/// no set operations.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let mut class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(letter @ ('d' | 's' | 'w' | 'D' | 'S' | 'W')) => {
                    let members = match letter.to_ascii_lowercase() {
                        'd' => "0-9",
                        's' => r"\t\n\f\r ",
                        _ => "0-9A-Za-z_",
                    };
                    let negated = if letter.is_ascii_uppercase() { "^" } else { "" };
                    out.extend(["[", negated, members, "]"]);
                }
                Some(letter @ ('b' | 'B')) if !class => out.extend(["(?-u:\\", &letter.to_string(), ")"]),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' if !class => {
                class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if chars.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            '[' if chars.peek() == Some(&':') => {
                out.push('[');
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            ']' => {
                class = false;
                out.push(']');
            }
            '[' | '&' | '~' if class => out.extend(['\\', c]),
            '-' if class && chars.peek() == Some(&'-') => out.push_str("\\-"),
            c => out.push(c),
        }
    }
    out
}
