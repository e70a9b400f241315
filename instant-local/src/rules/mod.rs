//! Permissions: who may see and change what (`transactions.md`, appendix B).
//!
//! The crate `instant-cel` is the language of rules, [`document`] the rules of an app; [`reads`] and [`writes`] ask them about rows.

mod document;
mod env;
mod outside;
mod perform;
mod persist;
mod rate_limits;
mod reads;
mod transaction;
mod validate;
mod writes;

use std::sync::Arc;

use instant_cel::{Budget, CelValue};
use instant_core::{Object, Value};

pub(crate) use self::document::Rules;
pub(crate) use self::env::{Source, State};
pub(crate) use self::outside::admits;
pub(crate) use self::persist::{RulesCache, begin, check, replace};
pub(crate) use self::reads::Guard;
pub(crate) use self::transaction::{Debug, TransactionGuard};
use self::{document::Rule, env::Scene};
use crate::failure::Failure;

/// An error of an evaluation whose host is this backend.
type EvalError = instant_cel::EvalError<Failure>;

/// Whose rules apply to a request, and which.
#[derive(Debug, Clone)]
pub(crate) struct Permissions {
    pub(crate) rules: Arc<Rules>,
    pub(crate) app_id: instant_core::Uuid,
    pub(crate) source: Source,
    /// Whether every check is kept, and reasons are told.
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
