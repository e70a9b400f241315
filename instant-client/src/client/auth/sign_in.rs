//! Signing in: sessions for an email or an id, and for guests.

use std::fmt;

use instant_core::{Object, Value};

use super::{AuthClient, AuthUser, RefreshToken, UserSelector, selector::Key, user};
use crate::{Error, client::response, error::ErrorKind};

/// A new session.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{UserSelector, Client};
///
/// let db = Client::in_memory();
/// let ada = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
/// assert!(ada.created && ada.user.email.as_deref() == Some("ada@example.com"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// Whose it is.
    pub user: AuthUser,
    /// What proves it, as for [`As::token`](crate::As::token).
    pub token: RefreshToken,
    /// Whether the user is new.
    pub created: bool,
}

/// What goes along with signing in.
///
/// ```
/// use instant_client::{SignInOptions, prelude::*};
///
/// let options = SignInOptions::new().fields(json!({"nickname": "ada"}));
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
#[must_use = "options do nothing before they are given to a call"]
pub struct SignInOptions {
    fields: Option<Value>,
    guest: Option<RefreshToken>,
}

impl SignInOptions {
    /// Nothing.
    ///
    /// ```
    /// use instant_client::SignInOptions;
    ///
    /// let nothing = SignInOptions::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Own attributes of `$users` for the user, if it is new: an object.
    ///
    /// ```
    /// use instant_client::{SignInOptions, prelude::json};
    ///
    /// let options = SignInOptions::new().fields(json!({"nickname": "ada"}));
    /// ```
    pub fn fields(self, fields: impl Into<Value>) -> Self {
        Self { fields: Some(fields.into()), ..self }
    }

    /// The guest who signs in now: becomes the user if it is new, and is linked to it if not. Only magic codes know about guests.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, SignInOptions};
    ///
    /// let db = Client::in_memory();
    /// let guest = db.auth().sign_in_guest().await?;
    /// let options = SignInOptions::new().guest(&guest.token);
    /// # }
    /// ```
    pub fn guest(self, token: impl Into<RefreshToken>) -> Self {
        Self { guest: Some(token.into()), ..self }
    }
}

impl AuthClient {
    /// A new session of the user with an email or an id, who is made if there is none. `POST /admin/refresh_tokens`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, Client};
    ///
    /// let db = Client::in_memory();
    /// let first = db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// let second = db.auth().create_token(UserSelector::id(first.user.id)).await?;
    /// assert!(first.created && !second.created);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] for [`UserSelector::token`]; what the server refuses, such as an email that is none.
    pub async fn create_token(&self, by: UserSelector) -> Result<Session, Error> {
        self.create_token_with(by, SignInOptions::new()).await
    }

    /// As [`create_token`](Self::create_token), with own attributes for a new user. `POST /admin/refresh_tokens`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{UserSelector, SignInOptions, prelude::*};
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "$users")]
    /// struct Member {
    ///     id: Id<Member>,
    ///     nickname: Option<String>,
    /// }
    ///
    /// let db = Client::in_memory_with(schema![Member]).build()?;
    /// let options = SignInOptions::new().fields(json!({"nickname": "ada"}));
    /// let session = db.auth().create_token_with(UserSelector::email("ada@example.com"), options).await?;
    /// assert_eq!(session.user.fields.get("nickname").and_then(|name| name.as_str()), Some("ada"));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create_token`](Self::create_token); [`is_validation`](Error::is_validation) if `$users` has no such attribute;
    /// [`ErrorKind::Build`] for a guest.
    pub async fn create_token_with(
        &self,
        by: UserSelector,
        options: SignInOptions,
    ) -> Result<Session, Error> {
        if matches!(by.0, Key::Token(_)) {
            return Err(Error::new(
                ErrorKind::Build,
                "a session is made for an email or an id, not for a token: use `user` or `verify_token` first",
            ));
        }
        let mut body = Object::new();
        body.insert(by.name(), by.valid_text()?);
        self.sign_in("/admin/refresh_tokens", body, without_guest(options)?).await
    }

    /// A new guest: a user who says nothing of themselves, with a session. `POST /admin/sign_in_guest`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, Client};
    ///
    /// let db = Client::in_memory();
    /// let guest = db.auth().sign_in_guest().await?;
    /// assert!(guest.user.is_guest && guest.user.email.is_none());
    /// let db = db.as_user(As::token(guest.token));
    /// # let _ = db;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub async fn sign_in_guest(&self) -> Result<Session, Error> {
        self.sign_in_guest_with(SignInOptions::new()).await
    }

    /// As [`sign_in_guest`](Self::sign_in_guest), with own attributes for the guest. `POST /admin/sign_in_guest`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, SignInOptions};
    ///
    /// let db = Client::in_memory();
    /// let guest = db.auth().sign_in_guest_with(SignInOptions::new()).await?;
    /// assert_eq!(guest.user.email, None);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_validation`](Error::is_validation) if `$users` has no such attribute; [`ErrorKind::Build`] for a guest who is one already.
    pub async fn sign_in_guest_with(&self, options: SignInOptions) -> Result<Session, Error> {
        self.sign_in("/admin/sign_in_guest", Object::new(), without_guest(options)?).await
    }

    /// Signs somebody in by an endpoint whose answer is a user with a token.
    pub(super) async fn sign_in(
        &self,
        path: &'static str,
        mut body: Object,
        options: SignInOptions,
    ) -> Result<Session, Error> {
        let pipeline = self.client.pipeline.redacting(|redactor| {
            for (name, secret) in body.iter().filter_map(|(name, value)| Some((name, value.as_str()?))) {
                match name {
                    "email" => redactor.email(secret),
                    "code" => redactor.code(secret),
                    _ => {}
                }
            }
            if let Some(guest) = &options.guest {
                redactor.token(guest.as_str());
            }
        });
        match options.fields {
            None => {}
            Some(Value::Object(fields)) => drop(body.insert("extra-fields", fields)),
            Some(other) => {
                let found = other.type_name();
                let message = format!("the fields of a new user must be an object, found {found}");
                return Err(Error::new(ErrorKind::Build, message));
            }
        }
        if let Some(guest) = &options.guest {
            body.insert("refresh-token", guest.as_str());
        }
        let body = Value::from(body).to_string();
        let text =
            pipeline.post(path, body, self.client.options.write_effect(), &self.client.options).await?;
        let mut answer = response::object(&text)?;
        // Guests are always new, which is not told.
        let created = answer.get("created").and_then(Value::as_bool).unwrap_or(true);
        match user::with_token(&mut answer, "user")? {
            Some((user, Some(token))) => Ok(Session { user, token, created }),
            _ => Err(Error::new(ErrorKind::UnexpectedResponse, "the response has no user with a token")),
        }
    }
}

fn without_guest(options: SignInOptions) -> Result<SignInOptions, Error> {
    match options.guest {
        None => Ok(options),
        Some(_) => Err(Error::new(
            ErrorKind::Build,
            "only a magic code makes a guest a user: use `verify_magic_code_with`, or leave `.guest(..)` out",
        )),
    }
}

/// Shows what there is, and none of it.
impl fmt::Debug for SignInOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fields, guest } = self;
        f.debug_struct("SignInOptions")
            .field("fields", &fields.is_some())
            .field("guest", &guest.is_some())
            .finish()
    }
}
