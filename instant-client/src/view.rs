//! Named shapes of an answer: structs that derive `InstantView`.

use crate::{
    attr::Attr,
    decode::{
        Decode,
        slot::{AttrSlot, LinkSlot, link_slot},
    },
    entity::Entity,
    link::{Link, LinkType, Required, ToMany, ToOne},
    query::Plan,
};

/// A struct that holds some attributes and links of entity `E`. `#[derive(InstantView)]` implements it.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     title: String,
///     done: bool,
/// }
///
/// #[derive(InstantView)]
/// #[instant(entity = Goal)]
/// struct GoalCard {
///     id: Id<Goal>,
///     title: String,
/// }
///
/// let query = Goal::query().view::<GoalCard>();
/// assert_eq!(query.to_json().unwrap().to_string(), r#"{"goals":{"$":{"fields":["id","title"]}}}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view of `{E}`",
    label = "not a view of `{E}`",
    note = "add `#[derive(InstantView)]` and `#[instant(entity = {E})]` to `{Self}`"
)]
pub trait View<E>: Decode + Projection {}

/// An entity is the view of itself with every attribute and no link.
impl<E: Entity + Projection> View<E> for E {}

/// What a view asks for.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a link in a view",
    label = "not a view",
    note = "add `#[derive(InstantView)]` to the struct that is to hold the linked entity"
)]
pub trait Projection {
    /// Adds what it asks for. An entity asks for everything.
    fn project(_plan: &mut Plan) {}
}

/// A view, or a `Vec` or an `Option` of one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a link in a view",
    label = "expected a view, or a `Vec` or an `Option` of one",
    note = "add `#[derive(InstantView)]` to the struct that is to hold the linked entity"
)]
pub trait LinkContent {
    /// The view.
    type View: Projection;
}

impl<V: Projection> LinkContent for V {
    type View = V;
}

impl<V: Projection> LinkContent for Vec<V> {
    type View = V;
}

impl<V: Projection> LinkContent for Option<V> {
    type View = V;
}

/// Keeps the compiler from guessing the shape of a link from what holds it.
#[doc(hidden)]
#[derive(Debug)]
pub enum AmbiguousShape {}

/// What can hold a link of shape `S` to `E` in a view.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// #[derive(InstantView)]
/// #[instant(entity = User)]
/// struct Contact {
///     email: Option<String>,
///     #[instant(link)]
///     linked_primary_user: Option<User>,
///     #[instant(link)]
///     linked_guest_users: Vec<User>,
/// }
///
/// let query = User::query().view::<Contact>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold this link to `{E}`",
    label = "the link is `{S}`",
    note = "a `Many<{E}>` is held by a `Vec`, a `One<{E}>` by an `Option`, and a required one by a view of `{E}` itself"
)]
pub trait HoldsLink<S, E>: Decode {}

impl<E, V: View<E>> HoldsLink<ToMany, E> for Vec<V> {}
impl<E, V: View<E>> HoldsLink<AmbiguousShape, E> for Vec<V> {}
impl<E, V: View<E>> HoldsLink<ToOne, E> for Option<V> {}
impl<E, V: View<E>> HoldsLink<Required, E> for Option<V> {}
impl<E, V: View<E> + Projection> HoldsLink<Required, E> for V {}
impl<E, V: View<E> + Projection> HoldsLink<AmbiguousShape, E> for V {}

/// The handle of an attribute that a field of type `T` in a view can hold.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot hold what `{Self}` stands for",
    label = "does not fit the field's type",
    note = "`Attr<E, V>` is an attribute of type `V`: give the field that type",
    note = "`Link<L>` is a link: mark the field with `#[instant(link)]`"
)]
pub trait FitsField<T> {
    fn slot(self) -> AttrSlot<T>;
}

impl<E, T, K> FitsField<T> for Attr<E, T, K> {
    fn slot(self) -> AttrSlot<T> {
        self.slot()
    }
}

/// The slot of the attribute that a field of a view holds, if the types fit.
#[doc(hidden)]
pub fn view_slot<T, A: FitsField<T>>(attr: A) -> AttrSlot<T> {
    attr.slot()
}

/// The slot of the link that a field of a view holds, if the types fit.
#[doc(hidden)]
pub fn view_link<L: LinkType, T: HoldsLink<L::Shape, L::Target>>(_: Link<L>) -> LinkSlot<T> {
    link_slot(L::LABEL)
}

/// What a view asks of a link.
#[doc(hidden)]
pub fn link_plan<T: LinkContent>() -> Plan {
    let mut plan = Plan::default();
    T::View::project(&mut plan);
    plan
}
