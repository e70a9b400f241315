//! The entities that the lookups of a transaction resolve to; some are created on the way
//! (`docs/protocol/transactions.md`, "3.4 What a lookup does when nothing matches").

use std::collections::HashMap;

use instant_core::Uuid;

use super::{
    constraints, lookups,
    plan::{Fact, Lookup, Plan, Ref},
    system,
    writer::Writer,
};
use crate::failure::Failure;

/// The entities that the lookups of one group resolve to.
#[derive(Default)]
pub(super) struct Resolved(HashMap<usize, Uuid>);

impl Resolved {
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, Uuid)> {
        self.0.iter().map(|(at, id)| (*at, *id))
    }

    /// Returns the entity of a fact. A lookup that finds nothing creates one.
    pub(super) fn entity(
        &mut self,
        plan: &Plan,
        fact: &Fact,
        facts: &[Fact],
        writer: &mut Writer<'_>,
    ) -> Result<Uuid, Failure> {
        let at = match fact.entity {
            Ref::Id(id) => return Ok(id),
            Ref::Lookup(at) => at,
        };
        if let Some(id) = self.0.get(&at) {
            return Ok(*id);
        }
        let lookup = &plan.lookups[at];
        let id = match writer.find(&lookup.attribute, &lookup.value)? {
            Some(id) => id,
            None => {
                let sets =
                    |fact: &Fact| fact.entity == Ref::Lookup(at) && fact.attribute.no == lookup.attribute.no;
                if facts.iter().any(sets) {
                    return Err(lookup.not_updatable());
                }
                system::check_new_row(plan, &lookup.attribute, &lookups::new_id())?;
                create(lookup, writer)?
            }
        };
        self.0.insert(at, id);
        Ok(id)
    }

    /// Returns the target of a link; `None` if its lookup finds nothing.
    pub(super) fn target(
        &mut self,
        plan: &Plan,
        to: Ref,
        writer: &mut Writer<'_>,
    ) -> Result<Option<Uuid>, Failure> {
        match to {
            Ref::Id(id) => Ok(Some(id)),
            Ref::Lookup(at) => match self.0.get(&at) {
                Some(id) => Ok(Some(*id)),
                None => writer.find(&plan.lookups[at].attribute, &plan.lookups[at].value),
            },
        }
    }
}

/// Creates the entity that a lookup did not find.
fn create(lookup: &Lookup, writer: &mut Writer<'_>) -> Result<Uuid, Failure> {
    let Lookup { attribute, value } = lookup;
    if attribute.label() == "id" {
        let id = value.as_id().ok_or_else(|| lookup.not_found())?;
        if writer.set_id(attribute, &id)? {
            writer.fill_with_nulls(attribute.forward, &id)?;
        }
        return Ok(id);
    }
    let id = lookups::new_id();
    if attribute.attr.is_link() {
        let to = value.as_id().ok_or_else(|| constraints::no_link(attribute, &id, &value.value))?;
        writer.link(attribute, &id, &to)?;
    } else {
        if value.has_nul {
            return Err(constraints::null_bytes());
        }
        constraints::check_value(attribute, &id, value)?;
        writer.set(attribute, &id, value)?;
    }
    Ok(id)
}
