//! Decodes the text of a response straight into rows, without an intermediate JSON tree.

mod error;
pub(crate) mod object;
pub(crate) mod slot;
mod tuple;

use instant_core::json::{Kind, Reader};

pub use error::DecodeError;
pub use tuple::Selection;

use crate::query::Plan;
use slot::Member;

/// A type that one object of a response, or the content of a link, decodes into. Implemented by the
/// derives; the trait has hidden items, so do not implement it by hand.
///
/// ```
/// use instant_client::{Decode, Entity, Queryable, User, UserRow};
///
/// fn rows<T: Decode>(query: impl Queryable<Output = Vec<T>>, body: &str) -> Vec<T> {
///     query.decode(body).unwrap_or_default()
/// }
/// let users: Vec<UserRow> = rows(User::query(), r#"{"$users": []}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be decoded from a response",
    label = "not a row, a view or a tuple of attributes",
    note = "derive `InstantEntity` or `InstantView`"
)]
pub trait Decode: Sized {
    /// Reads one object. Returns `None` if it has no `id`, like a link to an entity that no longer
    /// exists.
    #[doc(hidden)]
    fn decode(reader: &mut Reader<'_>, plan: &Plan) -> Result<Option<Self>, DecodeError> {
        Self::decode_with(reader, plan, &mut [])
    }

    /// Reads one object, with its links in these slots. Entities implement this method, all other
    /// types implement `decode`.
    #[doc(hidden)]
    fn decode_with(
        reader: &mut Reader<'_>,
        plan: &Plan,
        _links: &mut [Member<'_>],
    ) -> Result<Option<Self>, DecodeError> {
        Self::decode(reader, plan)
    }

    /// Reads the value of link `label` in an object that was queried by `parent`.
    #[doc(hidden)]
    fn decode_linked(
        reader: &mut Reader<'_>,
        parent: &Plan,
        label: &str,
    ) -> Result<Option<Self>, DecodeError> {
        one(reader, parent.child(label))
    }

    /// Returns the value of a link that is missing in the object, or `None` if the link is
    /// required.
    #[doc(hidden)]
    fn absent() -> Option<Self> {
        None
    }
}

/// Reads one linked entity: an object, null, or an array of at most one element, which servers
/// without cardinality inference send.
fn one<T: Decode>(reader: &mut Reader<'_>, plan: &Plan) -> Result<Option<T>, DecodeError> {
    match reader.peek()? {
        Kind::Null => {
            reader.null()?;
            Ok(None)
        }
        Kind::Array => Ok(many(reader, plan)?.into_iter().next()),
        _ => entity(reader, plan),
    }
}

/// Reads one entity. An error names the entity.
fn entity<T: Decode>(reader: &mut Reader<'_>, plan: &Plan) -> Result<Option<T>, DecodeError> {
    let object = reader.clone();
    T::decode(reader, plan).map_err(|error| error.in_entity(object, plan.namespace()))
}

/// Reads an array of entities and skips those without an `id`.
fn many<T: Decode>(reader: &mut Reader<'_>, plan: &Plan) -> Result<Vec<T>, DecodeError> {
    if reader.peek()? != Kind::Array {
        return Err(DecodeError::expected("an array", reader));
    }
    let mut out = Vec::new();
    let mut index = 0;
    reader.begin_array()?;
    while reader.next_item()? {
        match entity(reader, plan) {
            Ok(row) => out.extend(row),
            Err(error) => return Err(error.at_index(index)),
        }
        index += 1;
    }
    Ok(out)
}

/// Reads the rows of `namespace`, the next value of `reader`.
pub(crate) fn rows<T: Decode>(
    reader: &mut Reader<'_>,
    plan: &Plan,
    namespace: &str,
) -> Result<Vec<T>, DecodeError> {
    many(reader, plan).map_err(|error| error.at_key(namespace))
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>, plan: &Plan) -> Result<Option<Self>, DecodeError> {
        if reader.null()? {
            return Ok(Some(Self::new()));
        }
        many(reader, plan).map(Some)
    }

    fn decode_linked(
        reader: &mut Reader<'_>,
        parent: &Plan,
        label: &str,
    ) -> Result<Option<Self>, DecodeError> {
        Self::decode(reader, parent.child(label))
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(reader: &mut Reader<'_>, plan: &Plan) -> Result<Option<Self>, DecodeError> {
        one(reader, plan).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// A row that may not fit its type, for [`Query::try_rows`](crate::Query::try_rows).
impl<T: Decode> Decode for Result<T, DecodeError> {
    fn decode(reader: &mut Reader<'_>, plan: &Plan) -> Result<Option<Self>, DecodeError> {
        let object = reader.clone();
        match entity(reader, plan) {
            Ok(row) => Ok(row.map(Ok)),
            Err(error) => {
                *reader = object;
                reader.skip()?;
                Ok(Some(Err(error)))
            }
        }
    }
}
