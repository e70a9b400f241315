//! Where the value of a member goes, and what is known of an attribute's type.
//!
//! A derive asks for [`at`] once per use of a field's type, and nothing else has a bound on it: a type that cannot be an
//! attribute's is reported once.

use instant_core::{Value, json::Reader};

use super::{Decode, DecodeError};
use crate::{BuildError, query::Plan, schema::AttrSchema, value::AttrValue};

/// An attribute and how its type reads and writes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct At<T> {
    /// What the entity declares.
    pub schema: AttrSchema,
    pub(crate) write: fn(&T) -> Result<Value, BuildError>,
    read: fn(&mut Reader<'_>) -> Result<T, DecodeError>,
    missing: fn() -> Option<T>,
}

/// The attribute `label` of type `T`.
#[doc(hidden)]
#[inline]
pub const fn at<T: AttrValue>(label: &'static str) -> At<T> {
    At { schema: AttrSchema::of::<T>(label), write: T::to_value, read: T::read, missing: T::missing }
}

impl<T> At<T> {
    /// An empty slot for it.
    #[inline]
    pub fn slot(self) -> AttrSlot<T> {
        AttrSlot {
            label: self.schema.label,
            read: self.read,
            missing: self.missing,
            value: None,
            nullable: false,
        }
    }

    /// An empty slot that null does not fill.
    pub fn or_default(self) -> AttrSlot<T> {
        AttrSlot { nullable: true, ..self.slot() }
    }
}

/// Where the value of a member goes.
#[doc(hidden)]
pub trait Slot {
    /// Reads the value of the member called `label`, in an object that `plan` asked for.
    fn read(&mut self, reader: &mut Reader<'_>, plan: &Plan, label: &'static str) -> Result<(), DecodeError>;
}

/// A slot for an attribute.
#[doc(hidden)]
#[derive(Debug)]
pub struct AttrSlot<T> {
    label: &'static str,
    read: fn(&mut Reader<'_>) -> Result<T, DecodeError>,
    missing: fn() -> Option<T>,
    value: Option<T>,
    nullable: bool,
}

impl<T> Slot for AttrSlot<T> {
    fn read(&mut self, reader: &mut Reader<'_>, _: &Plan, _: &'static str) -> Result<(), DecodeError> {
        self.value = match self.nullable && reader.null()? {
            true => None,
            false => Some((self.read)(reader)?),
        };
        Ok(())
    }
}

impl<T> AttrSlot<T> {
    /// The value.
    #[inline]
    pub fn need(self) -> Result<T, DecodeError> {
        match self.value.or_else(self.missing) {
            Some(value) => Ok(value),
            None => Err(missing(self.label)),
        }
    }

    /// The value or the default.
    pub fn get(self) -> T
    where
        T: Default,
    {
        self.value.unwrap_or_default()
    }
}

/// A slot for what was loaded of a link.
#[doc(hidden)]
#[derive(Debug)]
pub struct LinkSlot<T> {
    label: &'static str,
    loaded: Option<T>,
}

/// An empty slot for link `label`.
#[doc(hidden)]
pub fn link<T: Decode>(label: &'static str) -> LinkSlot<T> {
    LinkSlot { label, loaded: None }
}

impl<T: Decode> Slot for LinkSlot<T> {
    fn read(&mut self, reader: &mut Reader<'_>, plan: &Plan, label: &'static str) -> Result<(), DecodeError> {
        self.loaded = T::decode_linked(reader, plan, label)?;
        Ok(())
    }
}

impl<T: Decode> LinkSlot<T> {
    /// What was loaded.
    #[inline]
    pub fn need(self) -> Result<T, DecodeError> {
        match self.loaded.or_else(T::absent) {
            Some(loaded) => Ok(loaded),
            None => Err(missing_link(self.label)),
        }
    }
}

#[cold]
fn missing(label: &str) -> DecodeError {
    let message = "missing; declare the field as an `Option`, or mark it `#[instant(default)]`";
    DecodeError::new(message).at_key(label)
}

#[cold]
fn missing_link(label: &str) -> DecodeError {
    let message = "this required link leads to no entity that can be read; declare it without `required`";
    DecodeError::new(message).at_key(label)
}
