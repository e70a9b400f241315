//! Marker types that tell whether an attribute is indexed and unique.

/// Marks an attribute that is neither indexed nor unique.
///
/// ```
/// use instant_client::{User, attr::Attr, prelude::*};
///
/// let handle: Attr<User, Option<String>> = User::FIELDS.r#type;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Plain;

/// Marks an indexed attribute.
///
/// ```
/// use instant_client::{attr::{Attr, Indexed}, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(indexed)]
///     title: String,
/// }
///
/// let title: Attr<Goal, String, Indexed> = Goal::FIELDS.title;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Indexed;

/// Marks a unique attribute without an index.
///
/// ```
/// use instant_client::{User, attr::{Attr, Unique}, prelude::*};
///
/// let handle: Attr<User, Id<User>, Unique> = User::FIELDS.id;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Unique;

/// Marks a unique and indexed attribute.
///
/// ```
/// use instant_client::{User, attr::{Attr, UniqueIndexed}, prelude::*};
///
/// let handle: Attr<User, Option<String>, UniqueIndexed> = User::FIELDS.email;
/// ```
#[derive(Debug, Clone, Copy)]
pub struct UniqueIndexed;

/// A marker of an attribute's declaration: [`Plain`], [`Indexed`], [`Unique`] or [`UniqueIndexed`].
#[doc(hidden)]
pub trait AttrKind: sealed::Sealed {
    const INDEXED: bool;
    const UNIQUE: bool;
}

macro_rules! kinds {
    ($($kind:ident $indexed:literal $unique:literal;)*) => {$(
        impl sealed::Sealed for $kind {}

        impl AttrKind for $kind {
            const INDEXED: bool = $indexed;
            const UNIQUE: bool = $unique;
        }
    )*};
}
kinds! {
    Plain false false;
    Indexed true false;
    Unique false true;
    UniqueIndexed true true;
}

/// A marker of an indexed attribute: [`Indexed`] or [`UniqueIndexed`].
///
/// ```
/// use instant_client::{attr::{Attr, IsIndexed}, prelude::*, value::Ordered};
///
/// fn last<E: Entity, V: Ordered, K: IsIndexed<E>>(attr: Attr<E, V, K>) -> Order<E> {
///     attr.desc()
/// }
/// let query = instant_client::User::query().order(|u| last(u.email));
/// ```
#[diagnostic::on_unimplemented(
    message = "this attribute of `{E}` is not indexed, so it cannot be ordered by or compared",
    label = "needs an indexed attribute",
    note = "mark the field with `#[instant(indexed)]` and push the schema; an `id` cannot be indexed: \
            `Order::newest_first()` and `Order::oldest_first()` order by creation",
    note = "`asc`, `desc`, `gt`, `gte`, `lt`, `lte`, `like` and `ilike` work on indexed attributes only"
)]
pub trait IsIndexed<E>: sealed::Sealed {}

impl<E> IsIndexed<E> for Indexed {}
impl<E> IsIndexed<E> for UniqueIndexed {}

/// A marker of a unique attribute: [`Unique`] or [`UniqueIndexed`].
///
/// ```
/// use instant_client::{attr::{Attr, IsUnique}, prelude::*, write::Lookup};
///
/// fn named<E: Entity, K: IsUnique<E>>(attr: Attr<E, Option<String>, K>, name: &str) -> Lookup<E> {
///     attr.lookup(name)
/// }
/// let write = instant_client::User::delete(named(instant_client::User::FIELDS.email, "ada@example.com"));
/// ```
#[diagnostic::on_unimplemented(
    message = "this attribute of `{E}` is not unique, so it cannot identify a `{E}`",
    label = "needs a unique attribute",
    note = "mark the field with `#[instant(unique)]` and push the schema"
)]
pub trait IsUnique<E>: sealed::Sealed {}

impl<E> IsUnique<E> for Unique {}
impl<E> IsUnique<E> for UniqueIndexed {}

mod sealed {
    pub trait Sealed {}
}
