//! Ids and prefixes of ids as operands (`docs/protocol/instaql.md`, "5.7 Links by id and id").

use instant_core::{Uuid, Value};

use crate::{budget::Budget, failure::Failure, query::filter::Test};

/// Returns the predicate that an id is one of `values`.
pub(super) fn ids(budget: &Budget, values: &[Value]) -> Result<Test, Failure> {
    let mut ids = Vec::with_capacity(values.len());
    for value in values {
        budget.tick()?;
        ids.extend(id(value));
    }
    budget.sort_by(&mut ids, &mut Uuid::cmp)?;
    ids.dedup();
    Ok(Test::Ids(ids))
}

/// Parses an id as it is stored: a string, so only the lower-case form matches.
pub(super) fn id(value: &Value) -> Option<Uuid> {
    let text = value.as_str()?;
    let lower = text.len() == 36 && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    Uuid::try_parse(text).ok().filter(|_| lower)
}

/// Parses the id in an operand of a link, in either case and with spaces around it.
pub(super) fn uuid(value: &Value) -> Option<Uuid> {
    let text = value.as_str()?.trim();
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

/// Returns the least and the greatest id with a prefix.
pub(super) fn id_range(prefix: &str) -> Option<(Uuid, Uuid)> {
    let prefix = if prefix.trim().len() == 36 { prefix.trim() } else { prefix };
    let padded = |with: &str| {
        let whole = format!("{prefix}{}", with.get(prefix.len()..)?);
        Uuid::try_parse(&whole).ok().filter(|_| whole.len() == 36)
    };
    Some((padded("00000000-0000-0000-0000-000000000000")?, padded("ffffffff-ffff-ffff-ffff-ffffffffffff")?))
}
