//! One object of an answer, member by member, into the slots that a Rust type has for them.
//!
//! Slots are trait objects, so that a derive needs to emit neither a loop nor a match, and this compiles once.

use instant_core::json::{Kind, Reader};

use super::{DecodeError, slot::Slot};
use crate::query::Plan;

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
