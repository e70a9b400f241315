//! The inputs of a client: queries ([`Queryable`]) and writes ([`IntoSteps`]), and the error of
//! those that cannot be sent ([`BuildError`]). This module knows nothing of transports.

use std::fmt;

use instant_core::{query::Query, steps::Step};

use crate::decode::DecodeError;

/// A type that `Client::query` accepts: a typed query, or a tuple of up to six queries, which are
/// sent in one request.
///
/// ```
/// use instant_client::{File, Queryable, User, prelude::*};
///
/// let both = (User::query().limit(1), File::query().limit(1));
/// let (users, files) = both.decode(r#"{"$users": [], "$files": []}"#).unwrap();
/// assert!(users.is_empty() && files.is_empty());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a query",
    label = "expected a query, such as `Goal::query()`",
    note = "a tuple of up to six queries on different namespaces works, too"
)]
pub trait Queryable {
    /// The decoded response: a `Vec` of rows, or a tuple of those.
    type Output;

    /// Returns the query as a tree.
    #[doc(hidden)]
    fn to_query(&self) -> Result<Query, BuildError>;

    /// Decodes the body of the response.
    #[doc(hidden)]
    fn decode(&self, body: &str) -> Result<Self::Output, DecodeError>;
}

impl<Q: Queryable> Queryable for &Q {
    type Output = Q::Output;

    fn to_query(&self) -> Result<Query, BuildError> {
        (*self).to_query()
    }

    fn decode(&self, body: &str) -> Result<Self::Output, DecodeError> {
        (*self).decode(body)
    }
}

/// A type that `Client::transact` accepts: one write, a tuple, an array, a `Vec` or an iterator of
/// writes, or a `Transaction`.
///
/// ```
/// use instant_client::{IntoSteps, User, prelude::*};
///
/// fn count(writes: impl IntoSteps) -> usize {
///     Transaction::from_iter([writes]).len()
/// }
/// assert_eq!(count(User::delete(Id::new())), 1);
/// assert_eq!(count((User::delete(Id::new()), vec![User::delete(Id::new())])), 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a write",
    label = "expected a write, such as `Goal::update(id).set(..)`",
    note = "tuples, arrays, `Vec`s and mapped iterators of writes work, too; collect other iterators into a `Transaction`"
)]
pub trait IntoSteps {
    /// Appends the steps to `out`.
    #[doc(hidden)]
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError>;
}

/// An error in a query or write that Instant cannot express, or that would not do what its code
/// says. The message includes a remedy.
///
/// The client detects it before it sends the request.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let error = User::query().limit(0).to_json().unwrap_err();
/// assert_eq!(error.to_string(), "Instant rejects a query for 0 rows; use a limit of at least 1");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    message: Box<str>,
}

impl BuildError {
    /// Creates an error for a custom `AttrValue`. The message should be lower case and name the
    /// value and the remedy.
    ///
    /// ```
    /// use instant_client::BuildError;
    ///
    /// assert_eq!(BuildError::new("a price is not negative").to_string(), "a price is not negative");
    /// ```
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into().into() }
    }

    /// Prefixes the message with the location of the error.
    pub(crate) fn within(self, place: &str) -> Self {
        Self::new(format!("{place}: {}", self.message))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BuildError {}
