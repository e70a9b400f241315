//! Magic codes: short codes sent to an email address, with which its owner signs in.

use instant_core::{Object, Value};

use super::{AuthClient, Session, SignInOptions};
use crate::{
    Error,
    client::{response, validate::valid_text},
    error::ErrorKind,
};

impl AuthClient {
    /// Creates a magic code for an email without sending it. `POST /admin/magic_code`.
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
    /// let error = db.auth().verify_magic_code("ada@example.com", &code).await.unwrap_err();
    /// assert!(error.is_not_found());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the request, for example because the email is invalid.
    pub async fn create_magic_code(&self, email: impl AsRef<str>) -> Result<String, Error> {
        self.request_code("/admin/magic_code", email.as_ref()).await
    }

    /// Creates a magic code for an email; the server sends it and also returns it. `POST
    /// /admin/send_magic_code`.
    ///
    /// The embedded backend sends no email: it calls the function set with
    /// `instant_local::Local::on_magic_code`.
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
    /// [`is_rate_limited`](Error::is_rate_limited) after 20 codes for one email in an hour;
    /// [`ErrorKind::EmailSendFailed`]; any other rejection by the server.
    pub async fn send_magic_code(&self, email: impl AsRef<str>) -> Result<String, Error> {
        self.request_code("/admin/send_magic_code", email.as_ref()).await
    }

    /// Creates a session for the user with this email, given a valid magic code. Creates the user
    /// if necessary. `POST /admin/verify_magic_code`.
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
    /// [`is_not_found`](Error::is_not_found) if the code is wrong or already used,
    /// [`ErrorKind::RecordExpired`] if it has expired; [`is_rate_limited`](Error::is_rate_limited)
    /// after 20 attempts for one email in an hour.
    pub async fn verify_magic_code(
        &self,
        email: impl AsRef<str>,
        code: impl AsRef<str>,
    ) -> Result<Session, Error> {
        self.verify_magic_code_with(email, code, SignInOptions::new()).await
    }

    /// Same as [`verify_magic_code`](Self::verify_magic_code), with custom attributes for a new
    /// user, or with the guest that signs in. `POST /admin/verify_magic_code`.
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
    /// The same as [`verify_magic_code`](Self::verify_magic_code);
    /// [`is_validation`](Error::is_validation) if `$users` has no such attribute.
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

    async fn request_code(&self, path: &'static str, email: &str) -> Result<String, Error> {
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
