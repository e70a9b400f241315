//! Who acts, and the headers that say so (`docs/protocol/http-api.md`, "2.3 Impersonation:
//! As-Token, As-Email, As-Guest").

use std::fmt;

use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use instant_core::Object;

use crate::{
    Error,
    client::{Client, RefreshToken, UserSelector, pipeline::Pipeline, validate::valid_text},
};

/// Whom a [`Scoped`](super::Scoped) acts as.
///
/// ```
/// use instant_client::As;
///
/// let user = As::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
/// assert_eq!(format!("{user:?}"), "As(token)");
/// ```
#[derive(Clone)]
pub struct As(Whom);

#[derive(Clone)]
enum Whom {
    Email(String),
    Token(RefreshToken),
    Guest,
}

impl As {
    /// The user with this address, spelled as it is stored: in lower case, unless a transaction stored something else.
    ///
    /// ```
    /// use instant_client::As;
    ///
    /// let ada = As::email("ada@example.com");
    /// ```
    pub fn email(email: impl Into<String>) -> Self {
        Self(Whom::Email(email.into()))
    }

    /// The user whose session this is. A guest who signed in is such a user, too.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, UserSelector, Client, User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// let session = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// let ada = db.as_user(As::token(&session.token));
    /// assert_eq!(ada.query(User::query()).await?.len(), 1, "users see themselves");
    /// # }
    /// ```
    pub fn token(token: impl Into<RefreshToken>) -> Self {
        Self(Whom::Token(token.into()))
    }

    /// Nobody in particular: `auth` is null in the rules.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, Client, User, prelude::*};
    ///
    /// let guest = Client::in_memory().as_user(As::guest());
    /// assert!(guest.query(User::query()).await?.is_empty());
    /// # }
    /// ```
    pub fn guest() -> Self {
        Self(Whom::Guest)
    }

    /// What sends as `sender` does, but acting. What cannot be sent is refused when it is to be sent.
    pub(super) fn acting(&self, pipeline: &Pipeline) -> Pipeline {
        let mut acting = self.debugging(pipeline);
        // A server that takes no notice of the other header must not take the call for the admin's.
        if let (Ok(headers), Whom::Token(_) | Whom::Guest) = (&mut acting.headers, &self.0) {
            headers.remove(AUTHORIZATION);
        }
        acting
    }

    /// The same with the admin's token, for endpoints that refuse an admin who acts as nobody.
    pub(in crate::client) fn debugging(&self, pipeline: &Pipeline) -> Pipeline {
        let (name, value, unfit) = match &self.0 {
            Whom::Email(email) => ("as-email", email.trim(), "the email to act as is none"),
            Whom::Token(token) => ("as-token", token.as_str(), "the refresh token to act as is none"),
            Whom::Guest => ("as-guest", "true", ""),
        };
        let mut acting = pipeline.redacting(|redactor| match &self.0 {
            Whom::Email(email) => redactor.email(email),
            Whom::Token(token) => redactor.token(token.as_str()),
            Whom::Guest => {}
        });
        acting.headers = acting.headers.and_then(|mut headers| {
            let value = valid_text("", value).ok().and_then(|value| HeaderValue::from_str(value).ok());
            let mut value = value.ok_or(unfit)?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
            Ok(headers)
        });
        acting
    }

    /// Which user it is, as a condition of a query; nobody is none.
    pub(in crate::client) async fn condition(&self, admin: &Client) -> Result<Option<Object>, Error> {
        let condition = |name: &str, value: String| Object::from_iter([(name.to_owned(), value.into())]);
        Ok(match &self.0 {
            Whom::Guest => None,
            Whom::Email(email) => Some(condition("email", email.trim().to_owned())),
            Whom::Token(token) => {
                let user = admin.auth().user(UserSelector::token(token)).await?;
                user.map(|user| condition("id", user.id.to_string()))
            }
        })
    }
}

/// Shows an email, and no token.
impl fmt::Display for As {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Whom::Email(email) => email.trim(),
            Whom::Token(_) => "the user of a token",
            Whom::Guest => "a guest",
        })
    }
}

/// Shows what it is, but nobody's email or token.
impl fmt::Debug for As {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whom = match self.0 {
            Whom::Email(_) => "email",
            Whom::Token(_) => "token",
            Whom::Guest => "guest",
        };
        f.debug_tuple("As").field(&format_args!("{whom}")).finish()
    }
}
