//! Slots for the members of an object, and how an attribute's type reads and writes values.

use instant_core::{Value, json::Reader};

use super::{Decode, DecodeError};
use crate::{BuildError, query::Plan, schema::AttrSchema, value::AttrValue};

/// An attribute's schema and the functions that read and write its values.
#[derive(Debug)]
pub(crate) struct AttrCodec<T> {
    pub(crate) schema: AttrSchema,
    pub(crate) write: fn(&T) -> Result<Value, BuildError>,
    read: fn(&mut Reader<'_>) -> Result<T, DecodeError>,
    missing: fn() -> Option<T>,
}

impl<T: AttrValue> AttrCodec<T> {
    pub(crate) const fn new(schema: AttrSchema) -> Self {
        Self { schema, write: T::to_value, read: T::read, missing: T::missing }
    }
}

// Implemented by hand: the derives would add a bound on the type parameter.
impl<T> Clone for AttrCodec<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for AttrCodec<T> {}

/// A destination for the value of one member.
trait Slot {
    /// Reads the value of the member `label`, in an object that was queried by `plan`.
    fn read(&mut self, reader: &mut Reader<'_>, plan: &Plan, label: &'static str) -> Result<(), DecodeError>;
}

/// A member of an object and its slot.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "a place to write to has nothing to show")]
pub struct Member<'a> {
    pub(crate) label: &'static str,
    slot: &'a mut dyn Slot,
}

impl Member<'_> {
    /// Reads the member's value, in an object that was queried by `plan`.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>, plan: &Plan) -> Result<(), DecodeError> {
        self.slot.read(reader, plan, self.label).map_err(|error| error.at_key(self.label))
    }
}

/// A slot for the value of an attribute.
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
    /// Creates an empty slot.
    #[inline]
    pub(crate) fn of(at: AttrCodec<T>) -> Self {
        Self { label: at.schema.label, read: at.read, missing: at.missing, value: None, nullable: false }
    }

    /// Makes the slot treat null as a missing value.
    pub fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// Borrows the slot as a member.
    #[inline]
    pub fn m(&mut self) -> Member<'_> {
        Member { label: self.label, slot: self }
    }

    /// Takes the value. Returns an error if it is missing and the type has no value for that.
    #[inline]
    pub fn take(self) -> Result<T, DecodeError> {
        match self.value.or_else(self.missing) {
            Some(value) => Ok(value),
            None => Err(missing(self.label)),
        }
    }

    /// Takes the value, or the default if it is missing.
    pub fn take_or_default(self) -> T
    where
        T: Default,
    {
        self.value.unwrap_or_default()
    }
}

/// A slot for the content of a link.
#[doc(hidden)]
#[derive(Debug)]
pub struct LinkSlot<T> {
    label: &'static str,
    loaded: Option<T>,
}

/// Creates an empty slot for link `label`.
#[doc(hidden)]
pub fn link_slot<T: Decode>(label: &'static str) -> LinkSlot<T> {
    LinkSlot { label, loaded: None }
}

impl<T: Decode> Slot for LinkSlot<T> {
    fn read(&mut self, reader: &mut Reader<'_>, plan: &Plan, label: &'static str) -> Result<(), DecodeError> {
        self.loaded = T::decode_linked(reader, plan, label)?;
        Ok(())
    }
}

impl<T: Decode> LinkSlot<T> {
    /// Borrows the slot as a member.
    #[inline]
    pub fn m(&mut self) -> Member<'_> {
        Member { label: self.label, slot: self }
    }

    /// Takes the content. Returns an error if a required link is missing.
    #[inline]
    pub fn take(self) -> Result<T, DecodeError> {
        match self.loaded.or_else(T::absent) {
            Some(loaded) => Ok(loaded),
            None => Err(missing_link(self.label)),
        }
    }
}

#[cold]
fn missing(label: &str) -> DecodeError {
    let message = "missing value; declare the field as an `Option`, or mark it with `#[instant(default)]`";
    DecodeError::new(message).at_key(label)
}

#[cold]
fn missing_link(label: &str) -> DecodeError {
    let message = "this required link is empty, its entity was deleted, or a rule hides the entity; \
                   if that can happen, declare the link without `required`";
    DecodeError::new(message).at_key(label)
}
