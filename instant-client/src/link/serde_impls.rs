//! Serde for the fields that declare links, so that an entity can derive `Serialize` and
//! `Deserialize` beside `InstantEntity`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, Visitor},
};

use super::{Many, One};

macro_rules! impls {
    ($($type:ident)*) => {$(
        /// Serializes as null: the field is a declaration. A row serializes its loaded links with
        /// `#[instant(serialize)]` on the entity.
        impl<T> Serialize for $type<T> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_none()
            }
        }

        /// Accepts and ignores any value, also none.
        impl<'de, T> Deserialize<'de> for $type<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_option(Ignore).map(|()| Self(PhantomData))
            }
        }
    )*};
}
impls! { Many One }

/// Reads and ignores a value.
struct Ignore;

impl<'de> Visitor<'de> for Ignore {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a link")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_ignored_any(IgnoredAny).map(drop)
    }
}
