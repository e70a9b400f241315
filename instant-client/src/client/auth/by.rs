//! Which user is meant.

use std::fmt;

use instant_core::Id;

use crate::{
    BuildError, User,
    client::{RefreshToken, given::given, secrets::Secrets},
};

/// What a user is found by.
///
/// ```
/// use instant_client::{By, Id};
///
/// let by = [By::email("ada@example.com"), By::id(Id::new()), By::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa")];
/// assert_eq!(format!("{:?} {:?}", by[0], by[2]), "By(email) By(refresh_token)");
/// ```
#[derive(Clone)]
pub struct By(pub(super) Key);

#[derive(Clone)]
pub(super) enum Key {
    Email(String),
    Id(Id<User>),
    Token(RefreshToken),
}

impl By {
    /// By the email, in any case.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{By, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(By::email("ada@example.com")).await?;
    /// assert_eq!(db.auth().user(By::email("ada@example.com")).await?, Some(ada.user.clone()));
    /// # }
    /// ```
    pub fn email(email: impl Into<String>) -> Self {
        Self(Key::Email(email.into()))
    }

    /// By the id.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{By, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(By::email("ada@example.com")).await?;
    /// assert_eq!(db.auth().user(By::id(ada.user.id)).await?, Some(ada.user.clone()));
    /// # }
    /// ```
    pub fn id(id: Id<User>) -> Self {
        Self(Key::Id(id))
    }

    /// By a session.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{By, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(By::email("ada@example.com")).await?;
    /// assert_eq!(db.auth().user(By::token(&ada.token)).await?, Some(ada.user.clone()));
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
    pub(super) fn given(&self) -> Result<String, BuildError> {
        Ok(match &self.0 {
            Key::Email(email) => given("the email", email)?.to_owned(),
            Key::Id(id) => id.to_string(),
            Key::Token(token) => given("the refresh token", token.as_str())?.to_owned(),
        })
    }

    /// Keeps out of errors what opens something or says who somebody is.
    pub(super) fn hide(&self, secrets: &mut Secrets) {
        match &self.0 {
            Key::Email(email) => secrets.email(email),
            Key::Id(_) => {}
            Key::Token(token) => secrets.token(token.as_str()),
        }
    }
}

/// Shows what it is, but nobody's email or token.
impl fmt::Debug for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("By").field(&format_args!("{}", self.name())).finish()
    }
}
