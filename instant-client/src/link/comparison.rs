//! Methods of attributes on links, which exist only for the compile error.

use super::{LinkHandle, LinkType};
use crate::{attr::Order, filter::Cond};

/// A trait without implementations. It carries the compile error for comparing a link.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "link `{Self}` cannot be compared like an attribute",
    label = "this is a link",
    note = "to match entities that are linked to a given one, write `.is(id)` or `.is_one_of(ids)`",
    note = "to compare attributes of the linked entities, write `.has(|linked| linked.name.eq(..))`",
    note = "to match entities with or without links, write `.any()` or `.is_empty()`"
)]
pub trait Comparable {}

/// A trait without implementations. It carries the compile error for ordering by a link.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "Instant cannot order by link `{Self}`",
    label = "this is a link",
    note = "Instant orders by attributes of the queried entity only: order the rows after the query, or keep the \
            value in an attribute of the queried entity"
)]
pub trait Sortable {}

macro_rules! comparisons {
    ($($name:ident)*) => {
        #[doc(hidden)]
        impl<L: LinkType> LinkHandle<L> {$(
            pub fn $name<T>(self, _: T) -> Cond<L::Owner> where L: Comparable { unreachable!("{NEVER}") }
        )*}
    };
}
comparisons! { eq ne gt gte lt lte one_of like ilike }

#[doc(hidden)]
impl<L: LinkType> LinkHandle<L> {
    pub fn is_null(self) -> Cond<L::Owner>
    where
        L: Comparable,
    {
        unreachable!("{NEVER}")
    }

    pub fn is_not_null(self) -> Cond<L::Owner>
    where
        L: Comparable,
    {
        unreachable!("{NEVER}")
    }

    pub fn asc(self) -> Order<L::Owner>
    where
        L: Sortable,
    {
        unreachable!("{NEVER}")
    }

    pub fn desc(self) -> Order<L::Owner>
    where
        L: Sortable,
    {
        unreachable!("{NEVER}")
    }
}

const NEVER: &str = "`Comparable` and `Sortable` are never implemented";
