//! The user of a scoped client, and the headers that select it (`docs/protocol/http-api.md`, "2.3
//! Impersonation: As-Token, As-Email, As-Guest").

use std::fmt;

use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use instant_core::Object;

use crate::{
    Error,
    client::{Client, RefreshToken, UserSelector, pipeline::Pipeline, validate::valid_text},
};

/// The user or guest as actor a [`Scoped`](super::Scoped) client sends its requests.
///
/// ```
/// use instant_client::As;
///
/// let user = As::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
/// assert_eq!(format!("{user:?}"), "As(token)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct As(Actor);

#[derive(Clone, PartialEq, Eq)]
enum Actor {
    Email(String),
    Token(RefreshToken),
    Guest,
}

impl As {
    /// Acts as the user with this email, spelled as stored: in lower case, unless a transaction
    /// stored another spelling.
    ///
    /// ```
    /// use instant_client::As;
    ///
    /// let ada = As::email("ada@example.com");
    /// ```
    pub fn email(email: impl Into<String>) -> Self {
        Self(Actor::Email(email.into()))
    }

    /// Acts as the user of a session, including guests who signed in.
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
        Self(Actor::Token(token.into()))
    }

    /// Acts as a guest without a session: `auth` is null in rules.
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
        Self(Actor::Guest)
    }

    /// Returns `pipeline` with the headers of the user. An invalid email or token is an error of
    /// each call.
    pub(super) fn user_pipeline(&self, pipeline: &Pipeline) -> Pipeline {
        let mut pipeline = self.debug_pipeline(pipeline);
        // A server that ignores the other header must not take the request for the admin's.
        if let (Ok(headers), Actor::Token(_) | Actor::Guest) = (&mut pipeline.headers, &self.0) {
            headers.remove(AUTHORIZATION);
        }
        pipeline
    }

    /// Returns `pipeline` with the headers of the user and the admin token, for endpoints that
    /// require both.
    pub(in crate::client) fn debug_pipeline(&self, pipeline: &Pipeline) -> Pipeline {
        let (name, value, invalid) = match &self.0 {
            Actor::Email(email) => (
                "as-email",
                email.trim(),
                "the email to act as is blank, too long, or cannot be sent in a header",
            ),
            Actor::Token(token) => (
                "as-token",
                token.as_str(),
                "the refresh token to act as is blank, too long, or cannot be sent in a header",
            ),
            Actor::Guest => ("as-guest", "true", ""),
        };
        let mut pipeline = pipeline.redacting(|redactor| match &self.0 {
            Actor::Email(email) => redactor.email(email),
            Actor::Token(token) => redactor.token(token.as_str()),
            Actor::Guest => {}
        });
        pipeline.headers = pipeline.headers.and_then(|mut headers| {
            let value = valid_text("", value).ok().and_then(|value| HeaderValue::from_str(value).ok());
            let mut value = value.ok_or(invalid)?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
            Ok(headers)
        });
        pipeline
    }

    /// Returns the condition of a query for the user; `None` for guests.
    pub(in crate::client) async fn condition(&self, admin: &Client) -> Result<Option<Object>, Error> {
        let condition = |name: &str, value: String| Object::from_iter([(name.to_owned(), value.into())]);
        Ok(match &self.0 {
            Actor::Guest => None,
            Actor::Email(email) => Some(condition("email", email.trim().to_owned())),
            Actor::Token(token) => {
                let user = admin.auth().user(UserSelector::token(token)).await?;
                user.map(|user| condition("id", user.id.to_string()))
            }
        })
    }
}

/// Shows the email, and omits the token.
impl fmt::Display for As {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Actor::Email(email) => email.trim(),
            Actor::Token(_) => "the user of a token",
            Actor::Guest => "a guest",
        })
    }
}

/// Shows the kind of user, but no email or token.
impl fmt::Debug for As {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actor = match self.0 {
            Actor::Email(_) => "email",
            Actor::Token(_) => "token",
            Actor::Guest => "guest",
        };
        f.debug_tuple("As").field(&format_args!("{actor}")).finish()
    }
}
