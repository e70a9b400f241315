//! Views: named selections of an entity's attributes and links, which derive `InstantView`.

use crate::{
    attr::Attr,
    decode::{
        Decode,
        slot::{AttrSlot, LinkSlot, link_slot},
    },
    entity::Entity,
    link::{LinkHandle, LinkType, Required, ToMany, ToOne},
    query::Plan,
};

/// A struct that holds some attributes and links of entity `E`. Implemented by
/// `#[derive(InstantView)]`; the trait has hidden items, so do not implement it by hand.
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
/// assert_eq!(
///     query.to_json().unwrap().to_string(),
///     r#"{"goals":{"$":{"fields":["id","title"]}}}"#
/// );
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view of `{E}`",
    label = "not a view of `{E}`",
    note = "add `#[derive(InstantView)]` and `#[instant(entity = {E})]` to `{Self}`"
)]
pub trait View<E>: Decode + Projection {}

/// An entity is a view of itself, with every attribute and no links.
impl<E: Entity> View<E> for E {}

/// The part of a query that a view defines.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a link in a view",
    label = "not a view",
    note = "add `#[derive(InstantView)]` to the struct for the linked entity"
)]
pub trait Projection {
    /// Restricts `plan` to the attributes and links of the view. The default, for entities, selects
    /// all attributes.
    fn project(_plan: &mut Plan) {}
}

impl<E: Entity> Projection for E {}

/// A view, or a `Vec` or `Option` of one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a link in a view",
    label = "expected a view, or a `Vec` or an `Option` of one",
    note = "add `#[derive(InstantView)]` to the struct for the linked entity"
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

/// A second candidate for the shape of a link. It stops rustc from inferring the shape from the
/// field's type, which would hide the teaching message.
#[doc(hidden)]
#[derive(Debug)]
pub enum AmbiguousShape {}

/// A type that can hold a link of shape `S` to entity `E` in a view.
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
    note = "use a `Vec` for a `Many<{E}>`, an `Option` for a `One<{E}>`, and a view of `{E}` itself for a required link"
)]
pub trait HoldsLink<S, E>: Decode {}

impl<E, V: View<E>> HoldsLink<ToMany, E> for Vec<V> {}
impl<E, V: View<E>> HoldsLink<AmbiguousShape, E> for Vec<V> {}
impl<E, V: View<E>> HoldsLink<ToOne, E> for Option<V> {}
impl<E, V: View<E>> HoldsLink<Required, E> for Option<V> {}
impl<E, V: View<E> + Projection> HoldsLink<Required, E> for V {}
impl<E, V: View<E> + Projection> HoldsLink<AmbiguousShape, E> for V {}

/// A handle to an attribute that a view's field of type `T` can hold.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot hold `{Self}`",
    label = "does not fit the field's type",
    note = "`Attr<E, V>` is an attribute of type `V`: declare the field with that type",
    note = "`LinkHandle<L>` is a link: mark the field with `#[instant(link)]`"
)]
pub trait FitsField<T> {
    fn slot(self) -> AttrSlot<T>;
}

impl<E, T, K> FitsField<T> for Attr<E, T, K> {
    fn slot(self) -> AttrSlot<T> {
        self.slot()
    }
}

/// Returns an empty slot for the attribute of a view's field.
#[doc(hidden)]
pub fn view_slot<T, A: FitsField<T>>(attr: A) -> AttrSlot<T> {
    attr.slot()
}

/// Returns an empty slot for the link of a view's field.
#[doc(hidden)]
pub fn view_link<L: LinkType, T: HoldsLink<L::Shape, L::Target>>(_: LinkHandle<L>) -> LinkSlot<T> {
    link_slot(L::LABEL)
}

/// A handle to an attribute or a link.
#[doc(hidden)]
pub trait Handle {
    /// The namespace that a link leads to.
    const TARGET: &'static str;
}

impl<E, V, K> Handle for Attr<E, V, K> {
    const TARGET: &'static str = "";
}

impl<L: LinkType> Handle for LinkHandle<L> {
    const TARGET: &'static str = <L::Target as Entity>::NAMESPACE;
}

/// Returns the query of link `H` whose content is `T`. A handle to an attribute is accepted, because
/// `view_link` reports it.
#[doc(hidden)]
pub fn link_plan<T: LinkContent, H: Handle>(_: H) -> Plan {
    let mut plan = Plan::of(H::TARGET);
    T::View::project(&mut plan);
    plan
}
