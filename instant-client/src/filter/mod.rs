//! Conditions on an entity: one condition ([`Cond`]), alternatives ([`AnyOf`]), and trees of both
//! ([`Filter`]).
//!
//! Each is one concrete type, however it was built. So filters can be stored in a `Vec` and built
//! in a loop or an `if`. The module `compile` turns them into InstaQL.

mod compile;
mod distinct;
mod expr;
mod linked;
mod negation;

use std::{fmt, marker::PhantomData};

use instant_core::{
    Value,
    query::{Predicate, Where},
};

pub(crate) use compile::compile;
pub(crate) use distinct::matches_are_distinct;
pub(crate) use expr::{Expr, Hop, Node};
pub use linked::LinkedCondition;
pub use negation::Negation;

use crate::BuildError;

/// One predicate or, through a link, several predicates on one and the same linked entity.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let ada: Cond<User> = User::FIELDS.email.eq("ada@example.com");
/// let query = User::query().filter(|_| ada);
/// ```
#[must_use = "a condition does nothing until a query filters by it"]
pub struct Cond<E> {
    pub(crate) node: Node,
    entity: PhantomData<fn() -> E>,
}

/// Alternatives, of which at least one must hold.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let query = User::query().filter(|u| u.r#type.eq("guest").or(u.email.is_null()).and(u.image_url.is_null()));
/// ```
#[must_use = "a condition does nothing until a query filters by it"]
pub struct AnyOf<E> {
    pub(crate) nodes: Vec<Node>,
    entity: PhantomData<fn() -> E>,
}

/// A tree of conditions.
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
/// let words = ["run", "swim"];
/// let any = Filter::any(words.iter().map(|word| Goal::FIELDS.title.eq(*word)));
/// let query = Goal::query().filter(|g| any.and(g.done.eq(false)));
/// assert_eq!(
///     query.to_json().unwrap().to_string(),
///     r#"{"goals":{"$":{"where":{"done":false,"or":[{"title":"run"},{"title":"swim"}]}}}}"#
/// );
/// ```
#[must_use = "a filter does nothing until a query filters by it"]
pub struct Filter<E> {
    pub(crate) expr: Expr,
    entity: PhantomData<fn() -> E>,
}

/// The argument of [`Query::filter`](crate::Query::filter): a condition, a filter, or an `Option`
/// of either.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let wanted: Option<&str> = None;
/// let query = User::query().filter(|u| wanted.map(|email| u.email.eq(email)));
/// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{}}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition on `{E}`",
    label = "expected a condition on `{E}`, such as `{E}::FIELDS.id.eq(id)`",
    note = "compare attributes with `.eq(..)`, `.gt(..)` and similar methods, not with `==` or `>`",
    note = "to compare an attribute of a linked entity, write `e.link.has(|linked| linked.name.eq(..))`",
    note = "Instant cannot negate a condition: instead of `!`, use `ne`, `is_null`, `is_not_null`, `is_empty` or `any`",
    note = "combine conditions with `a.and(b)`, `a.or(b)`, `Filter::all` and `Filter::any`, not with `&&` or `||`; \
            `None` matches every entity"
)]
pub trait IntoFilter<E>: sealed::Sealed {
    /// Converts to a filter; `None` matches everything.
    #[doc(hidden)]
    fn into_filter(self) -> Option<Filter<E>>;
}

impl<E> Cond<E> {
    pub(crate) fn new(node: Node) -> Self {
        Self { node, entity: PhantomData }
    }

    pub(crate) fn test(label: &'static str, test: Result<Predicate, BuildError>) -> Self {
        Self::new(Node::Predicate(label, test))
    }

    /// Matches if this condition or `other` holds.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.r#type.eq("user").or(u.r#type.eq("guest")));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"or":[{"type":"user"},{"type":"guest"}]}}}}"#
    /// );
    /// ```
    pub fn or(self, other: Self) -> AnyOf<E> {
        AnyOf::new(vec![self.node, other.node])
    }

    /// Matches if this condition and `other` hold. Through a link, a different entity may satisfy
    /// each.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.r#type.eq("user").and(u.image_url.eq("a.png")));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"type":"user","imageURL":"a.png"}}}}"#
    /// );
    /// ```
    pub fn and(self, other: impl IntoFilter<E>) -> Filter<E> {
        Filter::from(self).and(other)
    }
}

impl<E> AnyOf<E> {
    pub(crate) fn new(nodes: Vec<Node>) -> Self {
        Self { nodes, entity: PhantomData }
    }

    /// Adds an alternative: matches if one of these conditions or `other` holds.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.eq("a@x.co").or(u.email.eq("b@x.co")).or(u.email.eq("c@x.co")));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"or":[{"email":"a@x.co"},{"email":"b@x.co"},{"email":"c@x.co"}]}}}}"#
    /// );
    /// ```
    pub fn or(mut self, other: Cond<E>) -> Self {
        self.nodes.push(other.node);
        self
    }

    /// Matches if one of these conditions holds and `other` holds. Through a link, a different
    /// entity may satisfy each.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.eq("a@x.co").or(u.email.eq("b@x.co")).and(u.r#type.eq("user")));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"type":"user","or":[{"email":"a@x.co"},{"email":"b@x.co"}]}}}}"#
    /// );
    /// ```
    pub fn and(self, other: impl IntoFilter<E>) -> Filter<E> {
        Filter::from(self).and(other)
    }
}

impl<E> Filter<E> {
    fn new(expr: Expr) -> Self {
        Self { expr, entity: PhantomData }
    }

    /// Matches if all `filters` hold. An empty list matches every entity.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| Filter::all([u.r#type.eq("user"), u.image_url.eq("a.png")]));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"type":"user","imageURL":"a.png"}}}}"#
    /// );
    /// ```
    pub fn all<F: IntoFilter<E>>(filters: impl IntoIterator<Item = F>) -> Self {
        Self::new(Expr::All(
            filters.into_iter().filter_map(F::into_filter).map(|filter| filter.expr).collect(),
        ))
    }

    /// Matches if at least one of `filters` holds. An empty list matches no entity.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| Filter::any(["a@x.co", "b@x.co"].map(|email| u.email.eq(email))));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"or":[{"email":"a@x.co"},{"email":"b@x.co"}]}}}}"#
    /// );
    /// ```
    pub fn any<F: IntoFilter<E>>(filters: impl IntoIterator<Item = F>) -> Self {
        Self::new(Expr::Any(
            filters.into_iter().filter_map(F::into_filter).map(|filter| filter.expr).collect(),
        ))
    }

    /// Matches if this filter and `other` hold. Through a link, a different entity may satisfy
    /// each.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let mut filter = Filter::all([User::FIELDS.r#type.eq("user")]);
    /// filter = filter.and(User::FIELDS.image_url.is_not_null());
    /// let query = User::query().filter(|_| filter);
    /// ```
    pub fn and(self, other: impl IntoFilter<E>) -> Self {
        match other.into_filter() {
            Some(other) => Self::new(Expr::All(vec![self.expr, other.expr])),
            None => self,
        }
    }

    /// Matches if this filter or `other` holds.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let filter = Filter::from(User::FIELDS.r#type.eq("user")).or(User::FIELDS.email.is_null());
    /// let query = User::query().filter(|_| filter);
    /// ```
    pub fn or(self, other: impl IntoFilter<E>) -> Self {
        match other.into_filter() {
            Some(other) => Self::new(Expr::Any(vec![self.expr, other.expr])),
            None => self,
        }
    }

    /// Creates a filter from the JSON of an InstaQL `where`. Labels are wire names, and the filter
    /// is sent as it is, so the rules for sibling keys of InstaQL apply.
    ///
    /// ```
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    /// }
    ///
    /// let query = Goal::query().filter(|_| Filter::raw(json!({"owner.name": "Ada"})));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"goals":{"$":{"where":{"owner.name":"Ada"}}}}"#
    /// );
    /// ```
    pub fn raw(json: impl Into<Value>) -> Self {
        Self::new(match Where::parse(&json.into()) {
            Ok(filter) => Expr::Raw(filter),
            Err(error) => Expr::Invalid(BuildError::new(format!("invalid raw filter: {error}"))),
        })
    }
}

impl<E> From<Cond<E>> for Filter<E> {
    fn from(cond: Cond<E>) -> Self {
        Self::new(Expr::Node(cond.node))
    }
}

impl<E> From<AnyOf<E>> for Filter<E> {
    fn from(any: AnyOf<E>) -> Self {
        Self::new(Expr::Any(any.nodes.into_iter().map(Expr::Node).collect()))
    }
}

impl<E> IntoFilter<E> for Cond<E> {
    fn into_filter(self) -> Option<Filter<E>> {
        Some(self.into())
    }
}

impl<E> IntoFilter<E> for AnyOf<E> {
    fn into_filter(self) -> Option<Filter<E>> {
        Some(self.into())
    }
}

impl<E> IntoFilter<E> for Filter<E> {
    fn into_filter(self) -> Option<Filter<E>> {
        Some(self)
    }
}

impl<E, F: IntoFilter<E>> IntoFilter<E> for Option<F> {
    fn into_filter(self) -> Option<Filter<E>> {
        self.and_then(F::into_filter)
    }
}

impl<E> Clone for Cond<E> {
    fn clone(&self) -> Self {
        Self::new(self.node.clone())
    }
}

impl<E> Clone for AnyOf<E> {
    fn clone(&self) -> Self {
        Self::new(self.nodes.clone())
    }
}

impl<E> Clone for Filter<E> {
    fn clone(&self) -> Self {
        Self::new(self.expr.clone())
    }
}

impl<E> fmt::Debug for Cond<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<E> fmt::Debug for AnyOf<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nodes.fmt(f)
    }
}

impl<E> fmt::Debug for Filter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

mod sealed {
    use super::{AnyOf, Cond, Filter};

    pub trait Sealed {}

    impl<E> Sealed for Cond<E> {}
    impl<E> Sealed for AnyOf<E> {}
    impl<E> Sealed for Filter<E> {}
    impl<F: Sealed> Sealed for Option<F> {}
}
