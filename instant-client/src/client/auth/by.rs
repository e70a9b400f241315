//! Which user is meant.

use instant_core::Id;

use crate::{User, client::RefreshToken};

/// What a user is found by.
///
/// ```
/// use instant_client::{By, Id};
///
/// let by = [By::email("ada@example.com"), By::id(Id::new()), By::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa")];
/// assert!(!format!("{by:?}").contains("c2f5"));
/// ```
#[derive(Debug, Clone)]
pub struct By(pub(super) Key);

#[derive(Debug, Clone)]
pub(super) enum Key {
    Email(String),
    Id(Id<User>),
    Token(RefreshToken),
}

impl By {
    /// By the email, in any case.
    pub fn email(email: impl Into<String>) -> Self {
        Self(Key::Email(email.into()))
    }

    /// By the id.
    pub fn id(id: Id<User>) -> Self {
        Self(Key::Id(id))
    }

    /// By a session.
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

    pub(super) fn value(&self) -> String {
        match &self.0 {
            Key::Email(email) => email.clone(),
            Key::Id(id) => id.to_string(),
            Key::Token(token) => token.as_str().to_owned(),
        }
    }

    pub(super) fn token_of(&self) -> Option<&RefreshToken> {
        match &self.0 {
            Key::Token(token) => Some(token),
            Key::Email(_) | Key::Id(_) => None,
        }
    }
}
