//! Magic codes: short codes that go to an email, and sign in who knows them.

use instant_core::{Object, Value};

use super::{AuthClient, Session, SignInOptions};
use crate::{
    Error,
    client::{response, validate::valid_text},
    error::ErrorKind,
};

impl AuthClient {
    /// A new code for an email, to be sent there by other means. `POST /admin/magic_code`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::Client;
    ///
    /// let db = Client::in_memory();
    /// let code = db.auth().create_magic_code("ada@example.com").await?;
    /// let session = db.auth().verify_magic_code("ada@example.com", &code).await?;
    /// assert!(session.created);
    ///
    /// // Each code is good for once.
    /// assert!(db.auth().verify_magic_code("ada@example.com", &code).await.unwrap_err().is_not_found());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the server refuses, such as an email that is none.
    pub async fn create_magic_code(&self, email: impl AsRef<str>) -> Result<String, Error> {
        self.code("/admin/magic_code", email.as_ref()).await
    }

    /// A new code for an email, which the server sends there; it is answered, too. `POST /admin/send_magic_code`.
    ///
    /// An embedded Instant sends nothing by itself: it calls what was given to `instant_local::Local::on_magic_code`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::Client;
    ///
    /// let db = Client::in_memory();
    /// let code = db.auth().send_magic_code("ada@example.com").await?;
    /// assert_eq!(code.len(), 6);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the server refuses; [`is_rate_limited`](Error::is_rate_limited) after 20 codes for one email in an hour;
    /// [`ErrorKind::EmailSendFailed`].
    pub async fn send_magic_code(&self, email: impl AsRef<str>) -> Result<String, Error> {
        self.code("/admin/send_magic_code", email.as_ref()).await
    }

    /// A new session of the user with this email, who is made if there is none, for who knows the code.
    /// `POST /admin/verify_magic_code`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::Client;
    ///
    /// let db = Client::in_memory();
    /// let code = db.auth().send_magic_code("ada@example.com").await?;
    /// let ada = db.auth().verify_magic_code("ada@example.com", code).await?;
    /// assert!(ada.created);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the code is wrong or was used, [`ErrorKind::RecordExpired`] if it is too old;
    /// [`is_rate_limited`](Error::is_rate_limited) after 20 attempts for one email in an hour.
    pub async fn verify_magic_code(
        &self,
        email: impl AsRef<str>,
        code: impl AsRef<str>,
    ) -> Result<Session, Error> {
        self.verify_magic_code_with(email, code, SignInOptions::new()).await
    }

    /// As [`verify_magic_code`](Self::verify_magic_code), with own attributes for a new user, or for a guest who signs in.
    /// `POST /admin/verify_magic_code`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, SignInOptions};
    ///
    /// let db = Client::in_memory();
    /// let guest = db.auth().sign_in_guest().await?;
    /// let code = db.auth().send_magic_code("ada@example.com").await?;
    /// let options = SignInOptions::new().guest(guest.token);
    /// let ada = db.auth().verify_magic_code_with("ada@example.com", code, options).await?;
    /// assert_eq!(ada.user.id, guest.user.id);
    /// assert!(!ada.user.is_guest);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`verify_magic_code`](Self::verify_magic_code); [`is_validation`](Error::is_validation) if `$users` has no such attribute.
    pub async fn verify_magic_code_with(
        &self,
        email: impl AsRef<str>,
        code: impl AsRef<str>,
        options: SignInOptions,
    ) -> Result<Session, Error> {
        let mut body = Object::new();
        body.insert("email", valid_text("the email", email.as_ref())?);
        body.insert("code", valid_text("the code", code.as_ref())?);
        self.sign_in("/admin/verify_magic_code", body, options).await
    }

    async fn code(&self, path: &'static str, email: &str) -> Result<String, Error> {
        let email = valid_text("the email", email)?;
        let body = Value::from(Object::from_iter([("email".to_owned(), email.into())])).to_string();
        let pipeline = self.client.pipeline.redacting(|redactor| redactor.email(email));
        let text =
            pipeline.post(path, body, self.client.options.write_effect(), &self.client.options).await?;
        match response::object(&text)?.remove("code") {
            Some(Value::String(code)) => Ok(code),
            _ => Err(Error::new(ErrorKind::UnexpectedResponse, "the response has no `code`")),
        }
    }
}
