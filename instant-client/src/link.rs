//! Links: how a struct declares them ([`Many`], [`One`]), their handles ([`Rel`]), and what stands in a row for a link
//! that its query did not load ([`NotLoaded`]).

use std::{fmt, marker::PhantomData};

use instant_core::{Id, Value, json::Reader, query::Test};

use crate::{
    DecodeError,
    decode::Decode,
    entity::Entity,
    filter::{Cond, Hop, Through},
    query::Plan,
    schema::{LinkEnd, LinkSchema},
    write::{Name, Target},
};

/// Declares a link to any number of `T`.
///
/// It holds nothing: what a query loaded of the link is in the query's row.
pub struct Many<T>(PhantomData<fn() -> T>);

/// Declares a link to at most one `T`.
///
/// It holds nothing: what a query loaded of the link is in the query's row.
pub struct One<T>(PhantomData<fn() -> T>);

/// One end of a link. The derive makes a type per end, such as `GoalTodos`.
pub trait Link: Sized + 'static {
    /// The entity that has the label.
    type Owner: Entity;
    /// The entity that the label leads to.
    type Target: Entity;
    /// How many it leads to.
    type Shape: Shape;
    /// The name on the wire.
    const LABEL: &'static str;
    /// What the declaration says besides; flags.
    #[doc(hidden)]
    const CLAIMS: u8 = 0;
    /// This end as declared.
    const END: LinkEnd = LinkEnd::of::<Self>();
    /// Both ends.
    #[doc(hidden)]
    const SCHEMA: LinkSchema = LinkSchema::of::<Self>();
    /// The other end: as declared there, or as `reverse` says.
    const REVERSE: LinkEnd;
    /// The handles at the other end.
    #[doc(hidden)]
    const OTHER: <Self::Target as Entity>::Fields = <Self::Target as Entity>::FIELDS;
}

/// A handle to a link: `g.todos` in a closure, `Goal::FIELDS.todos` elsewhere.
pub struct Rel<L>(PhantomData<fn() -> L>);

/// How many entities a link leads to, and how a row holds them.
pub trait Shape: 'static {
    /// How a row holds what was loaded as `S`.
    type Loaded<S: Decode>: Decode;
    /// Whether it can be more than one.
    const MANY: bool;
}

/// Any number: a `Vec`.
#[derive(Debug, Clone, Copy)]
pub struct ToMany;

/// At most one: an `Option`.
#[derive(Debug, Clone, Copy)]
pub struct ToOne;

/// Exactly one: the row itself.
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
pub const fn to_one<T: ToOneField>() {}

impl<L: Link> Rel<L> {
    const HOP: Hop =
        Hop { label: L::LABEL, namespace: <L::Target as Entity>::NAMESPACE, many: <L::Shape as Shape>::MANY };

    /// The link's name on the wire.
    pub const fn label(&self) -> &'static str {
        L::LABEL
    }

    /// Linked with an entity that meets the condition.
    ///
    /// - A tuple asks everything of **one and the same** entity: `g.todos.has(|t| (t.done.eq(false), t.title.eq("run")))`.
    ///   Through a to-many link Instant can say so once per query and namespace, outside `or`, and with comparisons on
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
    pub fn has<C: Through<L::Target>>(
        self,
        condition: impl FnOnce(&<L::Target as Entity>::Fields) -> C,
    ) -> C::Out<L::Owner> {
        condition(&<L::Target as Entity>::FIELDS).through(Self::HOP)
    }

    /// Linked with that entity: an id, a row, an entity or a lookup.
    pub fn is(self, entity: impl Target<L::Target>) -> Cond<L::Owner> {
        match entity.name() {
            Ok(Name::Id(id)) => Cond::test(L::LABEL, Ok(Test::Equals(id.into()))),
            Ok(Name::Lookup(label, value)) => {
                Cond::<L::Target>::test(label, Ok(Test::Equals(value))).through(Self::HOP)
            }
            Err(error) => Cond::test(L::LABEL, Err(error)),
        }
    }

    /// Linked with one of those entities; of none, with none.
    pub fn is_one_of(self, ids: impl IntoIterator<Item = Id<L::Target>>) -> Cond<L::Owner> {
        Cond::test(L::LABEL, Ok(Test::In(ids.into_iter().map(Value::from).collect())))
    }

    /// Linked with nothing.
    pub fn is_empty(self) -> Cond<L::Owner> {
        Cond::test(L::LABEL, Ok(Test::IsNull(true)))
    }

    /// Linked with something.
    pub fn any(self) -> Cond<L::Owner> {
        Cond::test(L::LABEL, Ok(Test::IsNull(false)))
    }
}

impl<L> Rel<L> {
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Stands in a row where a link would be, had the query included it.
pub struct NotLoaded<L>(PhantomData<fn() -> L>);

impl<L> Decode for NotLoaded<L> {
    fn decode(reader: &mut Reader<'_>, _: &Plan) -> Result<Option<Self>, DecodeError> {
        reader.skip()?;
        Ok(Some(Self::default()))
    }

    fn decode_linked(reader: &mut Reader<'_>, plan: &Plan, _: &str) -> Result<Option<Self>, DecodeError> {
        Self::decode(reader, plan)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// Never implemented: carries the message for the use of a link that was not included.
#[diagnostic::on_unimplemented(
    message = "link `{Self}` was not loaded by this query",
    label = "not loaded",
    note = "add `.include(..)` for this link to the query, or return a view that contains it"
)]
pub trait WasIncluded {}

macro_rules! guard {
    ($($name:ident -> $out:ty;)*) => {
        /// What a loaded link offers, so that its use on one that is not loaded says why it fails.
        #[doc(hidden)]
        impl<L> NotLoaded<L> {$(
            pub fn $name(&self) -> $out where L: WasIncluded { unreachable!("`WasIncluded` is never implemented") }
        )*}
    };
}
guard! {
    len -> usize;
    is_empty -> bool;
    iter -> std::slice::Iter<'_, ()>;
    into_iter -> std::vec::IntoIter<()>;
    first -> Option<&()>;
    last -> Option<&()>;
    get -> Option<&()>;
    is_some -> bool;
    is_none -> bool;
    as_ref -> Option<&()>;
    as_deref -> Option<&()>;
    unwrap -> ();
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
markers! {
    Many "(link)";
    One "(link)";
    NotLoaded "(not loaded)";
    Rel "(link)";
}
