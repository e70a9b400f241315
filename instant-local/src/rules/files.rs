//! Rules about uploaded files, which see nothing but the path (`docs/protocol/transactions.md`, appendix B).

use instant_core::{Object, Uuid, Value};

use super::{
    Permissions,
    document::Action,
    env::{Asker, Row, Scene},
    evaluate,
};
use crate::{failure::Failure, request::RequestContext, state::StateRef};

impl Permissions {
    /// Returns whether the caller may create, or else delete, a file at a path.
    ///
    /// # Errors
    ///
    /// A rule that fails, or does not compile.
    pub(crate) fn allows_file(
        &self,
        state: StateRef<'_>,
        context: &RequestContext,
        create: bool,
        path: &str,
    ) -> Result<bool, Failure> {
        let action = if create { Action::Create } else { Action::Delete };
        let Some(rule) = self.rules.rule("$files", &action)? else { return Ok(true) };
        let asker = Asker::new(context.caller, self.app_id, context.origin.clone());
        let data = Object::from_iter([("path".to_owned(), Value::from(path))]);
        // No row has this id, so that links lead nowhere.
        let place = state.catalog.namespace("$files").map(|files| (files.no, Uuid::nil()));
        let row = Row::Made { values: Some(data), place };
        let scene = Scene::new(state, &asker, &self.rules, row.clone(), row);
        Ok(evaluate(&rule, &scene, self.debug)?.allows())
    }
}
