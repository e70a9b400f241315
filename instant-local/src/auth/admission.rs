//! The permission check of new users: `$users.allow.create`, without defaults
//! (`docs/protocol/transactions.md`, "B.2 Which rule applies").

use instant_core::{Object, Uuid};

use crate::{failure::Failure, rules::admits, state::StateRef};

/// Rejects a new user if the app's rule denies it. Without a rule, users without extra fields are
/// allowed.
pub(super) fn admit(state: StateRef<'_>, id: Uuid, mut user: Object, extra: &Object) -> Result<(), Failure> {
    user.extend(extra.clone());
    let allowed = admits(state, id, user)?.unwrap_or(extra.is_empty());
    if allowed { Ok(()) } else { Err(Failure::denied(["$users", "create"], "perms-pass?")) }
}
