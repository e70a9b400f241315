//! The permission check of sign-ups (`docs/protocol/transactions.md`, "Appendix B: permissions").

use std::{rc::Rc, sync::Arc};

use instant_core::{Object, Uuid};

use super::{
    document::{Action, Rules},
    env::{RuleContext, RuleHost, RuleRow},
    evaluate, persist,
};
use crate::{
    budget::{Budget, Operation},
    caller::Caller,
    failure::Failure,
    limits::Limits,
    request::RequestContext,
    state::StateRef,
};

/// Returns whether the app's rule for creating users allows a new user; `None` if the app has no
/// such rule.
///
/// # Errors
///
/// Returns an error if the rule does not compile, or fails to evaluate.
pub(crate) fn admits(state: StateRef<'_>, id: Uuid, user: Object) -> Result<Option<bool>, Failure> {
    let rules = Rules::new(persist::stored(state.snapshot)?, Arc::default());
    if !rules.has_own("$users", "create") {
        return Ok(None);
    }
    let Some(rule) = rules.rule("$users", &Action::Create)? else { return Ok(None) };
    let context = RequestContext::internal(Caller::User(id));
    let budget = Rc::new(Budget::new(Operation::Transaction, &Limits::default(), &context));
    let rule_context =
        RuleContext::new(context.caller, Uuid::nil(), context.origin, budget).with_user(user.clone());
    let links_from = state.catalog.namespace("$users").map(|users| (users.no, id));
    let row = RuleRow::Computed { values: Some(user), links_from };
    let host = RuleHost::new(state, &rule_context, &rules, row.clone(), row);
    Ok(Some(evaluate(&rule, &host, false)?.allows()))
}
