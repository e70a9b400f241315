//! Whether one stored value passes, told from its JSON text without parsing more than needed.

use std::{cmp::Ordering, collections::HashSet};

use instant_core::Value;

use super::{
    json_text::{boolean, exact, number, text},
    like::Pattern,
    order::collate,
};
use crate::{clock::now_micros, dates};

/// A condition on a stored value.
#[derive(Debug)]
pub(super) enum Check {
    /// The same value.
    Equal(Literal),
    /// One of several values.
    OneOf(Literals),
    /// Another value; null, too, if it is said.
    Differs(Literal, bool),
    /// Above, below, or at.
    Compare(Comparison, Bound),
    /// A text that fits a pattern.
    Like(Pattern),
}

/// A value to be equal to, in the way in which the attribute compares.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// By its JSON, see [`exact`].
    Exact(Box<str>),
    /// As a double.
    Double(f64),
    /// As an instant, in microseconds since 1970.
    Date(i64),
}

/// Values to be equal to one of.
#[derive(Debug, Default)]
pub(super) struct Literals {
    /// Whether null is one of them.
    pub(super) null: bool,
    inexact: bool,
    exact: HashSet<Box<str>>,
    doubles: HashSet<u64>,
    dates: HashSet<i64>,
}

/// `$gt`, `$gte`, `$lt` or `$lte`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Gt,
    Gte,
    Lt,
    Lte,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    Text(String),
    Number(f64),
    Bool(bool),
    Date(i64),
}

impl Check {
    /// Whether the value with this JSON text passes.
    pub(super) fn passes(&self, raw: &str) -> bool {
        match self {
            Self::Equal(literal) => literal.equals(raw),
            Self::OneOf(literals) => literals.contains(raw),
            Self::Differs(literal, null) => {
                if raw == "null" {
                    *null
                } else {
                    !literal.equals(raw)
                }
            }
            Self::Compare(comparison, bound) => comparison.holds(bound, raw),
            Self::Like(pattern) => text(raw).is_some_and(|text| pattern.matches(&text)),
        }
    }
}

impl Check {
    /// Whether the keys of an index tell exactly which values pass, where it keeps values as they
    /// are compared.
    pub(super) fn is_told_by_index(&self) -> bool {
        match self {
            Self::Equal(literal) => literal.is_told_by_index(),
            Self::OneOf(literals) => !literals.inexact,
            Self::Compare(..) => true,
            Self::Differs(..) | Self::Like(_) => false,
        }
    }
}

impl Literal {
    /// Numbers are kept as doubles, whatever they are compared as.
    fn is_told_by_index(&self) -> bool {
        match self {
            Self::Exact(text) => text.starts_with(['"', 't', 'f']),
            Self::Double(_) | Self::Date(_) => true,
        }
    }

    fn equals(&self, raw: &str) -> bool {
        match self {
            Self::Exact(literal) => **literal == *exact(raw),
            Self::Double(literal) => number(raw) == Some(*literal),
            Self::Date(literal) => dates::stored(raw, now_micros) == Some(*literal),
        }
    }
}

impl Literals {
    pub(super) fn insert(&mut self, literal: Literal) {
        self.inexact |= !literal.is_told_by_index();
        match literal {
            Literal::Exact(text) => drop(self.exact.insert(text)),
            Literal::Double(value) => drop(self.doubles.insert(bits(value))),
            Literal::Date(micros) => drop(self.dates.insert(micros)),
        }
    }

    fn contains(&self, raw: &str) -> bool {
        if raw == "null" {
            return self.null;
        }
        (!self.exact.is_empty() && self.exact.contains(exact(raw)))
            || (!self.doubles.is_empty()
                && number(raw).is_some_and(|value| self.doubles.contains(&bits(value))))
            || (!self.dates.is_empty()
                && dates::stored(raw, now_micros).is_some_and(|micros| self.dates.contains(&micros)))
    }
}

impl Comparison {
    fn holds(self, bound: &Bound, raw: &str) -> bool {
        let order = match bound {
            // Null sorts below every text, and only there.
            Bound::Text(_) if raw == "null" => Some(Ordering::Less),
            Bound::Text(bound) => text(raw).map(|text| collate(&text, bound)),
            Bound::Number(bound) => number(raw).and_then(|value| value.partial_cmp(bound)),
            Bound::Bool(bound) => boolean(raw).map(|value| value.cmp(bound)),
            Bound::Date(bound) => dates::stored(raw, now_micros).map(|micros| micros.cmp(bound)),
        };
        order.is_some_and(|order| match self {
            Self::Gt => order.is_gt(),
            Self::Gte => order.is_ge(),
            Self::Lt => order.is_lt(),
            Self::Lte => order.is_le(),
        })
    }
}

/// The literal that compares by JSON.
pub(super) fn exact_literal(value: &Value) -> Literal {
    let text = value.to_string();
    Literal::Exact(exact(&text).into())
}

fn bits(value: f64) -> u64 {
    (if value == 0.0 { 0.0 } else { value }).to_bits()
}
