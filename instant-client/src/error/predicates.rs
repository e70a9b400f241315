//! What callers branch on.

use super::{Error, ErrorKind};

impl Error {
    /// Whether time ran out: the client's, or the server's for this query.
    ///
    /// ```
    /// fn status_for_the_caller(error: &instant_client::Error) -> u16 {
    ///     if error.is_timeout() { 504 } else { 502 }
    /// }
    /// ```
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout | ErrorKind::QueryTimeout | ErrorKind::OperationTimedOut)
    }

    /// Whether the server refused because of too many calls.
    ///
    /// ```
    /// fn slow_down(error: &instant_client::Error) -> bool {
    ///     error.is_rate_limited()
    /// }
    /// ```
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// Whether the server found the call itself wrong: a parameter, a query, a step, a value.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let error = db.query_raw(json!({"goals": 7})).await.unwrap_err();
    /// assert!(error.is_validation());
    /// # }
    /// ```
    pub fn is_validation(&self) -> bool {
        use ErrorKind::{ParamMalformed, ParamMissing, ParameterLimitExceeded, ValidationFailed};
        matches!(
            self.0.kind,
            ValidationFailed | ParamMissing | ParamMalformed | ParameterLimitExceeded | ErrorKind::Build
        )
    }

    /// Whether a permission rule said no, or could not be evaluated.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// db.rules().push(json!({"$default": {"allow": {"$default": "false"}}})).await?;
    /// let guest = db.as_user(As::guest());
    /// let error = guest.transact_raw(json!([["create", "goals", Uuid::new_v4().to_string(), {"title": "x"}]])).await.unwrap_err();
    /// assert!(error.is_permission_denied());
    /// # }
    /// ```
    pub fn is_permission_denied(&self) -> bool {
        matches!(self.0.kind, ErrorKind::PermissionDenied | ErrorKind::PermissionEvaluationFailed)
    }

    /// Whether a unique attribute has this value already.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{NewUser, User, prelude::*};
    ///
    /// let db = Client::in_memory_with(schema![User]).build()?;
    /// let ada = || User::create(NewUser {}).set(|u| u.email, "ada@example.com");
    /// db.transact(ada()).await?;
    /// let error = db.transact(ada()).await.unwrap_err();
    /// assert!(error.is_not_unique());
    /// # }
    /// ```
    pub fn is_not_unique(&self) -> bool {
        self.0.kind == ErrorKind::RecordNotUnique
    }

    /// Whether something that the call names is not there: the app, the user, the token, the code. A refresh token to act as that
    /// is none counts as one that nobody has; entities that are not there are no errors of queries.
    ///
    /// ```
    /// fn status_for_the_caller(error: &instant_client::Error) -> u16 {
    ///     if error.is_not_found() { 404 } else { 502 }
    /// }
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::RecordNotFound
    }

    /// Whether the app does not take this call now: it is disabled, or read-only and the call writes.
    ///
    /// ```
    /// fn try_tomorrow(error: &instant_client::Error) -> bool {
    ///     error.is_app_disabled()
    /// }
    /// ```
    pub fn is_app_disabled(&self) -> bool {
        matches!(self.0.kind, ErrorKind::AppDisabled | ErrorKind::AppReadOnly)
    }

    /// Whether the app is read-only now, and the call writes.
    ///
    /// ```
    /// fn writes_are_off(error: &instant_client::Error) -> bool {
    ///     error.is_read_only()
    /// }
    /// ```
    pub fn is_read_only(&self) -> bool {
        self.0.kind == ErrorKind::AppReadOnly
    }

    /// Whether the server no longer offers this, because it is winding down: new apps, new accounts, things to buy.
    ///
    /// ```
    /// fn move_on(error: &instant_client::Error) -> bool {
    ///     error.is_sunset()
    /// }
    /// ```
    pub fn is_sunset(&self) -> bool {
        use ErrorKind::{AppCreationDisabled, BillingClosed, SignupsClosed};
        matches!(self.0.kind, AppCreationDisabled | SignupsClosed | BillingClosed)
    }

    /// Whether the same call may succeed later. Of a write that was [lost](ErrorKind::Connection) or [timed out](ErrorKind::Timeout)
    /// it is not known whether it was performed.
    ///
    /// ```
    /// fn later(error: &instant_client::Error) -> bool {
    ///     error.is_retryable()
    /// }
    /// ```
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect | ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::RateLimited => true,
            ErrorKind::QueryTimeout => false,
            _ => matches!(self.0.status, Some(429 | 502 | 503 | 504)),
        }
    }
}
