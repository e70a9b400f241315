//! Permission checks of uploads and deletions of files, whose rules see only the path
//! (`docs/protocol/transactions.md`, "Appendix B: permissions").

use std::rc::Rc;

use instant_core::{Object, Uuid, Value};

use super::{
    Permissions,
    document::Action,
    env::{RuleContext, RuleHost, RuleRow},
    evaluate,
};
use crate::{
    budget::{Budget, Operation},
    failure::Failure,
    limits::Limits,
    request::RequestContext,
    state::StateRef,
};

impl Permissions {
    /// Returns whether the caller may create, or else delete, a file at a path.
    ///
    /// # Errors
    ///
    /// Returns an error if the rule does not compile, or fails to evaluate.
    pub(crate) fn allows_file(
        &self,
        state: StateRef<'_>,
        context: &RequestContext,
        create: bool,
        path: &str,
    ) -> Result<bool, Failure> {
        let action = if create { Action::Create } else { Action::Delete };
        let Some(rule) = self.rules.rule("$files", &action)? else { return Ok(true) };
        let budget = Rc::new(Budget::new(Operation::Transaction, &Limits::default(), context));
        let rule_context = RuleContext::new(context.caller, self.app_id, context.origin.clone(), budget);
        let data = Object::from_iter([("path".to_owned(), Value::from(path))]);
        // No row has this id, so links from it reach nothing.
        let links_from = state.catalog.namespace("$files").map(|files| (files.no, Uuid::nil()));
        let row = RuleRow::Computed { values: Some(data), links_from };
        let host = RuleHost::new(state, &rule_context, &self.rules, row.clone(), row);
        Ok(evaluate(&rule, &host, self.debug)?.allows())
    }
}
