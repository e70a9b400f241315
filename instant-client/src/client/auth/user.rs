//! The user object in responses of the endpoints for users and sessions
//! (`docs/protocol/http-api.md`, "6. The user object").

use instant_core::{Id, Object, Value};
use jiff::Timestamp;

use crate::{Error, User, client::RefreshToken, error::ErrorKind};

/// A user as returned by the endpoints for users and sessions: with the app's custom attributes,
/// but without links. To query users with links and filters, see [`User`].
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{UserSelector, Client};
///
/// let db = Client::in_memory();
/// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?.user;
/// assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
/// assert!(!ada.is_guest);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AuthUser {
    /// The id.
    pub id: Id<User>,
    /// The email; `None` for guests.
    pub email: Option<String>,
    /// `true` for a guest, who has not signed in.
    pub is_guest: bool,
    /// When the user was created, in whole seconds. Some servers omit it.
    pub created_at: Option<Timestamp>,
    /// All other stored attributes, including custom ones.
    pub fields: Object,
}

/// Removes and returns the user under `key` of a response; `None` if the value is null.
pub(in crate::client) fn remove(response: &mut Object, key: &str) -> Result<Option<AuthUser>, Error> {
    Ok(remove_with_token(response, key)?.map(|(user, _)| user))
}

/// Returns the user, and the token if the response has one.
pub(super) fn remove_with_token(
    response: &mut Object,
    key: &str,
) -> Result<Option<(AuthUser, Option<RefreshToken>)>, Error> {
    let unexpected =
        || Error::new(ErrorKind::UnexpectedResponse, format!("the response has no user in `{key}`"));
    match response.remove(key) {
        Some(Value::Null) => Ok(None),
        Some(Value::Object(user)) => parse_user(user).map(Some).ok_or_else(unexpected),
        _ => Err(unexpected()),
    }
}

fn parse_user(mut user: Object) -> Option<(AuthUser, Option<RefreshToken>)> {
    let mut text = |key: &str| match user.remove(key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let id = text("id")?.parse().ok()?;
    let (email, created_at, token) = (text("email"), text("created_at"), text("refresh_token"));
    let created_at = created_at.and_then(|at| at.parse().ok());
    let guest_by_type = user.get("type").and_then(Value::as_str) == Some("guest");
    let is_guest = user.remove("isGuest").and_then(|guest| guest.as_bool()).unwrap_or(guest_by_type);
    user.remove("app_id");
    Some((AuthUser { id, email, is_guest, created_at, fields: user }, token.map(RefreshToken::from)))
}
