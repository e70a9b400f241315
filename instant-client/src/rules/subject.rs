//! What rules are about, as types: namespaces, and what of them has rules of its own.

use crate::{
    attr::Attr,
    link::{ForwardLink, Link},
};

/// Attributes and links are given by name.
#[derive(Debug, Clone, Copy)]
pub struct ByName;

/// The namespaces that have no rule of their own. Their attributes and links have none by default.
#[derive(Debug, Clone, Copy)]
pub struct Defaults;

/// What a field rule can be about: an attribute of `E`, or one of its forward links.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no attribute or forward link of `{E}`",
    label = "expected a field of `{E}`, such as `|e| e.title`"
)]
pub trait FieldOf<E>: sealed::Label {}

impl<E, V, K> FieldOf<E> for Attr<E, V, K> {}
impl<L: ForwardLink<Owner = E>, E> FieldOf<E> for Link<L> {}

pub(super) mod sealed {
    use crate::{
        attr::Attr,
        entity::Entity,
        link::{ForwardLink, Link},
    };

    /// A namespace by itself: an entity, or one that is given by name.
    pub trait Namespace {}

    impl<E: Entity> Namespace for E {}
    impl Namespace for super::ByName {}

    pub trait Label {
        /// The name on the wire.
        fn label(&self) -> &'static str;
    }

    impl<E, V, K> Label for Attr<E, V, K> {
        fn label(&self) -> &'static str {
            Attr::label(self)
        }
    }

    impl<L: ForwardLink> Label for Link<L> {
        fn label(&self) -> &'static str {
            Link::label(self)
        }
    }
}
