//! Types for the subjects of rules: namespaces, and their attributes and links.

use crate::{
    attr::Attr,
    link::{ForwardLink, LinkHandle},
};

/// A namespace whose attributes and links are given as text.
#[derive(Debug, Clone, Copy)]
pub struct ByName;

/// The namespaces without rules of their own. Attributes and links have no default rules.
#[derive(Debug, Clone, Copy)]
pub struct Defaults;

/// A field that can have a rule: an attribute of `E` or one of its forward links.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an attribute or forward link of `{E}`",
    label = "expected a field of `{E}`, such as `|e| e.title`"
)]
pub trait FieldOf<E>: sealed::Label {}

impl<E, V, K> FieldOf<E> for Attr<E, V, K> {}
impl<L: ForwardLink<Owner = E>, E> FieldOf<E> for LinkHandle<L> {}

pub(super) mod sealed {
    use crate::{
        attr::Attr,
        entity::Entity,
        link::{ForwardLink, LinkHandle},
    };

    /// A single namespace: an entity, or one given as text.
    pub trait Namespace {}

    impl<E: Entity> Namespace for E {}
    impl Namespace for super::ByName {}

    pub trait Label {
        /// Returns the name on the wire.
        fn label(&self) -> &'static str;
    }

    impl<E, V, K> Label for Attr<E, V, K> {
        fn label(&self) -> &'static str {
            Attr::label(self)
        }
    }

    impl<L: ForwardLink> Label for LinkHandle<L> {
        fn label(&self) -> &'static str {
            LinkHandle::label(self)
        }
    }
}
