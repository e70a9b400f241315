//! The target of a write, and the targets of its links.

use std::{fmt, marker::PhantomData};

use instant_core::{
    Id, Uuid, Value,
    steps::{self, EntityRef},
};

use crate::BuildError;

/// A value that identifies one entity: an id, an entity, a row, or a [`Lookup`].
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// // An id, an entity, a row and a lookup name an entity.
/// let ada = User::decode_json(r#"{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10"}"#).unwrap();
/// let same = [User::delete(ada.id), User::delete(&ada), User::delete(User::FIELDS.id.lookup(ada.id))];
/// assert!(same.map(|write| write.to_json().unwrap()).windows(2).all(|pair| pair[0] == pair[1]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a `{E}`",
    label = "expected an `Id<{E}>`, a `&{E}`, a row, or a lookup by a unique attribute",
    note = "`{E}::FIELDS.name.lookup(value)` identifies a `{E}`, where `name` is marked `#[instant(unique)]`"
)]
pub trait Target<E> {
    /// Returns the identification.
    #[doc(hidden)]
    fn name(&self) -> Result<TargetName, BuildError>;
}

/// The identification of an entity: an id, or a unique attribute and its value.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub enum TargetName {
    Id(Uuid),
    Lookup(&'static str, Value),
}

impl TargetName {
    /// Returns the id or the value of the lookup.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Id(id) => id.to_string().into(),
            Self::Lookup(_, value) => value,
        }
    }

    pub(crate) fn into_ref(self) -> EntityRef {
        match self {
            Self::Id(id) => EntityRef::Id(id),
            Self::Lookup(label, value) => EntityRef::Lookup(steps::Lookup { attr: label.to_owned(), value }),
        }
    }
}

impl<E> Target<E> for Id<E> {
    fn name(&self) -> Result<TargetName, BuildError> {
        Ok(TargetName::Id(*self.as_uuid()))
    }
}

/// A second candidate for the entity of an id. It stops rustc from inferring the target of a link
/// from the id, which would hide the teaching message for a wrong id.
#[doc(hidden)]
#[derive(Debug)]
pub struct AmbiguousEntity<E>(PhantomData<fn() -> E>);

impl<E> Target<AmbiguousEntity<E>> for Id<E> {
    fn name(&self) -> Result<TargetName, BuildError> {
        Target::<E>::name(self)
    }
}

impl<E> Target<AmbiguousEntity<E>> for Lookup<E> {
    fn name(&self) -> Result<TargetName, BuildError> {
        Target::<E>::name(self)
    }
}

impl<E, T: Target<E> + ?Sized> Target<E> for &T {
    fn name(&self) -> Result<TargetName, BuildError> {
        (**self).name()
    }
}

/// Identifies an entity by the value of a unique attribute: `Goal::FIELDS.slug.lookup("fit")`.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let ada = User::FIELDS.email.lookup("ada@example.com");
/// let query = User::query().filter(|u| u.linked_primary_user.is(ada.clone()));
/// let write = User::delete(ada);
/// ```
pub struct Lookup<E> {
    name: Result<TargetName, BuildError>,
    entity: PhantomData<fn() -> E>,
}

impl<E> Lookup<E> {
    pub(crate) fn new(label: &'static str, value: Result<Value, BuildError>) -> Self {
        let name = value.map(|value| match value.as_str().map(str::parse::<Id<E>>) {
            // The server rejects the creation of an entity by a lookup of its id; the id itself is
            // equivalent.
            Some(Ok(id)) if label == "id" => TargetName::Id(id.into()),
            _ => TargetName::Lookup(label, value),
        });
        Self { name, entity: PhantomData }
    }
}

impl<E> Target<E> for Lookup<E> {
    fn name(&self) -> Result<TargetName, BuildError> {
        self.name.clone()
    }
}

impl<E> Clone for Lookup<E> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for Lookup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// The entities that a write links to: one [`Target`], or an array, a `Vec` or an iterator of them.
/// `M` is inferred: [`OneTarget`] or [`ManyTargets`].
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let (a, b) = (Id::new(), Id::new());
/// let one = User::update(Id::new()).link(|u| u.linked_guest_users, a);
/// let many = User::update(Id::new()).link(|u| u.linked_guest_users, [a, b]);
/// let none = User::update(Id::new()).link(|u| u.linked_guest_users, Vec::<Id<User>>::new());
/// ```
#[diagnostic::on_unimplemented(
    message = "cannot link with `{Self}`",
    label = "expected an `Id<{E}>`, a `&{E}`, a row, a lookup, or several of them",
    note = "to link several entities, pass an array, a `Vec` or an iterator, such as `[a, b]`"
)]
pub trait Targets<E, M> {
    /// Appends the entities.
    #[doc(hidden)]
    fn add_to(self, out: &mut Vec<EntityRef>) -> Result<(), BuildError>;
}

/// Marks [`Targets`] that are a single target.
#[derive(Debug)]
pub enum OneTarget {}

/// Marks [`Targets`] that are several targets.
#[derive(Debug)]
pub enum ManyTargets {}

impl<E, T: Target<E>> Targets<E, OneTarget> for T {
    fn add_to(self, out: &mut Vec<EntityRef>) -> Result<(), BuildError> {
        out.push(self.name()?.into_ref());
        Ok(())
    }
}

impl<E, I> Targets<E, ManyTargets> for I
where
    I: IntoIterator,
    I::Item: Target<E>,
{
    fn add_to(self, out: &mut Vec<EntityRef>) -> Result<(), BuildError> {
        for target in self {
            out.push(target.name()?.into_ref());
        }
        Ok(())
    }
}
