//! Tuples of attributes as rows, for `select`.

use instant_core::json::Reader;

use super::{Decode, DecodeError, object::read_object};
use crate::{attr::Attr, query::Plan, value::AttrValue};

/// The argument of `select`: a tuple of up to eight attributes.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let emails = User::query().select(|u| (u.id, u.email));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not select attributes of `{E}`",
    label = "expected a tuple of attributes, such as `(g.id, g.title)`",
    note = "to load attributes of a linked entity, add `.include(|e| e.link)` instead of `select`, or derive `InstantView`",
    note = "a tuple has up to eight attributes; for more, and for links, derive `InstantView` for a struct"
)]
pub trait Selection<E> {
    /// The tuple of values that a row becomes.
    type Row: Decode;

    /// Returns the labels of the attributes to load.
    #[doc(hidden)]
    fn labels(self) -> Vec<&'static str>;
}

macro_rules! tuples {
    ($( ($($value:ident $kind:ident $index:tt),*) )*) => {$(
        impl<$($value: AttrValue),*> Decode for ($($value,)*) {
            fn decode(reader: &mut Reader<'_>, plan: &Plan) -> Result<Option<Self>, DecodeError> {
                let labels = plan.labels();
                let label = |index: usize| labels.get(index).copied().unwrap_or_default();
                let mut values = ($(Attr::<(), $value>::new(label($index)).slot(),)*);
                if !read_object(reader, plan, &mut [$(values.$index.m()),*], &mut [])? {
                    return Ok(None);
                }
                Ok(Some(($(values.$index.take()?,)*)))
            }
        }

        impl<E, $($value: AttrValue, $kind),*> Selection<E> for ($(Attr<E, $value, $kind>,)*) {
            type Row = ($($value,)*);

            fn labels(self) -> Vec<&'static str> {
                vec![$(self.$index.label()),*]
            }
        }
    )*};
}
tuples! {
    (A KA 0)
    (A KA 0, B KB 1)
    (A KA 0, B KB 1, C KC 2)
    (A KA 0, B KB 1, C KC 2, D KD 3)
    (A KA 0, B KB 1, C KC 2, D KD 3, F KF 4)
    (A KA 0, B KB 1, C KC 2, D KD 3, F KF 4, G KG 5)
    (A KA 0, B KB 1, C KC 2, D KD 3, F KF 4, G KG 5, H KH 6)
    (A KA 0, B KB 1, C KC 2, D KD 3, F KF 4, G KG 5, H KH 6, I KI 7)
}
