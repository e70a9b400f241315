//! The refresh token, which authenticates a session.

use std::fmt;

/// A refresh token, which authenticates a user until it is signed out. `Debug` omits the token, and
/// there is no `Display`; [`as_str`](Self::as_str) returns it.
///
/// ```
/// use instant_client::RefreshToken;
///
/// let token = RefreshToken::from("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
/// assert_eq!(format!("{token:?}"), "RefreshToken(..)");
/// assert_eq!(token.as_str(), "c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken(String);

impl RefreshToken {
    /// Returns the token.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// assert!(!ada.token.as_str().is_empty());
    /// # }
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(..)")
    }
}

impl From<&str> for RefreshToken {
    fn from(token: &str) -> Self {
        Self(token.trim().to_owned())
    }
}

impl From<String> for RefreshToken {
    fn from(token: String) -> Self {
        token.as_str().into()
    }
}

impl From<&RefreshToken> for RefreshToken {
    fn from(token: &RefreshToken) -> Self {
        token.clone()
    }
}
