//! Sessions of users. Each has a refresh token, and ends when the user signs out.

use instant_core::Uuid;

use super::{
    TOKENS, USERS,
    create::{Known, NewUser},
    secret,
    user::{User, UserKey, holders, links, number},
};
use crate::{
    apps::HostedApp,
    failure::Failure,
    layout,
    transact::{Rows, write_rows},
};

/// A new session of a user.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Session {
    pub(crate) user: User,
    pub(crate) token: Uuid,
    /// `true` if the user was created with the session.
    pub(crate) created: bool,
}

/// Signs in the user with an email or an id, creating the user if needed.
pub(crate) fn sign_in(app: &HostedApp, known: &Known, new: &NewUser<'_>) -> Result<Session, Failure> {
    let session = write_rows(&app.app, |rows| {
        let found = User::find(rows.state(), &known.key())?;
        app.writable()?;
        let (id, created) = match found {
            Some(user) => (user.id, false),
            None => (new.create(rows, known)?, true),
        };
        open(rows, id, created)
    })?;
    Ok(session)
}

/// Ends a session, or all sessions of a user. An unknown token or id has no sessions.
///
/// # Errors
///
/// `record-not-found` for an unknown email.
pub(crate) fn sign_out(app: &HostedApp, key: &UserKey) -> Result<(), Failure> {
    write_rows(&app.app, |rows| {
        let state = rows.state();
        let sessions = match key {
            UserKey::Token(token) => holders(state, TOKENS, "hashedToken", &secret::hash_token(token))?,
            key => {
                let id = match (User::find(state, key)?, key) {
                    (Some(user), _) => user.id,
                    (None, UserKey::Email(_)) => return Err(not_found(app.app.id(), key)),
                    (None, _) => return Ok(()),
                };
                links(state.snapshot, &layout::links_to(number(state.catalog, TOKENS, "$user")?, &id))?
            }
        };
        rows.delete(TOKENS, sessions).map(drop)
    })?;
    Ok(())
}

/// Deletes a user and everything that is deleted with it. Returns the user, or `None` if there
/// is no such user.
pub(crate) fn delete_user(app: &HostedApp, key: &UserKey) -> Result<Option<User>, Failure> {
    if User::find(app.state()?.by_ref(), key)?.is_none() {
        return Ok(None);
    }
    let user = write_rows(&app.app, |rows| {
        let Some(user) = User::find(rows.state(), key)? else { return Ok(None) };
        app.writable()?;
        rows.delete(USERS, [user.id])?;
        rows.check_required()?;
        Ok(Some(user))
    })?;
    Ok(user)
}

/// Creates a session of a user.
pub(super) fn open(rows: &mut Rows<'_>, id: Uuid, created: bool) -> Result<Session, Failure> {
    let (session, token) = (Uuid::new_v4(), Uuid::new_v4());
    rows.create(TOKENS, &session)?;
    rows.set(TOKENS, &session, "hashedToken", secret::hash_token(&token))?;
    rows.link(TOKENS, &session, "$user", &id)?;
    let user = User::find(rows.state(), &UserKey::Id(id))?;
    let user = user.ok_or_else(|| Failure::damaged(format!("no user {id}")))?;
    Ok(Session { user, token, created })
}

/// Creates the error for a user that does not exist.
pub(crate) fn not_found(app_id: Uuid, key: &UserKey) -> Failure {
    let by = match key {
        UserKey::Id(id) => ("id", (*id).into()),
        UserKey::Email(email) => ("email", email.into()),
        UserKey::Token(token) => ("refresh-token", (*token).into()),
    };
    Failure::not_found("app-user", [("app-id", app_id.into()), by])
}
