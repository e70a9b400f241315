//! Observes the evaluation of a query, for live queries: they must know what a result depends on.

use instant_core::Uuid;

use crate::catalog::{AttrNo, NamespaceNo, Side};

/// An observer of an evaluation.
pub(crate) trait Observer {
    /// Records that the evaluation has read `dependency`. The result can change when it does.
    fn record(&mut self, dependency: Dependency<'_>) {
        let _ = dependency;
    }
}

/// A part of the data that a result depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Dependency<'a> {
    /// The values of one entity, and whether it exists.
    Entity { namespace: NamespaceNo, id: Uuid },
    /// The links of one entity through one attribute.
    Links { attribute: AttrNo, side: Side, id: Uuid },
    /// The entities with values in a range, as [`crate::layout::OrderKey`] encodes them.
    Values { attribute: AttrNo, from: &'a [u8], to: &'a [u8] },
    /// All links of an attribute.
    AllLinks { attribute: AttrNo },
    /// All entities of a namespace.
    Namespace { namespace: NamespaceNo },
}
