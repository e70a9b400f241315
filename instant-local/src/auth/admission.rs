//! The rule that lets new users in: `$users.allow.create` alone, without defaults (`transactions.md` B.2).

use instant_core::{Object, Uuid};

use crate::{failure::Failure, rules::admits, state::StateRef};

/// Refuses a user whom the app's rule does not let in. Without a rule everybody may come, who brings no fields of their own.
pub(super) fn admit(state: StateRef<'_>, id: Uuid, mut user: Object, extra: &Object) -> Result<(), Failure> {
    user.extend(extra.clone());
    let allowed = admits(state, id, user)?.unwrap_or(extra.is_empty());
    if allowed { Ok(()) } else { Err(Failure::denied(["$users", "create"], "perms-pass?")) }
}
