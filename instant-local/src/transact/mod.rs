//! Transactions: applies steps to the data (`docs/protocol/transactions.md`).
//!
//! Before the store is locked, `missing` plans the attributes to create, and `expand` turns steps
//! into facts. `apply` then performs the facts in one write of the store, so that a rejection at
//! any point changes nothing; all changes of entities go through `writer`. `guard` evaluates the
//! permission rules for the operations that `intents` describes. Writes of the backend itself go
//! through `rows`, and imports through `load`.

mod alter;
mod apply;
mod attrs;
mod cascade;
mod constraints;
mod entities;
mod entries;
mod expand;
mod guard;
mod intents;
mod load;
mod lookups;
mod merge;
mod missing;
mod plan;
mod resolved;
mod rows;
mod system;
#[cfg(test)]
pub(crate) mod tests;
mod values;
mod writer;

use std::{rc::Rc, sync::Arc};

use instant_core::steps::Step;

pub(crate) use self::{
    alter::{alter, links, rejection, values, without},
    attrs::{add as add_attrs, check_name as check_attr_name, delete as delete_attrs},
    entries::same,
    load::load,
    rows::{Rows, write_rows},
    writer::Writer,
};
use self::{guard::TransactionGuard, plan::Plan};
use crate::{
    app::App,
    budget::{Budget, Operation},
    caller::Caller,
    catalog::{self, Catalog},
    failure::Failure,
    limits::Limits,
    request::RequestContext,
    rules::{PermissionCheck, RuleSource},
    store::Decision,
};

/// Options of a transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TransactOptions<'a> {
    /// Rejects steps that need attributes which the app does not have, instead of creating them.
    pub(crate) throw_on_missing_attrs: bool,
    /// Records every permission check, and lets none of them reject the transaction.
    pub(crate) debug: Option<DebugMode>,
    pub(crate) limits: &'a Limits,
    /// The permission rules, which apply to every caller but the admin.
    pub(crate) rules: RuleSource<'a>,
}

/// The condition for keeping a transaction whose permission checks are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DebugMode {
    /// Never; the transaction is a dry run.
    DryRun,
    /// If all permission checks pass.
    CommitIfAllowed,
}

impl<'a> TransactOptions<'a> {
    /// Creates the options of a plain transaction.
    pub(crate) fn new(limits: &'a Limits, rules: RuleSource<'a>) -> Self {
        Self { throw_on_missing_attrs: false, debug: None, limits, rules }
    }
}

/// The result of a transaction that was not rejected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TransactOutcome {
    pub(crate) number: i64,
    /// `true` if the changes were kept.
    pub(crate) committed: bool,
    /// `true` if the permission rules allow every operation.
    pub(crate) all_passed: bool,
    /// The permission checks, if they are recorded.
    pub(crate) checks: Vec<PermissionCheck>,
}

/// Performs all steps, or none of them.
///
/// # Errors
///
/// Returns the rejection of the steps, or that of a permission rule; then nothing has changed.
pub(crate) fn execute(
    app: &App,
    context: &RequestContext,
    steps: &[Step],
    options: TransactOptions<'_>,
) -> Result<TransactOutcome, Failure> {
    let budget = Rc::new(Budget::new(Operation::Transaction, options.limits, context));
    let known = app.state()?.catalog;
    let mut plan = prepare(Arc::clone(&known), steps, context.caller, &options, &budget)?;
    let mut guard = match context.caller {
        Caller::Admin => None,
        Caller::User(_) | Caller::Guest => {
            Some(TransactionGuard::new(app, context, options.rules, options.debug, &budget))
        }
    };
    let (number, (committed, catalog)) = app.write_or_roll_back(|transaction| {
        // The time in which other transactions ran does not count.
        budget.restart()?;
        let current = app.catalog_of(transaction)?;
        if current.version != known.version {
            plan = prepare(Arc::clone(&current), steps, context.caller, &options, &budget)?;
        }
        let mut writer =
            Writer::new(transaction, Arc::clone(&plan.catalog), app.clock().tick()).limited_by(&budget);
        apply::apply(&plan, &mut writer, guard.as_mut())?;
        let allowed = guard.as_ref().is_none_or(TransactionGuard::all_passed);
        let committed = match options.debug {
            None => true,
            Some(DebugMode::DryRun) => false,
            Some(DebugMode::CommitIfAllowed) => allowed,
        };
        if !committed {
            return Ok(Decision::Rollback((false, None)));
        }
        budget.check_caller()?;
        let mut catalog = writer.catalog;
        if Arc::ptr_eq(&catalog, &current) {
            return Ok(Decision::Commit((true, None)));
        }
        catalog::save(transaction, Arc::make_mut(&mut catalog))?;
        Ok(Decision::Commit((true, Some(catalog))))
    })?;
    if let Some(catalog) = catalog {
        app.publish(catalog);
    }
    let all_passed = guard.as_ref().is_none_or(TransactionGuard::all_passed);
    let checks = guard.map(TransactionGuard::into_checks).unwrap_or_default();
    Ok(TransactOutcome { number, committed, all_passed, checks })
}

/// Plans everything that needs only the catalog.
fn prepare(
    catalog: Arc<Catalog>,
    steps: &[Step],
    caller: Caller,
    options: &TransactOptions<'_>,
    budget: &Budget,
) -> Result<Plan, Failure> {
    let names = missing::complete(catalog, steps, budget)?;
    if options.throw_on_missing_attrs {
        names.reject_created()?;
    }
    let mut plan = expand::expand(names, steps, budget)?;
    plan.admin = caller.is_admin();
    system::check(&plan)?;
    if plan.parameters > options.limits.parameters {
        return Err(constraints::too_many_parameters());
    }
    if plan.longest_text > options.limits.text {
        return Err(constraints::text_too_long(options.limits.text));
    }
    Ok(plan)
}
