//! `!condition`, which exists only for the compile error.

use std::{marker::PhantomData, ops::Not};

use super::{AnyOf, Cond, Filter};

/// The result of `!condition`. No query accepts it, because Instant cannot negate a condition.
#[derive(Debug)]
pub struct Negation<E>(PhantomData<fn() -> E>);

macro_rules! negations {
    ($($type:ident)*) => {$(
        impl<E> Not for $type<E> {
            type Output = Negation<E>;

            fn not(self) -> Negation<E> {
                Negation(PhantomData)
            }
        }
    )*};
}
negations! { Cond AnyOf Filter }
