//! Tests of one stored value, on its JSON text and without parsing more of it than needed.

use std::{cmp::Ordering, collections::HashSet};

use instant_core::{Value, dates};

use super::{
    json_text::{boolean, exact, number, text},
    like::Pattern,
    order::collate,
};
use crate::{budget::Budget, clock::now_micros, failure::Failure};

/// A test of a stored value.
#[derive(Debug)]
pub(super) enum ValueTest {
    /// The same value.
    Equal(Literal),
    /// One of several values.
    OneOf(Literals),
    /// Another value. The flag includes null.
    Differs(Literal, bool),
    /// A value above, below or at a bound.
    Compare(Comparison, Bound),
    /// A string that matches a pattern.
    Like(Pattern),
}

/// An operand of an equality test, in the form that the attribute compares.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// Compared as JSON: see [`exact`].
    Exact(Box<str>),
    /// Compared as a double.
    Double(f64),
    /// Compared as a time, in microseconds since 1970.
    Date(i64),
}

/// The operands of `$in`.
#[derive(Debug, Default)]
pub(super) struct Literals {
    /// `true` if null is one of them.
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

/// The operand of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bound {
    Text(String),
    Number(f64),
    Bool(bool),
    Date(i64),
}

impl ValueTest {
    /// Whether the value with this JSON text passes.
    pub(super) fn passes(&self, raw: &str, budget: &Budget) -> Result<bool, Failure> {
        budget.spend_bytes(raw.len())?;
        Ok(match self {
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
            Self::Like(pattern) => match text(raw) {
                Some(text) => pattern.matches(&text, budget)?,
                None => false,
            },
        })
    }
}

impl ValueTest {
    /// Returns whether the keys of an index are enough to decide which values pass, if the index
    /// stores values in the form that is compared.
    pub(super) fn is_index_exact(&self) -> bool {
        match self {
            Self::Equal(literal) => literal.is_index_exact(),
            Self::OneOf(literals) => !literals.inexact,
            Self::Compare(..) => true,
            Self::Differs(..) | Self::Like(_) => false,
        }
    }
}

impl Literal {
    /// Returns whether equal keys mean equal values. Indexes store numbers as doubles.
    fn is_index_exact(&self) -> bool {
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
        self.inexact |= !literal.is_index_exact();
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
            // Null sorts below every string, and is unordered with all other types.
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

/// Creates a literal that is compared as JSON.
pub(super) fn exact_literal(value: &Value) -> Literal {
    let text = value.to_string();
    Literal::Exact(exact(&text).into())
}

fn bits(value: f64) -> u64 {
    (if value == 0.0 { 0.0 } else { value }).to_bits()
}
