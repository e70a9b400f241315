//! Links: how a struct declares them ([`Many`], [`One`]), their handles ([`Link`]), and what stands in a row for a link
//! that its query did not load ([`NotLoaded`]).

mod not_loaded;

use std::{fmt, marker::PhantomData};

use instant_core::{Id, Value, query::Predicate};

pub use not_loaded::{NotLoaded, WasIncluded};

use crate::{
    decode::Decode,
    entity::Entity,
    filter::{Cond, Hop, LinkedCondition},
    schema::{LinkEnd, LinkSchema},
    write::{Target, TargetName},
};

/// Declares a link to any number of `T`.
///
/// It holds nothing: what a query loaded of the link is in the query's row.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(link(reverse = "goals"))]
///     team: Many<instant_client::User>,
/// }
///
/// let query = Goal::query().include(|g| g.team);
/// ```
pub struct Many<T>(PhantomData<fn() -> T>);

/// Declares a link to at most one `T`.
///
/// It holds nothing: what a query loaded of the link is in the query's row.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(link(reverse = "goals"))]
///     owner: One<instant_client::User>,
/// }
///
/// let query = Goal::query().include(|g| g.owner);
/// ```
pub struct One<T>(PhantomData<fn() -> T>);

/// One end of a link. The derive makes a type per end, such as `GoalTodos`.
///
/// ```
/// use instant_client::{User, link::{LinkType, Link}, prelude::*};
///
/// fn name<L: LinkType>(_: Link<L>) -> &'static str {
///     L::LABEL
/// }
/// assert_eq!(name(User::FIELDS.linked_guest_users), "linkedGuestUsers");
/// ```
pub trait LinkType: Sized + 'static {
    /// The entity that has the label.
    type Owner: Entity;
    /// The entity that the label leads to.
    type Target: Entity;
    /// How many it leads to.
    type Shape: Shape;
    /// This end as declared.
    const END: LinkEnd;
    /// The name on the wire.
    const LABEL: &'static str = Self::END.label;
    /// Both ends.
    #[doc(hidden)]
    const SCHEMA: LinkSchema = LinkSchema::of::<Self>();
    /// The other end: as declared there, or as `reverse` says.
    const REVERSE: LinkEnd;
    /// The handles at the other end.
    #[doc(hidden)]
    const OTHER: <Self::Target as Entity>::Fields = <Self::Target as Entity>::FIELDS;
}

/// The end of a link that stores it. The derive says so of every end that is declared as forward.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is the reverse end of a link: who may see where it leads cannot be ruled here",
    label = "expected an attribute or a forward link",
    note = "Instant takes no notice of such a rule: give it to the forward end, or say with `view` who sees the linked entities"
)]
pub trait ForwardLink: LinkType {}

/// A handle to a link: `g.todos` in a closure, `Goal::FIELDS.todos` elsewhere.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let guests = User::FIELDS.linked_guest_users;
/// assert_eq!(guests.label(), "linkedGuestUsers");
/// let query = User::query().filter(|_| guests.any()).include(|_| guests);
/// ```
pub struct Link<L>(PhantomData<fn() -> L>);

/// How many entities a link leads to, and how a row holds them.
///
/// ```
/// use instant_client::{User, UserRow, link::{Shape, ToMany}};
///
/// let loaded: <ToMany as Shape>::Loaded<UserRow> = Vec::<UserRow>::new();
/// ```
pub trait Shape: 'static {
    /// How a row holds what was loaded as `S`.
    type Loaded<S: Decode>: Decode;
    /// Whether it can be more than one.
    const MANY: bool;
}

/// Any number: a `Vec`.
///
/// ```
/// use instant_client::link::{Shape, ToMany};
///
/// assert!(<ToMany as Shape>::MANY);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ToMany;

/// At most one: an `Option`.
///
/// ```
/// use instant_client::link::{Shape, ToOne};
///
/// assert!(!<ToOne as Shape>::MANY);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct ToOne;

/// Exactly one: the row itself.
///
/// ```
/// use instant_client::link::{Shape, Required};
///
/// assert!(!<Required as Shape>::MANY);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Required;

impl Shape for ToMany {
    type Loaded<S: Decode> = Vec<S>;
    const MANY: bool = true;
}

impl Shape for ToOne {
    type Loaded<S: Decode> = Option<S>;
    const MANY: bool = false;
}

impl Shape for Required {
    type Loaded<S: Decode> = S;
    const MANY: bool = false;
}

/// `Many<T>` or `One<T>`, whatever it is called where the user wrote it.
///
/// ```
/// use instant_client::{Many, User, link::LinkField};
///
/// fn namespace<F: LinkField>() -> &'static str {
///     <F::Target as instant_client::Entity>::NAMESPACE
/// }
/// assert_eq!(namespace::<Many<User>>(), "$users");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the type of a link",
    label = "expected `Many<T>` or `One<T>`",
    note = "a field marked `#[instant(link(..))]` has the type `Many<T>` or `One<T>`, where `T` is an entity"
)]
pub trait LinkField {
    /// The entity at the other end.
    type Target: Entity;
    /// How many there can be.
    type Shape: Shape;
}

impl<T: Entity> LinkField for Many<T> {
    type Target = T;
    type Shape = ToMany;
}

impl<T: Entity> LinkField for One<T> {
    type Target = T;
    type Shape = ToOne;
}

/// A link that can be `required` or have `on_delete`: `One<T>`.
///
/// ```
/// use instant_client::{One, User, link::ToOneField};
///
/// fn can_be_required<F: ToOneField>() {}
/// can_be_required::<One<User>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a to-many link cannot be `required` and cannot have `on_delete`",
    label = "Instant allows this on `One<T>` only",
    note = "to delete the linked entities with this one, put `on_delete = cascade` on the other end, or \
            `on_delete_reverse = cascade` here if the other end is to-one"
)]
pub trait ToOneField: LinkField {
    /// Exactly one.
    type Required: Shape;
}

impl<T: Entity> ToOneField for One<T> {
    type Required = Required;
}

/// Makes sure that a link is a `One`; the derive calls it where a key asks for that.
#[doc(hidden)]
pub const fn assert_to_one<T: ToOneField>() {}

impl<L: LinkType> Link<L> {
    const HOP: Hop =
        Hop { label: L::LABEL, namespace: <L::Target as Entity>::NAMESPACE, many: <L::Shape as Shape>::MANY };

    /// The link's name on the wire.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// assert_eq!(User::FIELDS.linked_guest_users.label(), "linkedGuestUsers");
    /// ```
    pub const fn label(&self) -> &'static str {
        L::LABEL
    }

    /// Linked with an entity that meets the condition.
    ///
    /// - A tuple asks everything of **one and the same** entity: `g.todos.has(|t| (t.done.eq(false), t.title.eq("run")))`.
    ///   LinkedCondition a to-many link Instant can say so once per query and namespace, outside `or`, and with comparisons on
    ///   different attributes; what it cannot say is an error when the query is built.
    /// - Two `has` joined by `and`, or in two `filter`s, may each be met by another entity.
    /// - `ne` and `is_null` are met by some linked entity **or by none at all**: `g.todos.has(|t| t.done.ne(true))` is
    ///   "some todo is not done, or there is no todo".
    ///
    /// ```
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     #[instant(link(reverse = "goal"))]
    ///     todos: Many<Todo>,
    /// }
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "todos")]
    /// struct Todo {
    ///     id: Id<Todo>,
    ///     title: String,
    ///     done: bool,
    /// }
    ///
    /// let same = Goal::query().filter(|g| g.todos.has(|t| (t.title.eq("run"), t.done.eq(true))));
    /// assert_eq!(
    ///     same.to_json().unwrap().to_string(),
    ///     r#"{"goals":{"$":{"where":{"todos.title":"run","todos.done":true}}}}"#
    /// );
    /// let any = Goal::query().filter(|g| g.todos.has(|t| t.title.eq("run")).and(g.todos.has(|t| t.done.eq(true))));
    /// assert_eq!(
    ///     any.to_json().unwrap().to_string(),
    ///     r#"{"goals":{"$":{"where":{"and":[{"todos.title":"run"},{"todos.done":true}]}}}}"#
    /// );
    /// ```
    pub fn has<C: LinkedCondition<L::Target>>(
        self,
        condition: impl FnOnce(&<L::Target as Entity>::Fields) -> C,
    ) -> C::Out<L::Owner> {
        condition(&<L::Target as Entity>::FIELDS).across(Self::HOP)
    }

    /// Linked with that entity: an id, a row, an entity or a lookup.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let query = User::query().filter(|u| u.linked_primary_user.is(id));
    /// assert_eq!(query.to_json().unwrap().to_string(), format!(r#"{{"$users":{{"$":{{"where":{{"linkedPrimaryUser":"{id}"}}}}}}}}"#));
    /// ```
    pub fn is(self, entity: impl Target<L::Target>) -> Cond<L::Owner> {
        match entity.name() {
            Ok(TargetName::Id(id)) => Cond::test(L::LABEL, Ok(Predicate::Equals(id.into()))),
            Ok(TargetName::Lookup(label, value)) => {
                Cond::<L::Target>::test(label, Ok(Predicate::Equals(value))).across(Self::HOP)
            }
            Err(error) => Cond::test(L::LABEL, Err(error)),
        }
    }

    /// Linked with one of those entities; of none, with none.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.linked_primary_user.is_one_of([Id::new(), Id::new()]));
    /// ```
    pub fn is_one_of(self, ids: impl IntoIterator<Item = Id<L::Target>>) -> Cond<L::Owner> {
        Cond::test(L::LABEL, Ok(Predicate::In(ids.into_iter().map(Value::from).collect())))
    }

    /// Linked with nothing.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.linked_guest_users.is_empty());
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"$":{"where":{"linkedGuestUsers":{"$isNull":true}}}}}"#);
    /// ```
    pub fn is_empty(self) -> Cond<L::Owner> {
        Cond::test(L::LABEL, Ok(Predicate::IsNull(true)))
    }

    /// Linked with something.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.linked_guest_users.any());
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"$":{"where":{"linkedGuestUsers":{"$isNull":false}}}}}"#);
    /// ```
    pub fn any(self) -> Cond<L::Owner> {
        Cond::test(L::LABEL, Ok(Predicate::IsNull(false)))
    }
}

impl<L> Link<L> {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

macro_rules! markers {
    ($($type:ident $name:literal;)*) => {$(
        impl<T> Clone for $type<T> {
            fn clone(&self) -> Self { *self }
        }

        impl<T> Copy for $type<T> {}

        impl<T> PartialEq for $type<T> {
            fn eq(&self, _: &Self) -> bool { true }
        }

        impl<T> Eq for $type<T> {}

        impl<T> PartialOrd for $type<T> {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> { Some(self.cmp(other)) }
        }

        impl<T> Ord for $type<T> {
            fn cmp(&self, _: &Self) -> std::cmp::Ordering { std::cmp::Ordering::Equal }
        }

        impl<T> std::hash::Hash for $type<T> {
            fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
        }

        impl<T> Default for $type<T> {
            fn default() -> Self { Self(PhantomData) }
        }

        impl<T> fmt::Debug for $type<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str($name) }
        }
    )*};
}
use markers;

markers! {
    Many "(link)";
    One "(link)";
    Link "(link)";
}
