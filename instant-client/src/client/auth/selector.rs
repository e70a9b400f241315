//! Which user is meant.

use std::fmt;

use instant_core::Id;

use crate::{
    BuildError, User,
    client::{RefreshToken, redaction::Redactor, validate::valid_text},
};

/// What a user is found by.
///
/// ```
/// use instant_client::{UserSelector, Id};
///
/// let by = [UserSelector::email("ada@example.com"), UserSelector::id(Id::new()), UserSelector::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa")];
/// assert_eq!(format!("{:?} {:?}", by[0], by[2]), "UserSelector(email) UserSelector(refresh_token)");
/// ```
#[derive(Clone)]
pub struct UserSelector(pub(super) Key);

#[derive(Clone)]
pub(super) enum Key {
    Email(String),
    Id(Id<User>),
    Token(RefreshToken),
}

impl UserSelector {
    /// By the email, in any case.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// assert_eq!(db.auth().user(UserSelector::email("ada@example.com")).await?, Some(ada.user.clone()));
    /// # }
    /// ```
    pub fn email(email: impl Into<String>) -> Self {
        Self(Key::Email(email.into()))
    }

    /// By the id.
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

    /// By a session.
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

    /// What servers call it.
    pub(super) fn name(&self) -> &'static str {
        match self.0 {
            Key::Email(_) => "email",
            Key::Id(_) => "id",
            Key::Token(_) => "refresh_token",
        }
    }

    /// The value as it travels, if it can.
    pub(super) fn valid_text(&self) -> Result<String, BuildError> {
        Ok(match &self.0 {
            Key::Email(email) => valid_text("the email", email)?.to_owned(),
            Key::Id(id) => id.to_string(),
            Key::Token(token) => valid_text("the refresh token", token.as_str())?.to_owned(),
        })
    }

    /// Keeps out of errors what opens something or says who somebody is.
    pub(super) fn redact(&self, redactor: &mut Redactor) {
        match &self.0 {
            Key::Email(email) => redactor.email(email),
            Key::Id(_) => {}
            Key::Token(token) => redactor.token(token.as_str()),
        }
    }
}

/// Shows what it is, but nobody's email or token.
impl fmt::Debug for UserSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UserSelector").field(&format_args!("{}", self.name())).finish()
    }
}
