//! Rules that are asked outside of queries and transactions: about files in storage, and about who may become a user
//! (`transactions.md` B.2).

use std::sync::Arc;

use instant_core::{Object, Uuid, Value};

use super::{
    Permissions, Source,
    document::{Action, Rules},
    env::{Asker, Row, Scene, State},
    evaluate, persist,
};
use crate::{app::Identity, failure::Failure};

impl Permissions {
    /// Whether a file may be made at a path, or deleted there; its path is all that the rule sees of it.
    ///
    /// # Errors
    ///
    /// A rule that fails, or does not compile.
    pub(crate) fn allows_file(
        &self,
        state: State<'_>,
        identity: &Identity,
        create: bool,
        path: &str,
    ) -> Result<bool, Failure> {
        let action = if create { Action::Create } else { Action::Delete };
        let Some(rule) = self.rules.rule("$files", &action)? else { return Ok(true) };
        let asker = Asker::new(identity.clone(), self.app_id, self.source.clone());
        let data = Object::from_iter([("path".to_owned(), Value::from(path))]);
        // No row has this id, so that links lead nowhere.
        let place = state.catalog.namespace("$files").map(|files| (files.no, Uuid::nil()));
        let row = Row::Made { values: Some(data), place };
        let scene = Scene::new(state, &asker, &self.rules, row.clone(), row);
        Ok(evaluate(&rule, &scene, self.debug)?.allows())
    }
}

/// Whether somebody may become a user, as far as the app's own rule for creating users goes; none without one.
///
/// # Errors
///
/// A rule that fails, or does not compile.
pub(crate) fn admits(state: State<'_>, id: Uuid, user: Object) -> Result<Option<bool>, Failure> {
    let rules = Rules::new(persist::code(state.snapshot)?, Arc::default());
    if !rules.has_own("$users", "create") {
        return Ok(None);
    }
    let Some(rule) = rules.rule("$users", &Action::Create)? else { return Ok(None) };
    let asker = Asker::new(Identity::User(id), Uuid::nil(), Source::default()).seen_as(user.clone());
    let place = state.catalog.namespace("$users").map(|users| (users.no, id));
    let row = Row::Made { values: Some(user), place };
    let scene = Scene::new(state, &asker, &rules, row.clone(), row);
    Ok(Some(evaluate(&rule, &scene, false)?.allows()))
}
