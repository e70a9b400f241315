//! The [`Entity`] trait. Queries and writes are methods of the trait, so that they do not collide
//! with methods of the user's struct.

use instant_core::{Value, json::Reader};

use crate::{
    DecodeError,
    attr::Attr,
    decode::Decode,
    link::{LinkHandle, LinkType},
    query::{Plan, Query},
    schema::EntitySchema,
    value::IsJson,
    write::{Create, Delete, NewEntity, Target, Targets, Update, Values},
};

/// A struct that represents a namespace of Instant. Implemented by `#[derive(InstantEntity)]`; the
/// trait has hidden items, so do not implement it by hand.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(indexed)]
///     title: String,
/// }
///
/// fn newest<E: Entity>() -> Query<E> {
///     E::query().order(|_| Order::newest_first()).limit(10)
/// }
/// assert_eq!(Goal::NAMESPACE, "goals");
/// let goals = newest::<Goal>().filter(|g| g.title.like("Get%"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an Instant entity",
    label = "not an entity",
    note = "add `#[derive(InstantEntity)]` to `{Self}`"
)]
pub trait Entity: Decode + Target<Self> + 'static {
    /// The namespace, such as `goals`.
    const NAMESPACE: &'static str;

    /// The struct of handles to attributes and links: `GoalFields`. Each handle is `Copy`.
    type Fields: 'static;

    /// The handles to the attributes and links.
    const FIELDS: Self::Fields;

    /// The handles, for references that outlive a call.
    #[doc(hidden)]
    const HANDLES: &'static Self::Fields;

    /// The type of a query's rows before any `include`: `GoalRow`.
    type Row: Decode;

    /// The required attributes and links of a new entity: `NewGoal`.
    type New;

    /// The declared schema.
    const SCHEMA: EntitySchema;

    /// Adds every attribute except `id` to `values`.
    #[doc(hidden)]
    fn fill(&self, values: &mut Values);

    /// Creates a query that matches all entities of the namespace.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().limit(10);
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"$":{"limit":10}}}"#);
    /// ```
    fn query() -> Query<Self> {
        Query::new()
    }

    /// Creates an entity with a new random id.
    ///
    /// The transaction fails if an entity with that id exists.
    ///
    /// ```
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let ada = User::create(NewUser {}).set(|u| u.email, "ada@example.com");
    /// let id = ada.id();
    /// assert_eq!(
    ///     ada.to_json().unwrap().to_string(),
    ///     format!(r#"[["create","$users","{id}",{{"email":"ada@example.com"}}]]"#)
    /// );
    /// ```
    fn create(new: impl Into<Self::New>) -> Create<Self>
    where
        Self::New: NewEntity<Self>,
    {
        Create::of(new.into())
    }

    /// Updates an entity. If it does not exist, it is created, unless the write is `strict()`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::update(id).set(|u| u.r#type, "user");
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["update","$users","{id}",{{"type":"user"}}]]"#)
    /// );
    /// ```
    fn update(target: impl Target<Self>) -> Update<Self> {
        Update::to(&target, true)
    }

    /// Merges `value` deeply into a JSON attribute: objects are merged key by key, and null removes
    /// a key.
    ///
    /// ```
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "todos")]
    /// struct Todo {
    ///     id: Id<Todo>,
    ///     meta: Option<serde_json::Value>,
    /// }
    ///
    /// let id = Id::new();
    /// let write = Todo::merge(id, |t| t.meta, json!({"a": {"b": 1}}));
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["merge","todos","{id}",{{"meta":{{"a":{{"b":1}}}}}}]]"#)
    /// );
    /// ```
    fn merge<V: IsJson, K>(
        target: impl Target<Self>,
        attr: impl FnOnce(&Self::Fields) -> Attr<Self, V, K>,
        value: impl Into<Value>,
    ) -> Update<Self> {
        Update::to(&target, false).merge(attr, value)
    }

    /// Replaces all attributes of an entity, and creates the entity if it does not exist. Links are
    /// not changed.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let mut ada = User::decode_json(r#"{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10"}"#).unwrap();
    /// ada.image_url = Some("ada.png".to_owned());
    /// assert_eq!(
    ///     User::put(&ada).to_json().unwrap().to_string(),
    ///     r#"[["update","$users","a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10",{"email":null,"type":null,"imageURL":"ada.png"}]]"#
    /// );
    /// ```
    fn put(entity: &Self) -> Update<Self> {
        Update::put(entity)
    }

    /// Deletes an entity with its links and everything that cascades. Deleting an entity that does
    /// not exist is not an error.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::delete(id);
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["delete","$users","{id}"]]"#)
    /// );
    /// ```
    fn delete(target: impl Target<Self>) -> Delete<Self> {
        Delete::of(&target)
    }

    /// Links an entity to other entities: one or several ids, rows or lookups.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let (id, guest) = (Id::new(), Id::new());
    /// let write = User::link(id, |u| u.linked_guest_users, guest);
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["link","$users","{id}",{{"linkedGuestUsers":"{guest}"}}]]"#)
    /// );
    /// ```
    fn link<L: LinkType<Owner = Self>, M>(
        target: impl Target<Self>,
        link: impl FnOnce(&Self::Fields) -> LinkHandle<L>,
        to: impl Targets<L::Target, M>,
    ) -> Update<Self> {
        Update::to(&target, false).link(link, to)
    }

    /// Removes the links to the given entities.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let (id, guest) = (Id::new(), Id::new());
    /// let write = User::unlink(id, |u| u.linked_guest_users, guest);
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["unlink","$users","{id}",{{"linkedGuestUsers":"{guest}"}}]]"#)
    /// );
    /// ```
    fn unlink<L: LinkType<Owner = Self>, M>(
        target: impl Target<Self>,
        link: impl FnOnce(&Self::Fields) -> LinkHandle<L>,
        from: impl Targets<L::Target, M>,
    ) -> Update<Self> {
        Update::to(&target, false).unlink(link, from)
    }

    /// Decodes an entity from the JSON of one object and ignores the links in it.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let json = r#"{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": "ada@example.com"}"#;
    /// assert_eq!(User::decode_json(json).unwrap().email.as_deref(), Some("ada@example.com"));
    /// let wrong = User::decode_json(r#"{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}"#).unwrap_err();
    /// assert_eq!((wrong.path(), wrong.message()), ("email".to_owned(), "expected a string, found 7"));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a value does not fit its Rust type or the `id` is missing.
    fn decode_json(json: &str) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(json);
        let entity = <Self as Decode>::decode(&mut reader, Plan::empty())
            .map_err(|error| error.in_entity(Reader::new(json), Self::NAMESPACE))?;
        reader.end()?;
        entity.ok_or_else(|| DecodeError::new("the object has no `id`"))
    }
}
