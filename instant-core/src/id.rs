//! Typed entity ids.

use std::{cmp, fmt, hash, marker::PhantomData, str::FromStr};

use uuid::Uuid;

/// The id of an entity of type `E`.
///
/// The type parameter keeps ids of different entities apart: an `Id<Goal>` is not accepted where an
/// `Id<Todo>` is expected. It costs nothing at run time; an `Id` has the size of a [`Uuid`].
///
/// Clients create ids, not the server, so the steps of one transaction can refer to entities that
/// the same transaction creates.
///
/// ```
/// use instant_core::Id;
///
/// struct Goal;
/// let id = Id::<Goal>::new();
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
pub struct Id<E: ?Sized>(Uuid, PhantomData<fn() -> E>);

impl<E: ?Sized> Id<E> {
    /// Creates a random id (UUID version 4).
    ///
    /// ```
    /// use instant_core::Id;
    ///
    /// struct Book;
    /// assert_ne!(Id::<Book>::new(), Id::<Book>::new());
    /// ```
    #[expect(clippy::new_without_default, reason = "default values are expected to be equal")]
    pub fn new() -> Self {
        Self::from_uuid(Uuid::new_v4())
    }

    /// Creates the id that `key` has within `namespace` (UUID version 5).
    ///
    /// The same arguments give the same id, so an import that runs twice writes the same entities.
    ///
    /// ```
    /// use instant_core::{Id, Uuid};
    ///
    /// struct Book;
    /// let shop = Uuid::from_u128(7);
    /// assert_eq!(Id::<Book>::v5(&shop, "978-3-16"), Id::<Book>::v5(&shop, "978-3-16"));
    /// ```
    pub fn v5(namespace: &Uuid, key: &str) -> Self {
        Self::from_uuid(Uuid::new_v5(namespace, key.as_bytes()))
    }

    /// Creates an id from a UUID.
    ///
    /// ```
    /// use instant_core::{Id, Uuid};
    ///
    /// struct Book;
    /// let id: Id<Book> = Id::from_uuid(Uuid::from_u128(7));
    /// assert_eq!(id.to_string(), "00000000-0000-0000-0000-000000000007");
    /// ```
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// Returns the UUID.
    ///
    /// ```
    /// use instant_core::{Id, Uuid};
    ///
    /// struct Book;
    /// assert_eq!(Id::<Book>::from_uuid(Uuid::from_u128(7)).as_uuid(), &Uuid::from_u128(7));
    /// ```
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

/// The error of parsing an [`Id`] from a string that is not a UUID with hyphens.
///
/// ```
/// use instant_core::Id;
///
/// struct Book;
/// let error = "book 7".parse::<Id<Book>>().unwrap_err();
/// assert!(error.to_string().ends_with("found \"book 7\""));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParseIdError {
    found: String,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected an id of 36 characters such as 8aa64e4c-64f9-472e-8a61-3fa28870e6cb, found {:?}",
            self.found
        )
    }
}

impl std::error::Error for ParseIdError {}

impl<E: ?Sized> FromStr for Id<E> {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        match Uuid::try_parse(text) {
            Ok(uuid) if text.len() == 36 => Ok(Self::from_uuid(uuid)),
            _ => Err(ParseIdError { found: text.chars().take(60).collect() }),
        }
    }
}

impl<E: ?Sized> fmt::Display for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: ?Sized> fmt::Debug for Id<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

// Implemented by hand: derived impls would require the same traits of `E`.
impl<E: ?Sized> Clone for Id<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: ?Sized> Copy for Id<E> {}

impl<E: ?Sized> PartialEq for Id<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<E: ?Sized> Eq for Id<E> {}

impl<E: ?Sized> PartialOrd for Id<E> {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<E: ?Sized> Ord for Id<E> {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<E: ?Sized> hash::Hash for Id<E> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<E: ?Sized> From<Uuid> for Id<E> {
    fn from(uuid: Uuid) -> Self {
        Self::from_uuid(uuid)
    }
}

impl<E: ?Sized> From<Id<E>> for Uuid {
    fn from(id: Id<E>) -> Self {
        id.0
    }
}

impl<E: ?Sized> serde::Serialize for Id<E> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, E: ?Sized> serde::Deserialize<'de> for Id<E> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
