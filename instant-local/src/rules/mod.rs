//! Permission checks: which rows a caller may see, and what it may change
//! (`docs/protocol/transactions.md`, "Appendix B: permissions").
//!
//! The crate `instant-cel` implements the language of rules. [`document`] holds the rules of an
//! app, [`env`] is what their expressions see; [`reads`] evaluates them for queries and [`writes`]
//! for transactions.

mod document;
mod env;
mod files;
mod persist;
mod rate_limits;
mod reads;
mod sign_up;
mod validate;
mod writes;

use std::sync::Arc;

use instant_cel::{Budget, CelValue};
use instant_core::{Object, Uuid, Value};

pub(crate) use self::document::{Action, Rules};
pub(crate) use self::env::values;
pub(crate) use self::persist::{RulesCache, push, replace, stored, validate_code, versions, write_initial};
pub(crate) use self::reads::QueryGuard;
pub(crate) use self::sign_up::admits;
pub(crate) use self::writes::{LinkedRow, RowCheck, WriteChecks};
use self::{document::Rule, env::RuleHost};
use crate::{failure::Failure, store::Snapshot};

/// An error of an evaluation whose host is this backend.
type EvalError = instant_cel::EvalError<Failure>;

/// The source of the rules that apply to a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleSource<'a> {
    cache: &'a RulesCache,
    replacement: Option<&'a Arc<Rules>>,
}

impl<'a> RuleSource<'a> {
    /// Applies the rules that the state contains.
    pub(crate) fn stored(cache: &'a RulesCache) -> Self {
        Self { cache, replacement: None }
    }

    /// Applies `rules` in place of the stored ones, if there are any.
    pub(crate) fn replaced_by(self, rules: Option<&'a Arc<Rules>>) -> Self {
        Self { replacement: rules, ..self }
    }

    /// Returns the rules to apply to a request on a state.
    pub(crate) fn permissions(
        &self,
        snapshot: &Snapshot,
        app_id: Uuid,
        debug: bool,
    ) -> Result<Permissions, Failure> {
        let rules = match self.replacement {
            Some(rules) => Arc::clone(rules),
            None => self.cache.rules_of(snapshot)?,
        };
        Ok(Permissions { rules, app_id, debug })
    }
}

/// The rules that apply to a request.
#[derive(Debug, Clone)]
pub(crate) struct Permissions {
    pub(crate) rules: Arc<Rules>,
    pub(crate) app_id: Uuid,
    /// Records every check, and reports why a rule fails to evaluate.
    pub(crate) debug: bool,
}

/// The record of one permission check, for debug responses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PermissionCheck {
    pub(crate) members: Object,
}

/// Evaluates a rule.
///
/// # Errors
///
/// Returns `permission-evaluation-failed` if the rule fails, with the reason only in debug
/// responses, or the failure that stopped the evaluation.
fn evaluate(rule: &Rule, host: &RuleHost<'_>, debug: bool) -> Result<CelValue, Failure> {
    let budget = &host.rule_context.budget;
    let held = budget.held();
    let value = rule.program.evaluate(host, &Budget::new(budget.limits().rule_steps));
    budget.release_to(held);
    value.map_err(|error| match error {
        EvalError::Rule(error) => {
            let hint = if debug { error.to_string() } else { "You may have a typo".to_owned() };
            let message = format!(
                "Could not evaluate permission rule for `{}.{}`. {hint}. Debug this in the sandbox and then update your \
                 permission rules.",
                rule.namespace, rule.action
            );
            let object = Object::from_iter([
                ("type".to_owned(), error.code.into()),
                ("message".to_owned(), message.as_str().into()),
                ("hint".to_owned(), hint.into()),
            ]);
            Failure::rejected("permission-evaluation-failed", message).with_hint([
                ("rule", Value::from_iter([rule.namespace.as_str(), rule.action])),
                ("error", object.into()),
            ])
        }
        EvalError::Host(failure) | EvalError::Abort(failure) => failure,
    })
}
