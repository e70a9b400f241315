//! The order of a query's rows.

use std::{fmt, marker::PhantomData};

use instant_core::query::Direction;

/// An order of rows: an attribute and a direction.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let order: Order<User> = User::FIELDS.email.asc();
/// let query = User::query().order(|_| order);
/// ```
pub struct Order<E> {
    pub(crate) label: &'static str,
    pub(crate) direction: Direction,
    entity: PhantomData<fn() -> E>,
}

impl<E> Order<E> {
    pub(super) fn new(label: &'static str, direction: Direction) -> Self {
        Self { label, direction, entity: PhantomData }
    }

    /// Orders by creation, oldest first. This is the default.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().order(|_| Order::oldest_first());
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"order":{"serverCreatedAt":"asc"}}}}"#
    /// );
    /// ```
    pub fn oldest_first() -> Self {
        Self::new("serverCreatedAt", Direction::Asc)
    }

    /// Orders by creation, newest first.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().order(|_| Order::newest_first()).limit(5);
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"order":{"serverCreatedAt":"desc"},"limit":5}}}"#
    /// );
    /// ```
    pub fn newest_first() -> Self {
        Self::new("serverCreatedAt", Direction::Desc)
    }
}

/// The argument of [`Query::order`](crate::Query::order): an order of `E`.
///
/// ```
/// use instant_client::{User, attr::OrderOf, prelude::*};
///
/// fn first_ten<E: Entity>(order: impl OrderOf<E>) -> Query<E> {
///     E::query().order(|_| order).limit(10)
/// }
/// let query = first_ten::<User>(User::FIELDS.email.asc());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot order a query of `{E}`",
    label = "expected an order by an attribute of `{E}`, such as `|e| e.title.asc()`",
    note = "Instant orders by attributes of the queried entity only, not by those of a linked one: order the rows after \
            the query, or keep the value in an attribute of `{E}`"
)]
pub trait OrderOf<E> {
    /// Returns the order itself.
    #[doc(hidden)]
    fn order(self) -> Order<E>;
}

impl<E> OrderOf<E> for Order<E> {
    fn order(self) -> Self {
        self
    }
}

// Implemented by hand: the derives would add bounds on the type parameter.
impl<E> Clone for Order<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Order<E> {}

impl<E> fmt::Debug for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.label, self.direction)
    }
}
