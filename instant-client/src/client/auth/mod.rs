//! The app's users and their sessions. Permission rules, not this module, decide what users may do.

mod codes;
mod selector;
mod sign_in;
pub(super) mod user;

use http::Method;
use instant_core::{Object, Value};

pub use self::{
    selector::UserSelector,
    sign_in::{Session, SignInOptions},
    user::AuthUser,
};
use super::{Client, RefreshToken, percent_encoded, response};
use crate::{Error, error::ErrorKind, retry::Effect};

/// A handle to the users and sessions of an app; see [`Client::auth`].
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{UserSelector, Client};
///
/// let db = Client::in_memory();
/// let auth = db.auth();
/// assert!(auth.user(UserSelector::email("ada@example.com")).await?.is_none());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct AuthClient {
    client: Client,
}

impl Client {
    /// Returns a handle to the app's users and their sessions: look up and delete users, sign them
    /// in and out.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let session = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// assert!(session.created);
    /// assert_eq!(session.user.email.as_deref(), Some("ada@example.com"));
    ///
    /// let ada = db.as_user(As::token(&session.token));
    /// # let _ = ada;
    /// assert_eq!(db.auth().verify_token(&session.token).await?, Some(session.user.clone()));
    ///
    /// db.auth().sign_out(UserSelector::token(&session.token)).await?;
    /// assert_eq!(db.auth().verify_token(&session.token).await?, None);
    /// # }
    /// ```
    pub fn auth(&self) -> AuthClient {
        AuthClient { client: self.clone() }
    }
}

impl AuthClient {
    /// Returns the user, or `None` if there is no such user. `GET /admin/users`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// assert!(db.auth().user(UserSelector::email("ada@example.com")).await?.is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] for an email or a token that cannot be sent in a URL: blank, longer
    /// than 1,000 bytes, or with a line break. Also fails if the server rejects the request, for
    /// example because the email is invalid.
    pub async fn user(&self, by: UserSelector) -> Result<Option<AuthUser>, Error> {
        self.user_request(Method::GET, &by, Effect::Read, "user").await
    }

    /// Deletes the user with all sessions and cascading links, and returns the deleted user, or
    /// `None` if there was none. `DELETE /admin/users`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let user = db.auth().create_token(UserSelector::email("ada@example.com")).await?.user;
    /// assert_eq!(db.auth().delete_user(UserSelector::id(user.id)).await?, Some(user.clone()));
    /// assert_eq!(db.auth().delete_user(UserSelector::id(user.id)).await?, None);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the request. If the connection breaks, the user may or may not
    /// have been deleted.
    pub async fn delete_user(&self, by: UserSelector) -> Result<Option<AuthUser>, Error> {
        self.user_request(Method::DELETE, &by, self.client.options.write_effect(), "deleted").await
    }

    /// Returns the user of a session, or `None` if the token is unknown, signed out or malformed.
    /// `POST /runtime/auth/verify_refresh_token`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// assert_eq!(db.auth().verify_token(&ada.token).await?, Some(ada.user));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the request for a reason other than the token.
    pub async fn verify_token(&self, token: impl Into<RefreshToken>) -> Result<Option<AuthUser>, Error> {
        let token = token.into();
        let Client { pipeline, options } = &self.client;
        let mut body = Object::new();
        body.insert("app-id", pipeline.app_id);
        body.insert("refresh-token", token.as_str());
        let pipeline = pipeline.redacting(|redactor| redactor.token(token.as_str()));
        let path = "/runtime/auth/verify_refresh_token";
        match pipeline.post(path, Value::from(body).to_string(), Effect::Read, options).await {
            Ok(text) => user::remove(&mut response::object(&text)?, "user"),
            Err(error) => match error.kind() {
                ErrorKind::RecordNotFound | ErrorKind::ParamMalformed | ErrorKind::ParamMissing => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Ends sessions: all sessions of the user with an email or an id, or the session of one token.
    /// `POST /admin/sign_out`.
    ///
    /// Signing out an unknown id or token succeeds.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let session = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// db.auth().sign_out(UserSelector::email("ada@example.com")).await?;
    /// assert!(db.auth().verify_token(&session.token).await?.is_none());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if no user has the email.
    pub async fn sign_out(&self, by: UserSelector) -> Result<(), Error> {
        let mut body = Object::new();
        body.insert(by.name(), by.valid_text()?);
        let pipeline = self.client.pipeline.redacting(|redactor| by.redact(redactor));
        let body = Value::from(body).to_string();
        pipeline.post("/admin/sign_out", body, Effect::IdempotentWrite, &self.client.options).await?;
        Ok(())
    }

    async fn user_request(
        &self,
        method: Method,
        by: &UserSelector,
        effect: Effect,
        key: &str,
    ) -> Result<Option<AuthUser>, Error> {
        let pipeline = self.client.pipeline.redacting(|redactor| by.redact(redactor));
        let path = format!("/admin/users?{}={}", by.name(), percent_encoded(&by.valid_text()?));
        let text = pipeline.call(method, path, String::new(), effect, &self.client.options).await?;
        user::remove(&mut response::object(&text)?, key)
    }
}
