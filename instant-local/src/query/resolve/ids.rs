//! Ids as operands: of `id`, of links, and their beginnings (`docs/protocol/instaql.md`, "5.7 Links
//! by id and id").

use instant_core::{Uuid, Value};

/// An id as stored: an ordinary text, so that only the lower-case spelling is one.
pub(super) fn id(value: &Value) -> Option<Uuid> {
    let text = value.as_str()?;
    let lower = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    Uuid::try_parse(text).ok().filter(|_| lower)
}

/// The id that a link's operand names: any case, spaces around it.
pub(super) fn uuid(value: &Value) -> Option<Uuid> {
    let text = value.as_str()?.trim();
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

/// The least and the greatest id with this beginning.
pub(super) fn id_range(prefix: &str) -> Option<(Uuid, Uuid)> {
    let prefix = if prefix.trim().len() == 36 { prefix.trim() } else { prefix };
    let padded = |with: &str| {
        let whole = format!("{prefix}{}", with.get(prefix.len()..)?);
        Uuid::try_parse(&whole).ok().filter(|_| whole.len() == 36)
    };
    Some((padded("00000000-0000-0000-0000-000000000000")?, padded("ffffffff-ffff-ffff-ffff-ffffffffffff")?))
}
