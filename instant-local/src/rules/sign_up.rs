//! The rule that decides who may become a user (`docs/protocol/transactions.md`, appendix B).

use std::sync::Arc;

use instant_core::{Object, Uuid};

use super::{
    document::{Action, Rules},
    env::{Asker, Row, Scene},
    evaluate, persist,
};
use crate::{caller::Caller, failure::Failure, request::Origin, state::StateRef};

/// Returns whether the app's own rule for creating users allows a new user; `None` if there is no such rule.
///
/// # Errors
///
/// A rule that fails, or does not compile.
pub(crate) fn admits(state: StateRef<'_>, id: Uuid, user: Object) -> Result<Option<bool>, Failure> {
    let rules = Rules::new(persist::stored(state.snapshot)?, Arc::default());
    if !rules.has_own("$users", "create") {
        return Ok(None);
    }
    let Some(rule) = rules.rule("$users", &Action::Create)? else { return Ok(None) };
    let asker = Asker::new(Caller::User(id), Uuid::nil(), Origin::default()).seen_as(user.clone());
    let place = state.catalog.namespace("$users").map(|users| (users.no, id));
    let row = Row::Made { values: Some(user), place };
    let scene = Scene::new(state, &asker, &rules, row.clone(), row);
    Ok(Some(evaluate(&rule, &scene, false)?.allows()))
}
