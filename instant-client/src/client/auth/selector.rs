//! The selection of a user: by email, id or session.

use std::fmt;

use instant_core::Id;

use crate::{
    BuildError, User,
    client::{RefreshToken, redaction::Redactor, validate::valid_text},
};

/// The property that selects a user.
///
/// ```
/// use instant_client::{UserSelector, Id};
///
/// let by_email = UserSelector::email("ada@example.com");
/// let by_id = UserSelector::id(Id::new());
/// let by_token = UserSelector::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
/// assert_eq!(format!("{by_email:?}"), "UserSelector(email)");
/// assert_eq!(format!("{by_token:?}"), "UserSelector(refresh_token)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct UserSelector(pub(super) Key);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Key {
    Email(String),
    Id(Id<User>),
    Token(RefreshToken),
}

impl UserSelector {
    /// Selects by email, ignoring case.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// let user = db.auth().user(UserSelector::email("ADA@example.com")).await?;
    /// assert_eq!(user, Some(ada.user));
    /// # }
    /// ```
    pub fn email(email: impl Into<String>) -> Self {
        Self(Key::Email(email.into()))
    }

    /// Selects by id.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// assert_eq!(db.auth().user(UserSelector::id(ada.user.id)).await?, Some(ada.user.clone()));
    /// # }
    /// ```
    pub fn id(id: Id<User>) -> Self {
        Self(Key::Id(id))
    }

    /// Selects the user of a session.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// assert_eq!(db.auth().user(UserSelector::token(&ada.token)).await?, Some(ada.user.clone()));
    /// # }
    /// ```
    pub fn token(token: impl Into<RefreshToken>) -> Self {
        Self(Key::Token(token.into()))
    }

    /// Returns the name of the parameter in requests.
    pub(super) fn name(&self) -> &'static str {
        match self.0 {
            Key::Email(_) => "email",
            Key::Id(_) => "id",
            Key::Token(_) => "refresh_token",
        }
    }

    /// Returns the value of the parameter in requests, if it is valid.
    pub(super) fn valid_text(&self) -> Result<String, BuildError> {
        Ok(match &self.0 {
            Key::Email(email) => valid_text("the email", email)?.to_owned(),
            Key::Id(id) => id.to_string(),
            Key::Token(token) => valid_text("the refresh token", token.as_str())?.to_owned(),
        })
    }

    /// Redacts an email or a token from errors. Ids are not secret.
    pub(super) fn redact(&self, redactor: &mut Redactor) {
        match &self.0 {
            Key::Email(email) => redactor.email(email),
            Key::Id(_) => {}
            Key::Token(token) => redactor.token(token.as_str()),
        }
    }
}

/// Shows the kind of selector, but no email or token.
impl fmt::Debug for UserSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UserSelector").field(&format_args!("{}", self.name())).finish()
    }
}
