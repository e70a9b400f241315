//! The argument of [`Link::has`](crate::link::LinkHandle::has).

use super::{AnyOf, Cond, Hop, Node};

/// The argument of `has`: one condition, a tuple of conditions on the same linked entity, or an
/// `or` of conditions.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let query = User::query().filter(|u| u.linked_guest_users.has(|guest| (guest.email.is_null(), guest.r#type.eq("guest"))));
/// ```
#[diagnostic::on_unimplemented(
    message = "a condition through a link is one comparison, a tuple of comparisons about the same `{E}`, or an `or` of those",
    label = "Instant cannot express this condition on one linked `{E}`",
    note = "write `has(|x| (a, b))` if one `{E}` must satisfy both",
    note = "instead of an `or` within a tuple, use `one_of` for alternatives of one attribute, or a `has(..)` per alternative, \
            each with the other conditions",
    note = "write one `has(..)` per comparison and combine them with `.and(..)` if different `{E}` may satisfy them"
)]
pub trait LinkedCondition<E> {
    /// The resulting condition on `O`, the entity that has the link.
    type Out<O>;

    /// Moves the condition to the other end of a link.
    #[doc(hidden)]
    fn across<O>(self, hop: Hop) -> Self::Out<O>;
}

impl<E> LinkedCondition<E> for Cond<E> {
    type Out<O> = Cond<O>;

    fn across<O>(self, hop: Hop) -> Cond<O> {
        Cond::new(Node::Linked(hop, vec![self.node]))
    }
}

impl<E> LinkedCondition<E> for AnyOf<E> {
    type Out<O> = AnyOf<O>;

    fn across<O>(self, hop: Hop) -> AnyOf<O> {
        AnyOf::new(self.nodes.into_iter().map(|node| Node::Linked(hop, vec![node])).collect())
    }
}

macro_rules! tuples {
    ($( ($($cond:ident)*) )*) => {$(
        impl<E> LinkedCondition<E> for ($(tuples!(@ $cond),)*) {
            type Out<O> = Cond<O>;

            fn across<O>(self, hop: Hop) -> Cond<O> {
                let ($($cond,)*) = self;
                Cond::new(Node::Linked(hop, vec![$($cond.node),*]))
            }
        }
    )*};
    (@ $cond:ident) => { Cond<E> };
}
tuples! {
    (a)
    (a b)
    (a b c)
    (a b c d)
    (a b c d e)
    (a b c d e f)
}
