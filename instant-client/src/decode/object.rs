//! Reads one JSON object, member by member, into the slots of a Rust type.
//!
//! Slots are trait objects. So the derives emit neither a loop nor a match, and this function is
//! compiled once.

use instant_core::json::{Kind, Reader};

use super::{DecodeError, slot::Member};
use crate::query::Plan;

/// Reads one object and skips members without a slot. Returns whether the object has an `id`; an
/// object without one is a link to an entity that no longer exists.
#[doc(hidden)]
pub fn read_object(
    reader: &mut Reader<'_>,
    plan: &Plan,
    attrs: &mut [Member<'_>],
    links: &mut [Member<'_>],
) -> Result<bool, DecodeError> {
    if reader.peek()? != Kind::Object {
        return Err(DecodeError::expected("an object", reader));
    }
    reader.begin_object()?;
    let mut identified = false;
    // Servers send the keys of all objects in the same order, so the slot after the previous one is
    // tried first.
    let mut next = 0_usize;
    while let Some(key) = reader.next_key()? {
        let key = key.as_ref();
        identified |= key == "id";
        let is_next = match next.checked_sub(attrs.len()) {
            None => attrs[next].label == key,
            Some(at) => links.get(at).is_some_and(|member| member.label == key),
        };
        let found = match is_next {
            true => Some(next),
            false => {
                let links = links.iter().map(|member| member.label);
                attrs.iter().map(|member| member.label).chain(links).position(|label| label == key)
            }
        };
        let Some(at) = found else {
            reader.skip()?;
            continue;
        };
        next = at + 1;
        match at.checked_sub(attrs.len()) {
            None => attrs[at].read(reader, plan)?,
            Some(at) => links[at].read(reader, plan)?,
        }
    }
    Ok(identified)
}
