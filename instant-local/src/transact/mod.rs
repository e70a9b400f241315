//! Transactions: from the wire's steps to changed data, or to the server's refusal (`transactions.md`).
//!
//! `instant-core` parses; `missing` finds the attributes to be created; `expand` makes facts of steps, and all of that
//! happens before the writer's turn. `apply` performs the facts in one write of the store, so that a refusal at any point
//! leaves nothing behind; every entity is changed through `writer`. Whoever has to allow a transaction is a `Guard`, and
//! learns from `intents` what it is about to do. What the backend writes by itself goes through `rows`.

mod alter;
mod apply;
mod attrs;
mod cascade;
mod constraints;
mod entries;
mod expand;
mod intents;
mod load;
mod lookups;
mod merge;
mod missing;
mod plan;
mod rows;
mod system;
#[cfg(test)]
pub(crate) mod tests;
mod values;
mod writer;

use std::sync::Arc;

use instant_core::steps::{self, Step};

use self::plan::Plan;
pub(crate) use self::{
    alter::{alter, links, refusal, values, without},
    attrs::{add as add_attrs, check_name as check_attr_name, delete as delete_attrs},
    entries::same,
    intents::{Guard, Intent, Intents, Named},
    rows::Rows,
    writer::{Change, Writer},
};
use crate::{
    app::{App, Identity, TransactRequest},
    catalog::{self, Catalog},
    failure::Failure,
    limits::Limits,
};

/// The transaction's id and what it changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Transacted {
    pub(crate) id: i64,
    /// Entities in the order of their ids.
    pub(crate) changes: Vec<Change>,
}

impl App {
    /// `POST /admin/transact`: performs steps, all or none, and answers the transaction's id.
    ///
    /// # Errors
    ///
    /// The server's refusal of the steps.
    pub(crate) fn transact(&self, identity: &Identity, request: TransactRequest<'_>) -> Result<i64, Failure> {
        self.transact_within(identity, request, &self.limits()).map(|done| done.id)
    }

    /// As [`App::transact`], within other limits, and says what changed.
    pub(crate) fn transact_within(
        &self,
        identity: &Identity,
        request: TransactRequest<'_>,
        limits: &Limits,
    ) -> Result<Transacted, Failure> {
        self.transact_guarded(identity, request, limits, None)
    }

    /// As [`App::transact_within`], if `guard` allows it, before and after it is performed.
    pub(crate) fn transact_guarded(
        &self,
        identity: &Identity,
        request: TransactRequest<'_>,
        limits: &Limits,
        guard: Option<&mut dyn Guard>,
    ) -> Result<Transacted, Failure> {
        let steps = steps::parse(request.steps)
            .map_err(|invalid| Failure::invalid(&invalid, request.steps.clone()))?;
        let known = self.view()?.catalog;
        let mut plan = prepare(known.clone(), steps, identity, request, limits)?;
        let (id, (changes, catalog)) = self.write(|transaction| {
            let current = self.catalog_of(transaction)?;
            if current.version != known.version {
                let steps = steps::parse(request.steps)
                    .map_err(|invalid| Failure::invalid(&invalid, request.steps.clone()))?;
                plan = prepare(current.clone(), steps, identity, request, limits)?;
            }
            let mut writer = Writer::new(transaction, Arc::clone(&plan.catalog), self.created_now());
            let changes = apply::apply(&plan, &mut writer, guard)?;
            let mut catalog = writer.catalog;
            if Arc::ptr_eq(&catalog, &current) {
                return Ok((changes, None));
            }
            catalog::save(transaction, Arc::make_mut(&mut catalog))?;
            Ok((changes, Some(catalog)))
        })?;
        if let Some(catalog) = catalog {
            self.publish(catalog);
        }
        Ok(Transacted { id, changes })
    }
}

/// Everything that needs the names alone.
fn prepare(
    catalog: Arc<Catalog>,
    steps: Vec<Step>,
    identity: &Identity,
    request: TransactRequest<'_>,
    limits: &Limits,
) -> Result<Plan, Failure> {
    let names = missing::complete(catalog, &steps);
    if request.throw_on_missing_attrs {
        names.refuse_created(request.steps)?;
    }
    let mut plan = expand::expand(names, steps, request.steps)?;
    plan.admin = *identity == Identity::Admin;
    system::check(&plan)?;
    if plan.parameters > limits.parameters {
        return Err(constraints::too_many_parameters());
    }
    if plan.longest_text > limits.text {
        return Err(constraints::text_too_long(limits.text));
    }
    Ok(plan)
}
