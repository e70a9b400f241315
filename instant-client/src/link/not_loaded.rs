//! The value of a link that a query did not load, and the compile error for using it.

use std::marker::PhantomData;

use instant_core::json::Reader;

use crate::{DecodeError, decode::Decode, query::Plan};

/// The value of a link in a row of entity `E` if the query did not include the link.
///
/// ```
/// use instant_client::{User, UserRow, prelude::*};
///
/// let row = UserRow::new(User::decode_json(r#"{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10"}"#).unwrap());
/// assert_eq!(format!("{:?}", row.linked_guest_users), "(not loaded)");
/// let row = row.clone().with_linked_guest_users(vec![row]);
/// assert_eq!(row.linked_guest_users.len(), 1);
/// ```
pub struct NotLoaded<E> {
    /// Always empty: the compiler names this field where a program uses a field of a link that the
    /// query did not include.
    pub add_include_of_this_link_to_the_query: PhantomData<fn() -> E>,
}

impl<E> Decode for NotLoaded<E> {
    fn decode(reader: &mut Reader<'_>, _: &Plan) -> Result<Option<Self>, DecodeError> {
        reader.skip()?;
        Ok(Some(Self::default()))
    }

    fn decode_linked(reader: &mut Reader<'_>, plan: &Plan, _: &str) -> Result<Option<Self>, DecodeError> {
        Self::decode(reader, plan)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// A trait without implementations. It carries the compile error for using a link that the query
/// did not include.
#[diagnostic::on_unimplemented(
    message = "this link of `{Self}` was not loaded by the query",
    label = "not loaded",
    note = "add `.include(..)` for this link to the query, or return a view that contains it"
)]
pub trait WasIncluded: sealed::Sealed {}

macro_rules! guard {
    ($($name:ident -> $out:ty;)*) => {
        /// The methods of a loaded link, so that calling one on a link that was not loaded reports
        /// the cause. The results are not loaded either.
        #[doc(hidden)]
        impl<E> NotLoaded<E> {$(
            pub fn $name(&self) -> $out where E: WasIncluded { unreachable!("{NEVER}") }
        )*}
    };
}
guard! {
    len -> usize;
    is_empty -> bool;
    iter -> std::slice::Iter<'_, Self>;
    into_iter -> std::vec::IntoIter<Self>;
    first -> Option<&Self>;
    last -> Option<&Self>;
    get -> Option<&Self>;
    is_some -> bool;
    is_none -> bool;
    as_ref -> Option<&Self>;
    as_deref -> Option<&Self>;
    unwrap -> Self;
}

const NEVER: &str = "`WasIncluded` is never implemented";

// A `for` loop requires an iterator.
impl<E: WasIncluded> Iterator for NotLoaded<E> {
    type Item = Self;

    fn next(&mut self) -> Option<Self> {
        unreachable!("{NEVER}")
    }
}

impl<E: WasIncluded> Iterator for &NotLoaded<E> {
    type Item = Self;

    fn next(&mut self) -> Option<Self> {
        unreachable!("{NEVER}")
    }
}

impl<E: WasIncluded> std::ops::Index<usize> for NotLoaded<E> {
    type Output = Self;

    fn index(&self, _: usize) -> &Self {
        unreachable!("{NEVER}")
    }
}

mod sealed {
    pub trait Sealed {}
}
