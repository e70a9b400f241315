//! The values that a new entity requires.

use super::Values;

/// The required attributes and links of a new `E`. Implemented for `NewGoal` by the derive of
/// `Goal`; the trait has hidden items, so do not implement it by hand.
///
/// ```
/// use instant_client::{prelude::*, write::{Create, NewEntity}};
///
/// fn with_id<E: Entity>(id: Id<E>, new: E::New) -> Create<E>
/// where
///     E::New: NewEntity<E>,
/// {
///     E::create(new).with_id(id)
/// }
/// let ada = with_id::<instant_client::User>(Id::new(), instant_client::NewUser {});
/// ```
#[diagnostic::on_unimplemented(
    message = "a `{E}` cannot be created by a write",
    label = "only Instant creates these",
    note = "upload a file to create a `$files` entity"
)]
pub trait NewEntity<E> {
    /// Adds the attributes and links to `values`.
    #[doc(hidden)]
    fn fill(&self, values: &mut Values);
}

/// The type of a new entity that only Instant creates, such as a file. It has no values.
#[derive(Debug)]
pub enum NotCreated {}
