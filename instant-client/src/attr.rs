//! Handles to attributes: `g.title` in a closure, `Goal::FIELDS.title` elsewhere, and what can be asked of them.

use std::{fmt, marker::PhantomData};

use instant_core::{
    Id, Value,
    query::{Direction, Test},
};

use crate::{
    BuildError,
    entity::Entity,
    filter::Cond,
    value::{AttrValue, Operand, Ordered, Text},
    write::Lookup,
};

/// A handle to an attribute of entity `E` with Rust type `V`. `K` says whether it is indexed and unique.
pub struct Attr<E, V, K = Plain> {
    label: &'static str,
    types: Marker<(E, V, K)>,
}

/// Says of which types something is, without holding any.
pub(crate) type Marker<T> = PhantomData<fn() -> T>;

/// Neither indexed nor unique.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

/// Indexed.
#[derive(Debug, Clone, Copy)]
pub struct Indexed;

/// Unique, and not indexed.
#[derive(Debug, Clone, Copy)]
pub struct Unique;

/// Unique and indexed.
#[derive(Debug, Clone, Copy)]
pub struct UniqueIndexed;

/// The attribute is indexed.
#[diagnostic::on_unimplemented(
    message = "this attribute of `{E}` is not indexed, so it cannot be ordered by or compared",
    label = "needs an indexed attribute",
    note = "mark the field with `#[instant(indexed)]` and push the schema",
    note = "`asc`, `desc`, `gt`, `gte`, `lt`, `lte`, `like` and `ilike` work on indexed attributes only"
)]
pub trait IsIndexed<E> {}

impl<E> IsIndexed<E> for Indexed {}
impl<E> IsIndexed<E> for UniqueIndexed {}

/// The attribute is unique.
#[diagnostic::on_unimplemented(
    message = "this attribute of `{E}` is not unique, so it cannot identify a `{E}`",
    label = "needs a unique attribute",
    note = "mark the field with `#[instant(unique)]` and push the schema"
)]
pub trait IsUnique<E> {}

impl<E> IsUnique<E> for Unique {}
impl<E> IsUnique<E> for UniqueIndexed {}

impl<E, V> Attr<E, V> {
    /// A handle to an attribute that the struct does not declare. It is taken for indexed and unique: the server
    /// checks.
    ///
    /// ```
    /// use instant_client::{attr::Attr, prelude::*};
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    /// }
    ///
    /// let query = Goal::query().filter(|_| Attr::<Goal, String>::raw("title").like("Get%"));
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"goals":{"$":{"where":{"title":{"$like":"Get%"}}}}}"#);
    /// ```
    pub const fn raw(label: &'static str) -> Attr<E, V, UniqueIndexed> {
        Attr::new(label)
    }
}

impl<E, V, K> Attr<E, V, K> {
    #[doc(hidden)]
    pub const fn new(label: &'static str) -> Self {
        Self { label, types: PhantomData }
    }

    /// The attribute's name on the wire.
    pub const fn label(&self) -> &'static str {
        self.label
    }

    fn test(self, test: impl FnOnce(Value) -> Test, operand: Result<Value, BuildError>) -> Cond<E> {
        Cond::test(self.label, operand.map(test).map_err(|error| error.within(self.label)))
    }

    /// The value equals `value`.
    pub fn eq(self, value: impl Operand<V>) -> Cond<E> {
        self.test(Test::Equals, value.into_value())
    }

    /// The value differs from `value`, or there is none.
    pub fn ne(self, value: impl Operand<V>) -> Cond<E> {
        self.test(Test::Not, value.into_value())
    }

    /// The value equals one of `values`; of no values, none.
    pub fn one_of<T: Operand<V>>(self, values: impl IntoIterator<Item = T>) -> Cond<E> {
        let values = values.into_iter().map(T::into_value).collect::<Result<Vec<_>, _>>();
        Cond::test(self.label, values.map(Test::In).map_err(|error| error.within(self.label)))
    }

    /// There is no value.
    pub fn is_null(self) -> Cond<E> {
        Cond::test(self.label, Ok(Test::IsNull(true)))
    }

    /// There is a value.
    pub fn is_not_null(self) -> Cond<E> {
        Cond::test(self.label, Ok(Test::IsNull(false)))
    }

    /// The value is greater than `value`.
    pub fn gt(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Test::Gt, value.into_value())
    }

    /// The value is at least `value`.
    pub fn gte(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Test::Gte, value.into_value())
    }

    /// The value is less than `value`. Of strings, so is none at all.
    pub fn lt(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Test::Lt, value.into_value())
    }

    /// The value is at most `value`. Of strings, so is none at all.
    pub fn lte(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Test::Lte, value.into_value())
    }

    /// The text matches `pattern`: `%` stands for any run of characters, `_` for one, a backslash escapes.
    pub fn like(self, pattern: &str) -> Cond<E>
    where
        K: IsIndexed<E>,
        V: Text,
    {
        self.test(Test::Like, Ok(pattern.into()))
    }

    /// The text matches `pattern` as for [`like`](Self::like), whatever the case.
    pub fn ilike(self, pattern: &str) -> Cond<E>
    where
        K: IsIndexed<E>,
        V: Text,
    {
        self.test(Test::ILike, Ok(pattern.into()))
    }

    /// Orders by this attribute, lowest first; entities without a value come first.
    pub fn asc(self) -> Order<E>
    where
        K: IsIndexed<E>,
        V: Ordered,
    {
        Order::new(self.label, Direction::Asc)
    }

    /// Orders by this attribute, highest first; entities without a value come last.
    pub fn desc(self) -> Order<E>
    where
        K: IsIndexed<E>,
        V: Ordered,
    {
        Order::new(self.label, Direction::Desc)
    }

    /// Names the entity that has `value` here.
    ///
    /// As the target of a write, a lookup that finds nothing **creates** an entity with that value, unless the write
    /// is `strict()`.
    pub fn lookup(self, value: impl Operand<V>) -> Lookup<E>
    where
        K: IsUnique<E>,
    {
        Lookup::new(self.label, value.into_value().map_err(|error| error.within(self.label)))
    }
}

impl<E: Entity, K> Attr<E, Id<E>, K> {
    /// The id begins with `prefix`.
    pub fn id_starts_with(self, prefix: &str) -> Cond<E> {
        Cond::test("$entityIdStartsWith", Ok(Test::Equals(prefix.into())))
    }
}

/// By what rows are ordered, and which way.
pub struct Order<E> {
    pub(crate) label: &'static str,
    pub(crate) direction: Direction,
    entity: PhantomData<fn() -> E>,
}

impl<E> Order<E> {
    fn new(label: &'static str, direction: Direction) -> Self {
        Self { label, direction, entity: PhantomData }
    }

    /// In the order of creation, which is the default.
    pub fn oldest_first() -> Self {
        Self::new("serverCreatedAt", Direction::Asc)
    }

    /// The last created comes first.
    pub fn newest_first() -> Self {
        Self::new("serverCreatedAt", Direction::Desc)
    }
}

// Written by hand, because derived ones would ask the same of the parameters.
impl<E, V, K> Clone for Attr<E, V, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, V, K> Copy for Attr<E, V, K> {}

impl<E, V, K> fmt::Debug for Attr<E, V, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label)
    }
}

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

/// Makes sure that a type can be an attribute's; the derive calls it at the field's type.
#[doc(hidden)]
pub const fn is_attr_value<T: AttrValue>() {}

/// Makes sure that a type can be a unique or indexed attribute's.
#[doc(hidden)]
pub const fn is_scalar<T: Ordered>() {}
