//! One object of an answer, member by member, into the slots that a Rust type has for them.
//!
//! Slots are trait objects, so that a derive needs to emit neither a loop nor a match, and this compiles once.

use instant_core::json::{Kind, Reader};

use super::{Decode, DecodeError};
use crate::{query::Plan, value::AttrValue};

/// Where the value of one member goes.
#[doc(hidden)]
pub trait Slot {
    /// Reads the value of the member called `label`, in an object that `plan` asked for.
    fn read(&mut self, reader: &mut Reader<'_>, plan: &Plan, label: &'static str) -> Result<(), DecodeError>;
}

/// A slot for an attribute.
#[doc(hidden)]
#[derive(Debug)]
pub struct AttrSlot<T>(Option<T>);

/// A slot for an attribute that may be null, whatever its type says.
#[doc(hidden)]
#[derive(Debug)]
pub struct DefaultSlot<T>(Option<T>);

/// A slot for what was loaded of a link.
#[doc(hidden)]
#[derive(Debug)]
pub struct LinkSlot<T>(Option<T>);

/// An empty slot for an attribute.
#[doc(hidden)]
pub fn attr<T: AttrValue>() -> AttrSlot<T> {
    AttrSlot(None)
}

/// An empty slot for an attribute with a default.
#[doc(hidden)]
pub fn default<T: AttrValue + Default>() -> DefaultSlot<T> {
    DefaultSlot(None)
}

/// An empty slot for a link.
#[doc(hidden)]
pub fn link<T: Decode>() -> LinkSlot<T> {
    LinkSlot(None)
}

impl<T: AttrValue> Slot for AttrSlot<T> {
    fn read(&mut self, reader: &mut Reader<'_>, _: &Plan, _: &'static str) -> Result<(), DecodeError> {
        self.0 = Some(T::read(reader)?);
        Ok(())
    }
}

impl<T: AttrValue> Slot for DefaultSlot<T> {
    fn read(&mut self, reader: &mut Reader<'_>, _: &Plan, _: &'static str) -> Result<(), DecodeError> {
        self.0 = Option::read(reader)?;
        Ok(())
    }
}

impl<T: Decode> Slot for LinkSlot<T> {
    fn read(&mut self, reader: &mut Reader<'_>, plan: &Plan, label: &'static str) -> Result<(), DecodeError> {
        self.0 = T::decode_linked(reader, plan, label)?;
        Ok(())
    }
}

/// Reads one object. The slots of `links` continue those of `attrs`; labels without a slot are passed over, as is what
/// has no label here. Answers whether there was an `id`: an object without one is a link to an entity that is no more.
#[doc(hidden)]
pub fn read(
    reader: &mut Reader<'_>,
    plan: &Plan,
    labels: &[&'static str],
    attrs: &mut [&mut dyn Slot],
    links: &mut [&mut dyn Slot],
) -> Result<bool, DecodeError> {
    if reader.peek()? != Kind::Object {
        return Err(DecodeError::expected("an object", reader));
    }
    reader.begin_object()?;
    let mut identified = false;
    // Servers keep the order of keys from object to object, so the label behind the last one is tried first.
    let mut next = 0;
    while let Some(key) = reader.next_key()? {
        let key = key.as_ref();
        identified |= key == "id";
        let found = match labels.get(next) {
            Some(label) if *label == key => Some(next),
            _ => labels.iter().position(|label| *label == key),
        };
        let Some(at) = found else {
            reader.skip()?;
            continue;
        };
        next = at + 1;
        let label = labels[at];
        let read = match at.checked_sub(attrs.len()) {
            None => attrs[at].read(reader, plan, label),
            Some(at) if at < links.len() => links[at].read(reader, plan, label),
            Some(_) => reader.skip().map(drop).map_err(DecodeError::from),
        };
        read.map_err(|error| error.at_key(label))?;
    }
    Ok(identified)
}

/// The value of attribute `label`.
#[doc(hidden)]
pub fn need<T: AttrValue>(slot: AttrSlot<T>, label: &str) -> Result<T, DecodeError> {
    match slot.0.or_else(T::missing) {
        Some(value) => Ok(value),
        None => Err(missing(label)),
    }
}

/// The value of an attribute with a default.
#[doc(hidden)]
pub fn or_default<T: Default>(slot: DefaultSlot<T>) -> T {
    slot.0.unwrap_or_default()
}

/// What was loaded of link `label`.
#[doc(hidden)]
pub fn need_link<T: Decode>(slot: LinkSlot<T>, label: &str) -> Result<T, DecodeError> {
    match slot.0.or_else(T::absent) {
        Some(loaded) => Ok(loaded),
        None => Err(missing_link(label)),
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
