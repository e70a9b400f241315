//! Writes: `Goal::create(..)`, `Goal::update(..)`, `Goal::delete(..)`, and transactions of them.

mod delete;
mod draft;
mod new_entity;
mod steps;
mod target;
mod transaction;
mod values;

use std::{fmt, marker::PhantomData};

use instant_core::{
    Id, Object, Value,
    steps::{EntityRef, UpdateMode},
};

pub use delete::Delete;
pub(crate) use draft::{Action, Draft};
pub use new_entity::{NewEntity, NotCreated};
pub use target::{Lookup, ManyTargets, OneTarget, Target, TargetName, Targets};
pub use transaction::Transaction;
pub use values::{AddTo, AttrWithValue, Values};

use crate::{
    attr::Attr,
    entity::Entity,
    link::{LinkHandle, LinkType},
    value::{Assign, IsJson, IsOptional},
};

/// The creation of one entity.
///
/// ```
/// use instant_client::{NewUser, User, prelude::*, write::Create};
///
/// fn ada() -> Create<User> {
///     User::create(NewUser {}).set(|u| u.email, "ada@example.com")
/// }
/// ```
pub type Create<E> = Write<E, Creating<E>>;

/// The update of one entity.
///
/// ```
/// use instant_client::{User, prelude::*, write::Update};
///
/// fn show(id: Id<User>, picture: &str) -> Update<User> {
///     User::update(id).set(|u| u.image_url, picture)
/// }
/// ```
pub type Update<E> = Write<E, Updating>;

/// A write to one entity. Its steps stay together in a transaction.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     title: String,
///     #[instant(unique)]
///     slug: String,
///     note: Option<String>,
/// }
///
/// let goal = Goal::create(NewGoal { title: "Get fit".into(), slug: "fit".into() }).set(|g| g.note, "soon");
/// let id = goal.id();
/// assert_eq!(
///     goal.to_json().unwrap().to_string(),
///     format!(r#"[["create","goals","{id}",{{"title":"Get fit","slug":"fit","note":"soon"}}]]"#)
/// );
/// let rename = Goal::update(Goal::FIELDS.slug.lookup("fit")).set(|g| g.title, "Get fitter").strict();
/// assert_eq!(
///     rename.to_json().unwrap().to_string(),
///     r#"[["update","goals",["slug","fit"],{"title":"Get fitter"},{"upsert":false}]]"#
/// );
/// ```
#[must_use = "a write does nothing until a client transacts it"]
pub struct Write<E, K> {
    draft: Draft,
    kind: K,
    entity: PhantomData<fn() -> E>,
}

/// Marks a [`Create`] and holds the new id.
#[derive(Debug)]
pub struct Creating<E>(Id<E>);

/// Marks an [`Update`].
#[derive(Debug, Clone, Copy)]
pub struct Updating;

/// The marker of a write that can be `strict()`: an [`Update`].
///
/// ```
/// use instant_client::{prelude::*, write::{CanBeStrict, Write}};
///
/// fn only_existing<E: Entity, K: CanBeStrict<E>>(write: Write<E, K>) -> Write<E, K> {
///     write.strict()
/// }
/// let write = only_existing(instant_client::User::update(Id::new()));
/// ```
#[diagnostic::on_unimplemented(
    message = "the creation of a `{E}` cannot be `strict()`",
    label = "not an update",
    note = "`create` always fails if the entity exists; `strict()` is for updates, and makes them fail if it does not exist"
)]
pub trait CanBeStrict<E>: sealed::Sealed {}

impl<E> CanBeStrict<E> for Updating {}

impl<E: Entity> Create<E> {
    pub(crate) fn of(new: E::New) -> Self
    where
        E::New: NewEntity<E>,
    {
        let id = Id::new();
        let target = Target::<E>::name(&id);
        let mut draft = Draft::new(E::NAMESPACE, target, Action::Create);
        let mut values = Values::default();
        new.fill(&mut values);
        values.move_to(&mut draft);
        Self { draft, kind: Creating(id), entity: PhantomData }
    }

    /// Returns the id of the new entity, for other steps of the transaction.
    ///
    /// ```
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let bob = User::create(NewUser {});
    /// let ada = User::create(NewUser {}).link(|u| u.linked_guest_users, bob.id());
    /// let both = (bob, ada);
    /// ```
    pub fn id(&self) -> Id<E> {
        self.kind.0
    }

    /// Sets the id of the new entity, such as a deterministic one from [`Id::v5`].
    ///
    /// ```
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let id = Id::v5(&Uuid::NAMESPACE_URL, "https://example.com/ada");
    /// assert_eq!(User::create(NewUser {}).with_id(id).id(), id);
    /// ```
    pub fn with_id(mut self, id: Id<E>) -> Self {
        self.kind.0 = id;
        self.draft.target = Some(EntityRef::Id(*id.as_uuid()));
        self
    }
}

impl<E: Entity> Update<E> {
    pub(crate) fn to(target: &impl Target<E>, itself: bool) -> Self {
        let action = if itself { Action::Update } else { Action::Touch };
        let draft = Draft::new(E::NAMESPACE, target.name(), action);
        Self { draft, kind: Updating, entity: PhantomData }
    }

    pub(crate) fn put(entity: &E) -> Self {
        let mut write = Self::to(entity, true);
        let mut values = Values::default();
        entity.fill(&mut values);
        values.move_to(&mut write.draft);
        write
    }

    /// Sets an attribute to null.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::update(id).unset(|u| u.image_url);
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["update","$users","{id}",{{"imageURL":null}}]]"#)
    /// );
    /// ```
    pub fn unset<V: IsOptional, K>(mut self, attr: impl FnOnce(&E::Fields) -> Attr<E, V, K>) -> Self {
        self.draft.set(attr(&E::FIELDS).label(), Ok(Value::Null));
        self
    }

    /// Merges `value` deeply into a JSON attribute: objects are merged key by key, and null removes
    /// a key.
    ///
    /// In a [`Json<T>`](crate::value::Json), a member of the wrong type is an error when the write is
    /// built. The client does not know the stored value, so it cannot find a member that is removed
    /// although `T` needs it, one that is missing in a new object, or one that `T` ignores.
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
    /// let write = Todo::update(id).merge(|t| t.meta, json!({"a": {"b": 1}}));
    /// let json = write.to_json().unwrap().to_string();
    /// assert!(json.contains(&format!(r#"["merge","todos","{id}",{{"meta":{{"a":{{"b":1}}}}}}]"#)));
    /// ```
    pub fn merge<V: IsJson, K>(
        mut self,
        attr: impl FnOnce(&E::Fields) -> Attr<E, V, K>,
        value: impl Into<Value>,
    ) -> Self {
        let (label, value) = (attr(&E::FIELDS).label(), value.into());
        if let Err(error) = V::check_merge(&value) {
            self.draft.fail(error.within(label));
        }
        self.draft.merges.push((label, value));
        self
    }

    /// Merges `value` at a path within a JSON attribute: `.merge_at(|t| t.meta, ["a", "b"], 1)`
    /// sets `meta.a.b`.
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
    /// let write = Todo::update(id).merge_at(|t| t.meta, ["a", "b"], 1);
    /// let json = write.to_json().unwrap().to_string();
    /// assert!(json.contains(&format!(r#"["merge","todos","{id}",{{"meta":{{"a":{{"b":1}}}}}}]"#)));
    /// ```
    pub fn merge_at<V: IsJson, K>(
        self,
        attr: impl FnOnce(&E::Fields) -> Attr<E, V, K>,
        path: impl IntoIterator<Item = impl Into<String>, IntoIter: DoubleEndedIterator>,
        value: impl Into<Value>,
    ) -> Self {
        let nest = |value: Value, key| Object::from_iter([(key, value)]).into();
        let value = path.into_iter().rev().map(Into::into).fold(value.into(), nest);
        self.merge(attr, value)
    }

    /// Removes the links to the given entities.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let (id, guest) = (Id::new(), Id::new());
    /// let write = User::update(id).unlink(|u| u.linked_guest_users, guest);
    /// let json = write.to_json().unwrap().to_string();
    /// assert!(json.contains(&format!(r#"["unlink","$users","{id}",{{"linkedGuestUsers":"{guest}"}}]"#)), "{json}");
    /// ```
    pub fn unlink<L: LinkType<Owner = E>, M>(
        mut self,
        link: impl FnOnce(&E::Fields) -> LinkHandle<L>,
        from: impl Targets<L::Target, M>,
    ) -> Self {
        let edges = self.draft.edges(link(&E::FIELDS).label(), from);
        self.draft.unlinks.push(edges);
        self
    }
}

/// The argument of [`Write::set`]: an attribute of `E`.
///
/// ```
/// use instant_client::{User, prelude::*, value::Assign, write::{AttrOf, Update}};
///
/// fn set<A: AttrOf<User>>(id: Id<User>, attr: A, value: impl Assign<A::Value>) -> Update<User> {
///     User::update(id).set(|_| attr, value)
/// }
/// let write = set(Id::new(), User::FIELDS.email, "ada@example.com");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an attribute of `{E}`",
    label = "expected an attribute of `{E}`, such as `|e| e.title`",
    note = "to change a link, write `.link(|e| e.owner, id)` or `.unlink(|e| e.owner, id)` instead of `.set(..)`",
    note = "to change an attribute of a linked entity, update that entity"
)]
pub trait AttrOf<E> {
    /// The type of the attribute.
    type Value;

    /// Returns the name on the wire.
    #[doc(hidden)]
    fn label(&self) -> &'static str;
}

impl<E, V, K> AttrOf<E> for Attr<E, V, K> {
    type Value = V;

    fn label(&self) -> &'static str {
        self.label()
    }
}

impl<E: Entity, K> Write<E, K> {
    /// Sets an attribute.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::update(id).set(|u| u.image_url, "ada.png");
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["update","$users","{id}",{{"imageURL":"ada.png"}}]]"#)
    /// );
    /// ```
    pub fn set<A: AttrOf<E>>(
        mut self,
        attr: impl FnOnce(&E::Fields) -> A,
        value: impl Assign<A::Value>,
    ) -> Self {
        self.draft.set(attr(&E::FIELDS).label(), value.into_value());
        self
    }

    /// Links to other entities: one or several ids, rows or lookups. A to-one link is replaced.
    ///
    /// A lookup given as the other entity must find one if this is the forward end of the link. At
    /// the reverse end, Instant stores a link from an entity that does not exist.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let write = User::update(Id::new()).link(|u| u.linked_guest_users, [Id::new(), Id::new()]);
    /// ```
    pub fn link<L: LinkType<Owner = E>, M>(
        mut self,
        link: impl FnOnce(&E::Fields) -> LinkHandle<L>,
        to: impl Targets<L::Target, M>,
    ) -> Self {
        let edges = self.draft.edges(link(&E::FIELDS).label(), to);
        self.draft.links.push(edges);
        self
    }

    /// Makes the transaction fail if the entity does not exist. Applies to attributes, not to
    /// links.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let id = Id::new();
    /// let write = User::update(id).set(|u| u.image_url, "ada.png").strict();
    /// assert_eq!(
    ///     write.to_json().unwrap().to_string(),
    ///     format!(r#"[["update","$users","{id}",{{"imageURL":"ada.png"}},{{"upsert":false}}]]"#)
    /// );
    /// ```
    pub fn strict(mut self) -> Self
    where
        K: CanBeStrict<E>,
    {
        self.draft.mode = UpdateMode::Strict;
        self
    }

    /// Sets values that permission rules can read as `ruleParams` for this entity. Rules do not
    /// apply to admins.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let write = User::update(Id::new()).set(|u| u.image_url, "ada.png").rule_params(json!({"code": "7"}));
    /// ```
    pub fn rule_params(mut self, params: impl Into<Value>) -> Self {
        self.draft.rule_params(params.into());
        self
    }
}

impl<E, K> fmt::Debug for Write<E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draft.fmt(f)
    }
}

impl<E, K: Clone> Clone for Write<E, K> {
    fn clone(&self) -> Self {
        Self { draft: self.draft.clone(), kind: self.kind.clone(), entity: PhantomData }
    }
}

impl<E> Clone for Creating<E> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Updating {}
}
