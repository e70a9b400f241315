//! Operators and methods that exist only for the compile error: `g.title == "x"` would be a `bool`,
//! but a filter needs a condition, and Instant has no `contains`.

use std::cmp::Ordering;

use super::Attr;
use crate::filter::{Cond, Filter};

/// A trait without implementations, whose name is part of the compile error for `==` and `<`.
#[doc(hidden)]
pub trait UseMethodsSuchAsEqInsteadOfOperators {}

impl<E, V, K, T> PartialEq<T> for Attr<E, V, K>
where
    Self: UseMethodsSuchAsEqInsteadOfOperators,
{
    fn eq(&self, _: &T) -> bool {
        unreachable!("{NEVER}")
    }
}

impl<E, V, K, T> PartialOrd<T> for Attr<E, V, K>
where
    Self: UseMethodsSuchAsEqInsteadOfOperators,
{
    fn partial_cmp(&self, _: &T) -> Option<Ordering> {
        unreachable!("{NEVER}")
    }
}

/// A trait without implementations. It carries the compile error for searching in a text.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "Instant searches texts with `like`",
    label = "write `.like(\"%text%\")`, or `.ilike(..)` to ignore case",
    note = "`%` stands for any number of characters: `like(\"text%\")` matches texts that start with `text`, \
            `like(\"%text\")` those that end with it"
)]
pub trait Searchable {}

/// A trait without implementations. It carries the compile error for comparing with two bounds.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "Instant compares with one bound at a time",
    label = "write `x.gte(low).and(x.lte(high))`",
    note = "the attribute must be indexed"
)]
pub trait Bounded {}

#[doc(hidden)]
impl<E, V, K> Attr<E, V, K> {
    pub fn contains<T>(self, _: T) -> Cond<E>
    where
        Self: Searchable,
    {
        unreachable!("{NEVER}")
    }

    pub fn starts_with<T>(self, _: T) -> Cond<E>
    where
        Self: Searchable,
    {
        unreachable!("{NEVER}")
    }

    pub fn ends_with<T>(self, _: T) -> Cond<E>
    where
        Self: Searchable,
    {
        unreachable!("{NEVER}")
    }

    pub fn between<T>(self, _: T, _: T) -> Filter<E>
    where
        Self: Bounded,
    {
        unreachable!("{NEVER}")
    }
}

const NEVER: &str = "these traits are never implemented";
