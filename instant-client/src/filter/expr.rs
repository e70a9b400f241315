//! The tree of a typed filter, before it is compiled to InstaQL.

use instant_core::query::{Predicate, Where};

use crate::BuildError;

/// A filter.
#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Node(Node),
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Raw(Where),
    Invalid(BuildError),
}

/// A predicate on the entity itself or on a linked entity.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Predicate(&'static str, Result<Predicate, BuildError>),
    /// One entity at the other end of the link satisfies all of these.
    Linked(Hop, Vec<Node>),
}

/// One step through a link.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    pub(crate) label: &'static str,
    /// The namespace at the other end; the server distinguishes linked entities by it.
    pub(crate) namespace: &'static str,
    pub(crate) many: bool,
}
