//! What a filter says, before it is known how Instant can be told.

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

/// A comparison of the entity itself, or of an entity that it is linked with.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Predicate(&'static str, Result<Predicate, BuildError>),
    /// There is one entity behind the link of which all of these hold.
    Linked(Hop, Vec<Node>),
}

/// A step through a link.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    pub(crate) label: &'static str,
    /// The namespace that it leads to, by which the server tells entities apart.
    pub(crate) namespace: &'static str,
    pub(crate) many: bool,
}
