//! What the derive makes of a struct: an [`Entity`], with queries and writes as methods of the trait, so that nothing
//! collides with the struct's own.

use instant_core::{Value, json::Reader};

use crate::{
    DecodeError,
    attr::Attr,
    decode::Decode,
    link::{Link, LinkType},
    query::{Plan, Query},
    schema::EntitySchema,
    value::IsJson,
    write::{Create, Delete, NewEntity, Target, Targets, Update, Values},
};

/// A struct that is a namespace of Instant. `#[derive(InstantEntity)]` implements it.
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
    /// The namespace.
    const NAMESPACE: &'static str;

    /// Handles to attributes and links: `GoalFields`. Each handle is `Copy`.
    type Fields: 'static;

    /// The handles.
    const FIELDS: Self::Fields;

    /// What a query's rows are without `include`: `GoalRow`.
    type Row: Decode;

    /// What is required of a new one: `NewGoal`.
    type New;

    /// What the struct declares.
    const SCHEMA: EntitySchema;

    /// Tells every attribute but `id`.
    #[doc(hidden)]
    fn fill(&self, values: &mut Values);

    /// A query for all entities, to be narrowed down.
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

    /// A new entity with an id of its own.
    ///
    /// The transaction fails if an entity with that id exists.
    ///
    /// ```
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let ada = User::create(NewUser {}).set(|u| u.email, "ada@example.com");
    /// let id = ada.id();
    /// assert_eq!(ada.to_json().unwrap().to_string(), format!(r#"[["create","$users","{id}",{{"email":"ada@example.com"}}]]"#));
    /// ```
    fn create(new: impl Into<Self::New>) -> Create<Self>
    where
        Self::New: NewEntity<Self>,
    {
        Create::of(new.into())
    }

    /// Changes an entity; one that does not exist is created, unless the write is `strict()`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::update(id).set(|u| u.r#type, "user");
    /// assert_eq!(write.to_json().unwrap().to_string(), format!(r#"[["update","$users","{id}",{{"type":"user"}}]]"#));
    /// ```
    fn update(target: impl Target<Self>) -> Update<Self> {
        Update::to(&target, true)
    }

    /// Merges `value` deeply into a JSON attribute: objects key by key, where null removes the key.
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
    /// assert_eq!(write.to_json().unwrap().to_string(), format!(r#"[["merge","todos","{id}",{{"meta":{{"a":{{"b":1}}}}}}]]"#));
    /// ```
    fn merge<V: IsJson, K>(
        target: impl Target<Self>,
        attr: impl FnOnce(&Self::Fields) -> Attr<Self, V, K>,
        value: impl Into<Value>,
    ) -> Update<Self> {
        Update::to(&target, false).merge(attr, value)
    }

    /// Writes every attribute of an entity, and creates it if it does not exist. Links stay as they are.
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

    /// Deletes an entity, its links, and what cascades. One that does not exist is no error.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::delete(id);
    /// assert_eq!(write.to_json().unwrap().to_string(), format!(r#"[["delete","$users","{id}"]]"#));
    /// ```
    fn delete(target: impl Target<Self>) -> Delete<Self> {
        Delete::of(&target)
    }

    /// Links an entity with others: one id, a row, a lookup, or many of them.
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
        link: impl FnOnce(&Self::Fields) -> Link<L>,
        to: impl Targets<L::Target, M>,
    ) -> Update<Self> {
        Update::to(&target, false).link(link, to)
    }

    /// Removes links to just these entities.
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
        link: impl FnOnce(&Self::Fields) -> Link<L>,
        from: impl Targets<L::Target, M>,
    ) -> Update<Self> {
        Update::to(&target, false).unlink(link, from)
    }

    /// Decodes an entity from the JSON of one object; links in it are ignored.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let json = r#"{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": "ada@example.com"}"#;
    /// assert_eq!(User::decode_json(json).unwrap().email.as_deref(), Some("ada@example.com"));
    /// let wrong = User::decode_json(r#"{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}"#).unwrap_err();
    /// assert_eq!(wrong.to_string(), "email: expected a string, found 7");
    /// ```
    ///
    /// # Errors
    ///
    /// When a value does not fit its Rust type, or the `id` is missing.
    fn decode_json(json: &str) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(json);
        let entity = <Self as Decode>::decode(&mut reader, Plan::empty())?;
        reader.end()?;
        entity.ok_or_else(|| DecodeError::new("the object has no `id`"))
    }
}
