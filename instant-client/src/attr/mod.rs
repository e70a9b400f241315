//! Handles to attributes: `g.title` in a closure, `Goal::FIELDS.title` elsewhere.

mod kind;
mod operators;
mod order;

use std::{fmt, marker::PhantomData};

use instant_core::{
    Id, Value,
    query::{Direction, Predicate},
};

pub(crate) use kind::AttrKind;
pub use kind::{Indexed, IsIndexed, IsUnique, Plain, Unique, UniqueIndexed};
pub use order::{Order, OrderOf};

use crate::{
    BuildError,
    decode::slot::{AttrCodec, AttrSlot},
    entity::Entity,
    filter::Cond,
    schema::AttrSchema,
    value::{AttrValue, Operand, Ordered, Text},
    write::{AttrWithValue, Lookup},
};

/// A handle to an attribute of entity `E` with Rust type `V`. It builds conditions, orders and
/// lookups. `K` tells whether the attribute is indexed and unique: [`Plain`], [`Indexed`],
/// [`Unique`] or [`UniqueIndexed`].
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// assert_eq!(User::FIELDS.image_url.label(), "imageURL");
/// let query = User::query().filter(|u| u.image_url.is_not_null()).select(|u| (u.id, u.email));
/// ```
pub struct Attr<E, V, K = Plain> {
    at: AttrCodec<V>,
    types: Marker<(E, V, K)>,
}

/// A zero-sized marker for type parameters that a struct does not store.
pub(crate) type Marker<T> = PhantomData<fn() -> T>;

impl<E, V: AttrValue> Attr<E, V> {
    /// Creates a handle to an attribute that the struct does not declare. The handle allows
    /// everything that an indexed and unique attribute allows; the server checks it.
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
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"goals":{"$":{"where":{"title":{"$like":"Get%"}}}}}"#
    /// );
    /// ```
    pub const fn raw(label: &'static str) -> Attr<E, V, UniqueIndexed> {
        Attr::new(label)
    }
}

/// For the derive. Only `new` has a bound on the type, so that rustc reports an unsuitable type
/// once, at the field.
#[doc(hidden)]
impl<E, V, K> Attr<E, V, K> {
    pub const fn new(label: &'static str) -> Self
    where
        V: AttrValue,
        K: AttrKind,
    {
        Self { at: AttrCodec::new(AttrSchema::of::<V, K>(label)), types: PhantomData }
    }

    pub const fn def(self) -> AttrSchema {
        self.at.schema
    }

    /// Pairs the attribute with a value, which is written later.
    pub fn of(self, value: &V) -> AttrWithValue<'_, V> {
        AttrWithValue { codec: self.at, value }
    }

    #[inline]
    pub fn slot(self) -> AttrSlot<V> {
        AttrSlot::of(self.at)
    }
}

impl<E, V, K> Attr<E, V, K> {
    /// Returns the attribute's name on the wire.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// assert_eq!(User::FIELDS.image_url.label(), "imageURL");
    /// ```
    pub const fn label(&self) -> &'static str {
        self.at.schema.label
    }

    fn test(self, test: impl FnOnce(Value) -> Predicate, operand: Result<Value, BuildError>) -> Cond<E> {
        Cond::test(self.label(), operand.map(test).map_err(|error| error.within(self.label())))
    }

    /// Matches entities whose value equals `value`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.eq("ada@example.com"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":"ada@example.com"}}}}"#
    /// );
    /// ```
    pub fn eq(self, value: impl Operand<V>) -> Cond<E> {
        self.test(Predicate::Equals, value.into_value())
    }

    /// Matches entities whose value differs from `value` or is missing.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.r#type.ne("guest"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"type":{"$ne":"guest"}}}}}"#
    /// );
    /// ```
    pub fn ne(self, value: impl Operand<V>) -> Cond<E> {
        self.test(Predicate::Not, value.into_value())
    }

    /// Matches entities whose value equals one of `values`. An empty list matches no entity.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.r#type.one_of(["user", "guest"]));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"type":{"$in":["user","guest"]}}}}}"#
    /// );
    /// ```
    #[doc(alias = "in_list")]
    #[doc(alias = "is_in")]
    pub fn one_of<T: Operand<V>>(self, values: impl IntoIterator<Item = T>) -> Cond<E> {
        let values = values.into_iter().map(T::into_value).collect::<Result<Vec<_>, _>>();
        Cond::test(self.label(), values.map(Predicate::In).map_err(|error| error.within(self.label())))
    }

    /// Matches entities without a value.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.is_null());
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$isNull":true}}}}}"#
    /// );
    /// ```
    pub fn is_null(self) -> Cond<E> {
        Cond::test(self.label(), Ok(Predicate::IsNull(true)))
    }

    /// Matches entities with a value.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.is_not_null());
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$isNull":false}}}}}"#
    /// );
    /// ```
    pub fn is_not_null(self) -> Cond<E> {
        Cond::test(self.label(), Ok(Predicate::IsNull(false)))
    }

    /// Matches values greater than `value`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.gt("m"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$gt":"m"}}}}}"#
    /// );
    /// ```
    pub fn gt(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Predicate::Gt, value.into_value())
    }

    /// Matches values greater than or equal to `value`. For values between two bounds, write
    /// `x.gte(low).and(x.lte(high))`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.gte("m"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$gte":"m"}}}}}"#
    /// );
    /// ```
    #[doc(alias = "between")]
    pub fn gte(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Predicate::Gte, value.into_value())
    }

    /// Matches values less than `value`. For strings, a missing value also matches.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.lt("m"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$lt":"m"}}}}}"#
    /// );
    /// ```
    pub fn lt(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Predicate::Lt, value.into_value())
    }

    /// Matches values less than or equal to `value`. For strings, a missing value also matches.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.lte("m"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$lte":"m"}}}}}"#
    /// );
    /// ```
    pub fn lte(self, value: impl Operand<V>) -> Cond<E>
    where
        K: IsIndexed<E>,
    {
        self.test(Predicate::Lte, value.into_value())
    }

    /// Matches strings against `pattern`, in which `%` stands for any number of characters and `_`
    /// for one. A backslash escapes either.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.like("%@example.com"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$like":"%@example.com"}}}}}"#
    /// );
    /// ```
    #[doc(alias = "contains")]
    #[doc(alias = "starts_with")]
    #[doc(alias = "ends_with")]
    pub fn like(self, pattern: &str) -> Cond<E>
    where
        V: Text<E, K>,
    {
        self.test(Predicate::Like, Ok(pattern.into()))
    }

    /// Matches strings against `pattern` like [`like`](Self::like), but ignores case.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.ilike("ADA%"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$ilike":"ADA%"}}}}}"#
    /// );
    /// ```
    pub fn ilike(self, pattern: &str) -> Cond<E>
    where
        V: Text<E, K>,
    {
        self.test(Predicate::ILike, Ok(pattern.into()))
    }

    /// Orders by this attribute in ascending order. Entities without a value come first.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().order(|u| u.email.asc());
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"order":{"email":"asc"}}}}"#
    /// );
    /// ```
    pub fn asc(self) -> Order<E>
    where
        K: IsIndexed<E>,
        V: Ordered,
    {
        Order::new(self.label(), Direction::Asc)
    }

    /// Orders by this attribute in descending order. Entities without a value come last.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().order(|u| u.email.desc());
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"order":{"email":"desc"}}}}"#
    /// );
    /// ```
    pub fn desc(self) -> Order<E>
    where
        K: IsIndexed<E>,
        V: Ordered,
    {
        Order::new(self.label(), Direction::Desc)
    }

    /// Creates a lookup of the entity whose value equals `value`.
    ///
    /// When the target of a write is a lookup that finds no entity, the write **creates** an entity
    /// with that value, unless it is `strict()`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let ada = User::FIELDS.email.lookup("ada@example.com");
    /// let write = User::update(ada).set(|u| u.image_url, "https://example.com/ada.png");
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     r#"[["update","$users",["email","ada@example.com"],{"imageURL":"https://example.com/ada.png"}]]"#
    /// );
    /// ```
    pub fn lookup(self, value: impl Operand<V>) -> Lookup<E>
    where
        K: IsUnique<E>,
    {
        Lookup::new(self.label(), value.into_value().map_err(|error| error.within(self.label())))
    }
}

impl<E: Entity, K> Attr<E, Id<E>, K> {
    /// Matches entities whose id starts with `prefix`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.id.id_starts_with("00a8"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"$entityIdStartsWith":"00a8"}}}}"#
    /// );
    /// ```
    pub fn id_starts_with(self, prefix: &str) -> Cond<E> {
        Cond::test("$entityIdStartsWith", Ok(Predicate::Equals(prefix.into())))
    }
}

// Implemented by hand: the derives would add bounds on the type parameters.
impl<E, V, K> Clone for Attr<E, V, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, V, K> Copy for Attr<E, V, K> {}

impl<E, V, K> fmt::Debug for Attr<E, V, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}
