//! The level of a query: only the rows of a top-level query can be paged through.

use std::marker::PhantomData;

/// The level of a query that is sent on its own.
#[derive(Debug, Clone, Copy)]
pub struct TopLevel;

/// The level of a query in the `include` of link `L`.
#[derive(Debug, Clone, Copy)]
pub struct Nested<L>(PhantomData<fn() -> L>);

/// The level of a query whose rows can be paged through: [`TopLevel`].
///
/// ```
/// use instant_client::{prelude::*, query::Pageable};
///
/// fn some<E: Entity, R, Level: Pageable<E>>(query: Query<E, R, Level>) -> Query<E, R, Level> {
///     query.limit(10)
/// }
/// let query = some(instant_client::User::query());
/// ```
#[diagnostic::on_unimplemented(
    message = "`limit`, `offset` and cursors work on the top-level namespace only",
    label = "not available inside `include`",
    note = "Instant does not page through linked entities; query `{E}` on its own to page through it"
)]
pub trait Pageable<E>: sealed::Sealed {}

impl<E> Pageable<E> for TopLevel {}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::TopLevel {}
}
