//! One object of an answer, member by member, matched against the labels that a Rust type knows.

use instant_core::json::{Kind, Reader};

use super::{Decode, DecodeError};
use crate::{query::Plan, value::AttrValue};

/// Reads the members of one object. What a type does not ask for is passed over.
#[derive(Debug)]
pub struct ObjectReader<'r, 'a> {
    reader: &'r mut Reader<'a>,
    /// The label that is expected next, because servers keep the order of keys from object to object.
    next: usize,
    label: &'static str,
    identified: bool,
}

impl<'r, 'a> ObjectReader<'r, 'a> {
    /// Enters the object that comes next.
    pub fn begin(reader: &'r mut Reader<'a>) -> Result<Self, DecodeError> {
        if reader.peek()? != Kind::Object {
            return Err(DecodeError::expected("an object", reader));
        }
        reader.begin_object()?;
        Ok(Self { reader, next: 0, label: "", identified: false })
    }

    /// The index in `labels` of the next member that has one of them; its value is then to be read.
    pub fn next(&mut self, labels: &[&'static str]) -> Result<Option<usize>, DecodeError> {
        while let Some(key) = self.reader.next_key()? {
            let key = key.as_ref();
            self.identified |= key == "id";
            let found = match labels.get(self.next) {
                Some(label) if *label == key => Some(self.next),
                _ => labels.iter().position(|label| *label == key),
            };
            if let Some(found) = found {
                self.next = found + 1;
                self.label = labels[found];
                return Ok(Some(found));
            }
            self.reader.skip()?;
        }
        Ok(None)
    }

    /// Reads the value of the member as an attribute.
    pub fn value<T: AttrValue>(&mut self) -> Result<T, DecodeError> {
        match T::read(self.reader) {
            Ok(value) => Ok(value),
            Err(error) => Err(error.at_key(self.label)),
        }
    }

    /// Reads the value of the member as an attribute that has a default.
    pub fn value_or_default<T: AttrValue + Default>(&mut self) -> Result<T, DecodeError> {
        Ok(self.value::<Option<T>>()?.unwrap_or_default())
    }

    /// Reads the value of the member as what was loaded of a link.
    pub fn link<S: Decode>(&mut self, plan: &Plan) -> Result<Option<S>, DecodeError> {
        match S::decode_linked(self.reader, plan, self.label) {
            Ok(loaded) => Ok(loaded),
            Err(error) => Err(error.at_key(self.label)),
        }
    }

    /// Passes over the value of the member.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        self.reader.skip()?;
        Ok(())
    }

    /// Whether the object has an `id` so far: one without is a link to an entity that no longer exists.
    pub fn is_identified(&self) -> bool {
        self.identified
    }
}

/// The value of attribute `label`, which may have been missing.
pub fn need<T: AttrValue>(value: Option<T>, label: &str) -> Result<T, DecodeError> {
    match value.or_else(T::missing) {
        Some(value) => Ok(value),
        None => Err(missing(label)),
    }
}

/// What was loaded of link `label`, which may have been missing.
pub fn need_link<S: Decode>(loaded: Option<S>, label: &str) -> Result<S, DecodeError> {
    match loaded.or_else(S::absent) {
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
