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
