//! Cascading deletes (`docs/protocol/transactions.md`, "A.4 Cascades").

use std::collections::HashSet;

use instant_core::Uuid;

use super::writer::Writer;
use crate::{catalog::NamespaceNo, failure::Failure, layout};

/// Returns the entities and all that are deleted with them, without duplicates.
pub(super) fn expand(
    writer: &Writer<'_>,
    entities: Vec<(NamespaceNo, Uuid)>,
) -> Result<Vec<(NamespaceNo, Uuid)>, Failure> {
    let mut seen = HashSet::new();
    let mut all = Vec::from_iter(entities.into_iter().filter(|entity| seen.insert(*entity)));
    let mut at = 0;
    while let Some(&(namespace, id)) = all.get(at) {
        at += 1;
        let Some(namespace) = writer.catalog.namespace_by_no(namespace) else { continue };
        let mut follow = |number, prefix: [u8; layout::ONE_ID]| -> Result<(), Failure> {
            let found = writer.ids(&prefix)?.into_iter().map(|id| (number, id));
            all.extend(found.filter(|entity| seen.insert(*entity)));
            Ok(())
        };
        for link in namespace.incoming.iter().filter(|link| link.attr.on_delete) {
            follow(link.forward, layout::links_to(link.no, &id))?;
        }
        for link in namespace.stored.iter().filter(|link| link.attr.on_delete_reverse) {
            if let Some(reverse) = link.reverse {
                follow(reverse, layout::links_from(link.no, &id))?;
            }
        }
    }
    Ok(all)
}
