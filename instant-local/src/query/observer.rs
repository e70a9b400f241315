//! The seam for what looks on while a query is evaluated: live queries, which must know what an answer depends on.

use instant_core::Uuid;

use crate::catalog::{AttrNo, NamespaceNo, Side};

/// Looks on. An evaluation without one pays nothing for it.
pub(crate) trait Observer {
    /// Something was read: the answer may change when it does.
    fn touched(&mut self, fact: Fact<'_>) {
        let _ = fact;
    }
}

/// What an answer depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fact<'a> {
    /// The values of one entity, and whether it exists.
    Entity { namespace: NamespaceNo, id: Uuid },
    /// The links of one entity through one attribute.
    Links { attribute: AttrNo, side: Side, id: Uuid },
    /// Which entities have values between these, as [`crate::layout::OrderKey`] writes them.
    Values { attribute: AttrNo, from: &'a [u8], to: &'a [u8] },
    /// All links of an attribute.
    AllLinks { attribute: AttrNo },
    /// Everything that a namespace holds.
    Namespace { namespace: NamespaceNo },
}
