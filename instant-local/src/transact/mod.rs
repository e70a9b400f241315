//! Transactions: from steps to changed data, or to the server's rejection
//! (`docs/protocol/transactions.md`).
//!
//! `missing` finds the attributes to be created; `expand` turns steps into facts, and all of that
//! happens before the writer's turn. `apply` performs the facts in one write of the store, so that
//! a rejection at any point leaves nothing behind; every entity is changed through `writer`.
//! `guard` asks the permission rules, and learns from `intents` what the transaction is about to
//! do. What the backend writes by itself goes through `rows`, and what it imports through `load`.

mod alter;
mod apply;
mod attrs;
mod cascade;
mod constraints;
mod entries;
mod expand;
mod guard;
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

use instant_core::steps::Step;

pub(crate) use self::{
    alter::{alter, links, refusal, values, without},
    attrs::{add as add_attrs, check_name as check_attr_name, delete as delete_attrs},
    entries::same,
    load::load,
    rows::{Rows, write_rows},
    writer::Writer,
};
use self::{guard::TransactionGuard, plan::Plan};
use crate::{
    app::App,
    caller::Caller,
    catalog::{self, Catalog},
    failure::Failure,
    limits::Limits,
    request::RequestContext,
    rules::{PermissionCheck, RuleSource},
    store::Decision,
};

/// How a transaction is performed.
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

/// When a transaction whose permission checks are recorded is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DebugMode {
    /// Never.
    DryRun,
    /// If all checks pass.
    CommitIfAllowed,
}

impl<'a> TransactOptions<'a> {
    /// Creates the options of a plain transaction.
    pub(crate) fn new(limits: &'a Limits, rules: RuleSource<'a>) -> Self {
        Self { throw_on_missing_attrs: false, debug: None, limits, rules }
    }
}

/// What became of a transaction that was not rejected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TransactOutcome {
    pub(crate) number: i64,
    /// Whether the changes were kept.
    pub(crate) committed: bool,
    /// Whether the permission rules allow everything.
    pub(crate) all_passed: bool,
    /// The permission checks, if they are recorded.
    pub(crate) checks: Vec<PermissionCheck>,
}

/// Performs steps, all or none.
///
/// # Errors
///
/// The server's rejection of the steps, or that of a permission rule; nothing was changed.
pub(crate) fn execute(
    app: &App,
    context: &RequestContext,
    steps: &[Step],
    options: TransactOptions<'_>,
) -> Result<TransactOutcome, Failure> {
    let known = app.state()?.catalog;
    let mut plan = prepare(Arc::clone(&known), steps, context.caller, &options)?;
    let mut guard = match context.caller {
        Caller::Admin => None,
        Caller::User(_) | Caller::Guest => {
            Some(TransactionGuard::new(app, context, options.rules, options.debug))
        }
    };
    let (number, (committed, catalog)) = app.write_or_roll_back(|transaction| {
        let current = app.catalog_of(transaction)?;
        if current.version != known.version {
            plan = prepare(Arc::clone(&current), steps, context.caller, &options)?;
        }
        let mut writer = Writer::new(transaction, Arc::clone(&plan.catalog), app.clock().tick());
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

/// Does everything that needs the names alone.
fn prepare(
    catalog: Arc<Catalog>,
    steps: &[Step],
    caller: Caller,
    options: &TransactOptions<'_>,
) -> Result<Plan, Failure> {
    let names = missing::complete(catalog, steps);
    if options.throw_on_missing_attrs {
        names.refuse_created()?;
    }
    let mut plan = expand::expand(names, steps)?;
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
