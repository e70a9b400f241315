//! The app's users and their sessions, as a part of a client. What users may do is a matter of rules, not of this.

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

/// The users of a client's app, and their sessions; see [`Client::auth`].
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
    /// The app's users and their sessions: who there is, who may come in, and who is sent out.
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
    /// The user, if there is one. `GET /admin/users`.
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
    /// [`ErrorKind::Build`] for an email or a token that no address can carry: blank, longer than 1,000 bytes, with a line break. What
    /// the server refuses, such as an email that is none.
    pub async fn user(&self, by: UserSelector) -> Result<Option<AuthUser>, Error> {
        self.one(Method::GET, &by, Effect::Read, "user").await
    }

    /// Deletes the user, with all sessions and with what the schema says goes along, and answers who it was, if there was one.
    /// `DELETE /admin/users`.
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
    /// What the server refuses. If the connection breaks, it is not known whether the user was deleted.
    pub async fn delete_user(&self, by: UserSelector) -> Result<Option<AuthUser>, Error> {
        self.one(Method::DELETE, &by, self.client.options.write_effect(), "deleted").await
    }

    /// The user whose session this is; none if the token is unknown, signed out, or no token at all.
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
    /// What the server refuses for another reason than the token.
    pub async fn verify_token(&self, token: impl Into<RefreshToken>) -> Result<Option<AuthUser>, Error> {
        let token = token.into();
        let Client { pipeline, options } = &self.client;
        let mut body = Object::new();
        body.insert("app-id", pipeline.app_id);
        body.insert("refresh-token", token.as_str());
        let pipeline = pipeline.redacting(|redactor| redactor.token(token.as_str()));
        let path = "/runtime/auth/verify_refresh_token";
        match pipeline.post(path, Value::from(body).to_string(), Effect::Read, options).await {
            Ok(text) => user::take(&mut response::object(&text)?, "user"),
            Err(error) => match error.kind() {
                ErrorKind::RecordNotFound | ErrorKind::ParamMalformed | ErrorKind::ParamMissing => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Ends sessions: all of the user with an email or an id, or the one of a token. `POST /admin/sign_out`.
    ///
    /// An unknown id or token has no sessions, which is no error.
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

    async fn one(
        &self,
        method: Method,
        by: &UserSelector,
        effect: Effect,
        key: &str,
    ) -> Result<Option<AuthUser>, Error> {
        let pipeline = self.client.pipeline.redacting(|redactor| by.redact(redactor));
        let path = format!("/admin/users?{}={}", by.name(), percent_encoded(&by.valid_text()?));
        let text = pipeline.call(method, path, String::new(), effect, &self.client.options).await?;
        user::take(&mut response::object(&text)?, key)
    }
}
