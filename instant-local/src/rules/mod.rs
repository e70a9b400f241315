//! Permissions: who may see and change what (`docs/protocol/transactions.md`, appendix B).
//!
//! The crate `instant-cel` is the language of rules, [`document`] the rules of an app; [`reads`] and [`writes`] ask them about rows.

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

pub(crate) use self::document::Action;
pub(crate) use self::document::Rules;
pub(crate) use self::env::values;
pub(crate) use self::persist::{RulesCache, begin, check, push, replace, stored, versions};
pub(crate) use self::reads::Guard;
pub(crate) use self::sign_up::admits;
pub(crate) use self::writes::{Judge, Linked, Question};
use self::{document::Rule, env::Scene};
use crate::{failure::Failure, store::Snapshot};

/// An error of an evaluation whose host is this backend.
type EvalError = instant_cel::EvalError<Failure>;

/// Where the rules that apply to a request come from.
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
            None => self.cache.of(snapshot)?,
        };
        Ok(Permissions { rules, app_id, debug })
    }
}

/// The rules that apply to a request.
#[derive(Debug, Clone)]
pub(crate) struct Permissions {
    pub(crate) rules: Arc<Rules>,
    pub(crate) app_id: Uuid,
    /// Whether every check is recorded, and reasons are told.
    pub(crate) debug: bool,
}

/// What became of one check, for debug answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checked {
    pub(crate) members: Object,
}

/// Evaluates a rule.
///
/// # Errors
///
/// `permission-evaluation-failed`, whose reason only debug answers tell; and what the evaluation is refused with.
fn evaluate(rule: &Rule, scene: &Scene<'_>, debug: bool) -> Result<CelValue, Failure> {
    rule.program.evaluate(scene, &Budget::default()).map_err(|error| match error {
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
            Failure::refused("permission-evaluation-failed", message).with_hint([
                ("rule", Value::from_iter([rule.namespace.as_str(), rule.action])),
                ("error", object.into()),
            ])
        }
        EvalError::Host(failure) | EvalError::Abort(failure) => failure,
    })
}
