//! Predicates of errors that callers branch on.

use super::{Error, ErrorKind};

impl Error {
    /// Returns whether the client's timeout or deadline elapsed, or the server's time limit for the
    /// query.
    ///
    /// ```
    /// fn status_for_the_caller(error: &instant_client::Error) -> u16 {
    ///     if error.is_timeout() { 504 } else { 502 }
    /// }
    /// ```
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout | ErrorKind::QueryTimeout | ErrorKind::OperationTimedOut)
    }

    /// Returns whether the server rejected the request because of a rate limit.
    ///
    /// ```
    /// fn slow_down(error: &instant_client::Error) -> bool {
    ///     error.is_rate_limited()
    /// }
    /// ```
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// Returns whether the request itself is invalid: a parameter, a query, a step, a value.
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

    /// Returns whether a permission rule denied the request or could not be evaluated.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// db.rules().push(json!({"$default": {"allow": {"$default": "false"}}})).await?;
    /// let guest = db.as_user(As::guest());
    /// let create = json!([["create", "goals", Uuid::new_v4().to_string(), {"title": "x"}]]);
    /// let error = guest.transact_raw(create).await.unwrap_err();
    /// assert!(error.is_permission_denied());
    /// # }
    /// ```
    pub fn is_permission_denied(&self) -> bool {
        matches!(self.0.kind, ErrorKind::PermissionDenied | ErrorKind::PermissionEvaluationFailed)
    }

    /// Returns whether another entity has this value of a unique attribute.
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

    /// Returns whether the request names something unknown: an app, a user, a token, a code. This
    /// includes a malformed refresh token of the user to act as. A query for an entity that does
    /// not exist is not an error.
    ///
    /// ```
    /// fn status_for_the_caller(error: &instant_client::Error) -> u16 {
    ///     if error.is_not_found() { 404 } else { 502 }
    /// }
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::RecordNotFound
    }

    /// Returns whether the app does not accept the request at the moment: it is disabled, or it is
    /// read-only and the request writes.
    ///
    /// ```
    /// fn try_tomorrow(error: &instant_client::Error) -> bool {
    ///     error.is_app_disabled()
    /// }
    /// ```
    pub fn is_app_disabled(&self) -> bool {
        matches!(self.0.kind, ErrorKind::AppDisabled | ErrorKind::AppReadOnly)
    }

    /// Returns whether the app is read-only at the moment, and the request writes.
    ///
    /// ```
    /// fn writes_are_off(error: &instant_client::Error) -> bool {
    ///     error.is_read_only()
    /// }
    /// ```
    pub fn is_read_only(&self) -> bool {
        self.0.kind == ErrorKind::AppReadOnly
    }

    /// Returns whether the server has discontinued the operation: creating apps, creating accounts,
    /// billing.
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

    /// Returns whether the same call may succeed later. After a [broken
    /// connection](ErrorKind::Connection) or a [timeout](ErrorKind::Timeout), a write may have been
    /// performed already.
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
