//! A user as the endpoints for users and sessions answer it (`docs/protocol/http-api.md`, "6. The
//! user object").

use instant_core::{Id, Object, Value};
use jiff::Timestamp;

use crate::{Error, User, client::RefreshToken, error::ErrorKind};

/// A user, as users and sessions are answered: without what is linked, but with the app's own attributes. To query users, with links
/// and filters, see [`User`].
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
    /// The address; guests have none.
    pub email: Option<String>,
    /// Whether it is a guest, who said nothing of themselves.
    pub is_guest: bool,
    /// When the user came into being, in whole seconds; some servers do not tell.
    pub created_at: Option<Timestamp>,
    /// All other attributes that are stored, the app's own ones among them.
    pub fields: Object,
}

/// Takes the user that an answer has under `key`; none if it is null there.
pub(in crate::client) fn take(answer: &mut Object, key: &str) -> Result<Option<AuthUser>, Error> {
    Ok(with_token(answer, key)?.map(|(user, _)| user))
}

/// The same with the token, if there is one.
pub(super) fn with_token(
    answer: &mut Object,
    key: &str,
) -> Result<Option<(AuthUser, Option<RefreshToken>)>, Error> {
    let unexpected =
        || Error::new(ErrorKind::UnexpectedResponse, format!("the response has no user in `{key}`"));
    match answer.remove(key) {
        Some(Value::Null) => Ok(None),
        Some(Value::Object(user)) => read(user).map(Some).ok_or_else(unexpected),
        _ => Err(unexpected()),
    }
}

fn read(mut user: Object) -> Option<(AuthUser, Option<RefreshToken>)> {
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
