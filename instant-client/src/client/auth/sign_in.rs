//! Sign-in with an email, an id or as a guest.

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
    /// The user who signed in.
    pub user: AuthUser,
    /// The token that authenticates the session; see [`As::token`](crate::As::token).
    pub token: RefreshToken,
    /// `true` if signing in created the user.
    pub created: bool,
}

/// Options for signing in.
///
/// ```
/// use instant_client::{SignInOptions, prelude::*};
///
/// let options = SignInOptions::new().fields(json!({"nickname": "ada"}));
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
#[must_use = "options do nothing until they are passed to a call"]
pub struct SignInOptions {
    fields: Option<Value>,
    guest: Option<RefreshToken>,
}

impl SignInOptions {
    /// Creates options without custom attributes and without a guest.
    ///
    /// ```
    /// use instant_client::SignInOptions;
    ///
    /// let nothing = SignInOptions::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets custom attributes of `$users`, as an object. They apply only if the user is new.
    ///
    /// ```
    /// use instant_client::{SignInOptions, prelude::json};
    ///
    /// let options = SignInOptions::new().fields(json!({"nickname": "ada"}));
    /// ```
    pub fn fields(self, fields: impl Into<Value>) -> Self {
        Self { fields: Some(fields.into()), ..self }
    }

    /// Sets the guest who signs in. The guest becomes the user if that is new, and is linked to the
    /// user otherwise. Only magic codes support guests.
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
    /// Creates a session for the user with an email or an id, without a magic code. Creates the
    /// user if necessary. `POST /admin/refresh_tokens`.
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
    /// [`ErrorKind::Build`] for [`UserSelector::token`]. Also fails if the server rejects the
    /// request, for example because the email is invalid.
    pub async fn create_token(&self, by: UserSelector) -> Result<Session, Error> {
        self.create_token_with(by, SignInOptions::new()).await
    }

    /// Same as [`create_token`](Self::create_token), with custom attributes for a new user. `POST
    /// /admin/refresh_tokens`.
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
    /// let by_email = UserSelector::email("ada@example.com");
    /// let session = db.auth().create_token_with(by_email, options).await?;
    /// assert_eq!(session.user.fields.get("nickname").and_then(|name| name.as_str()), Some("ada"));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`create_token`](Self::create_token); [`is_validation`](Error::is_validation) if
    /// `$users` has no such attribute; [`ErrorKind::Build`] if the options contain a guest.
    pub async fn create_token_with(
        &self,
        by: UserSelector,
        options: SignInOptions,
    ) -> Result<Session, Error> {
        if matches!(by.0, Key::Token(_)) {
            return Err(Error::new(
                ErrorKind::Build,
                "a session can only be created for an email or an id; get the user of a token with `verify_token`",
            ));
        }
        let mut body = Object::new();
        body.insert(by.name(), by.valid_text()?);
        self.sign_in("/admin/refresh_tokens", body, without_guest(options)?).await
    }

    /// Creates a guest, which is a user without an email, and a session for it. `POST
    /// /admin/sign_in_guest`.
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
    /// Fails if the server rejects the request.
    pub async fn sign_in_guest(&self) -> Result<Session, Error> {
        self.sign_in_guest_with(SignInOptions::new()).await
    }

    /// Same as [`sign_in_guest`](Self::sign_in_guest), with custom attributes for the guest. `POST
    /// /admin/sign_in_guest`.
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
    /// [`is_validation`](Error::is_validation) if `$users` has no such attribute;
    /// [`ErrorKind::Build`] if the options contain a guest.
    pub async fn sign_in_guest_with(&self, options: SignInOptions) -> Result<Session, Error> {
        self.sign_in("/admin/sign_in_guest", Object::new(), without_guest(options)?).await
    }

    /// Signs a user in at an endpoint whose response is a user with a token.
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
        let mut response = response::object(&text)?;
        // The response lacks `created` for guests, who are always new.
        let created = response.get("created").and_then(Value::as_bool).unwrap_or(true);
        match user::remove_with_token(&mut response, "user")? {
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
            "a guest can only sign in with a magic code: use `verify_magic_code_with`, or omit `.guest(..)`",
        )),
    }
}

/// Shows which options are set, but not their values.
impl fmt::Debug for SignInOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fields, guest } = self;
        f.debug_struct("SignInOptions")
            .field("fields", &fields.is_some())
            .field("guest", &guest.is_some())
            .finish()
    }
}
