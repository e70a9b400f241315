//! The links that a query loads, and how each changes the type of the rows.

use super::{Nested, Pageable, Plan, Query};
use crate::{
    attr::OrderOf,
    decode::Selection,
    entity::Entity,
    filter::IntoFilter,
    link::{LinkHandle, LinkType, NotLoaded},
    view::View,
};

/// The argument of [`Query::include`](crate::Query::include): a link of `E`, alone or with a query
/// of its own.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let query = User::query()
///     .include(|u| u.linked_primary_user)
///     .include(|u| u.linked_guest_users.filter(|guest| guest.email.is_null()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a link of `{E}`, so it cannot be included",
    label = "not a link of `{E}`",
    note = "attributes are always loaded; `include` takes a link, such as `g.todos` or `g.todos.filter(..)`"
)]
pub trait Include<E, R> {
    /// The type of the rows with the link.
    type Out;

    /// Adds the link to `plan`.
    #[doc(hidden)]
    fn add_to(self, plan: &mut Plan);
}

// No bound checks that `L` is a link of `E`: only rows of the link's owner have a place for it.
impl<E, R, L: LinkType> Include<E, R> for LinkHandle<L>
where
    R: Load<L, <L::Target as Entity>::Row>,
{
    type Out = R::Out;

    fn add_to(self, plan: &mut Plan) {
        plan.link(L::LABEL, Plan::of(<L::Target as Entity>::NAMESPACE));
    }
}

impl<E, R, L: LinkType, S> Include<E, R> for Query<L::Target, S, Nested<L>>
where
    R: Load<L, S>,
{
    type Out = R::Out;

    fn add_to(self, plan: &mut Plan) {
        plan.link(L::LABEL, self.plan);
    }
}

/// A row with a place for link `L`, and its type when the link is loaded as `S`. Implemented by
/// `#[derive(InstantEntity)]`.
#[diagnostic::on_unimplemented(
    message = "rows of type `{Self}` have no field for link `{L}`",
    label = "these rows cannot hold this link",
    note = "`include` takes links of the query's own entity; include links of a linked entity in a nested query: \
            `.include(|g| g.todos.include(|t| t.owner))`",
    note = "`view` and `select` determine the rows: use `include` instead, or add the link to the view"
)]
pub trait Load<L, S> {
    /// The type of the row with the link.
    type Out;
}

/// A place in a row whose link is not loaded yet.
#[diagnostic::on_unimplemented(
    message = "link `{L}` is already included in this query",
    label = "included twice",
    note = "include each link once; to change how it is loaded, edit the first `include`"
)]
pub trait Vacant<L> {}

impl<L, E> Vacant<L> for NotLoaded<E> {}

type LinkQuery<L, R> = Query<<L as LinkType>::Target, R, Nested<L>>;
type Fields<L> = <<L as LinkType>::Target as Entity>::Fields;
type Row<L> = <<L as LinkType>::Target as Entity>::Row;

/// Starts the query of a link for `include`.
impl<L: LinkType> LinkHandle<L> {
    /// Creates a query that loads all linked entities.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().include(|u| u.linked_guest_users.query());
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"linkedGuestUsers":{}}}"#);
    /// ```
    pub fn query(self) -> LinkQuery<L, Row<L>> {
        Query::of(Plan::of(<L::Target as Entity>::NAMESPACE), None)
    }

    /// Loads only the linked entities that match `filter`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().include(|u| u.linked_guest_users.filter(|g| g.email.is_null()));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"linkedGuestUsers":{"$":{"where":{"email":{"$isNull":true}}}}}}"#
    /// );
    /// ```
    pub fn filter<F: IntoFilter<L::Target>>(
        self,
        filter: impl FnOnce(&Fields<L>) -> F,
    ) -> LinkQuery<L, Row<L>> {
        self.query().filter(filter)
    }

    /// Orders the linked entities by one attribute.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().include(|u| u.linked_guest_users.order(|g| g.email.asc()));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"linkedGuestUsers":{"$":{"order":{"email":"asc"}}}}}"#
    /// );
    /// ```
    pub fn order<O: OrderOf<L::Target>>(self, order: impl FnOnce(&Fields<L>) -> O) -> LinkQuery<L, Row<L>> {
        self.query().order(order)
    }

    /// Loads a link of the linked entities.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().include(|u| u.linked_guest_users.include(|g| g.linked_primary_user));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"linkedGuestUsers":{"linkedPrimaryUser":{}}}}"#
    /// );
    /// ```
    pub fn include<I: Include<L::Target, Row<L>>>(
        self,
        link: impl FnOnce(&Fields<L>) -> I,
    ) -> LinkQuery<L, I::Out> {
        self.query().include(link)
    }

    /// Loads only some attributes, as tuples.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().include(|u| u.linked_guest_users.select(|g| (g.id, g.email)));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"linkedGuestUsers":{"$":{"fields":["id","email"]}}}}"#
    /// );
    /// ```
    pub fn select<S: Selection<L::Target>>(
        self,
        attrs: impl FnOnce(&Fields<L>) -> S,
    ) -> LinkQuery<L, S::Row> {
        self.query().select(attrs)
    }

    /// Loads the attributes and links of view `V`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().include(|u| u.linked_guest_users.view::<User>());
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"linkedGuestUsers":{}}}"#);
    /// ```
    pub fn view<V: View<L::Target>>(self) -> LinkQuery<L, V> {
        self.query().view()
    }

    /// Not available: Instant does not page through linked entities.
    #[doc(hidden)]
    pub fn limit(self, rows: u64) -> LinkQuery<L, Row<L>>
    where
        Nested<L>: Pageable<L::Target>,
    {
        self.query().limit(rows)
    }

    /// Not available: Instant does not page through linked entities.
    #[doc(hidden)]
    pub fn offset(self, rows: u64) -> LinkQuery<L, Row<L>>
    where
        Nested<L>: Pageable<L::Target>,
    {
        self.query().offset(rows)
    }
}
