//! The error type of the client.
//!
//! Errors never contain tokens: the client redacts values that servers repeat before it parses a
//! response.

mod hint;
mod kind;
mod predicates;
mod remedy;
mod rule;

use std::{error::Error as StdError, fmt, time::Duration};

use instant_core::{Object, WireError};

pub use self::{kind::ErrorKind, rule::RuleMistake};
use crate::{BuildError, DecodeError};

/// An error of a call.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::prelude::*;
///
/// let db = Client::in_memory();
/// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
/// let delete = json!([["delete", "goals", id]]);
/// match db.transact_raw(delete).await {
///     Ok(result) => println!("transaction {}", result.tx_id),
///     Err(error) if error.is_rate_limited() => println!("retry after {:?}", error.retry_after()),
///     Err(error) => return Err(error.into()),
/// }
/// # }
/// ```
pub struct Error(Box<Detail>);

struct Detail {
    kind: ErrorKind,
    /// The message; empty if `server` or `source` suffices. With `server`, the rejected operation.
    message: String,
    status: Option<u16>,
    server: Option<WireError>,
    retry_after: Option<Duration>,
    attempts: u32,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Returns the kind of the error.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let error = db.query_raw(json!({"goals": 7})).await.unwrap_err();
    /// assert_eq!(error.kind(), instant_client::ErrorKind::ValidationFailed);
    /// # }
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the status of the server's response, if there was one.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let error = db.query_raw(json!({"goals": 7})).await.unwrap_err();
    /// assert_eq!(error.status(), Some(400));
    /// # }
    /// ```
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the `type` of the server's error, such as `validation-failed`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let error = db.query_raw(json!({"goals": 7})).await.unwrap_err();
    /// assert_eq!(error.server_type(), Some("validation-failed"));
    /// # }
    /// ```
    pub fn server_type(&self) -> Option<&str> {
        self.0.server.as_ref()?.kind.as_deref()
    }

    /// Returns the `message` of the server's error.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let error = db.query_raw(json!({"goals": 7})).await.unwrap_err();
    /// println!("{}", error.server_message().unwrap_or_default());
    /// # }
    /// ```
    pub fn server_message(&self) -> Option<&str> {
        Some(&self.0.server.as_ref()?.message)
    }

    /// Returns the `hint` of the server's error: details whose shape depends on the type.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let error = db.query_raw(json!({"goals": 7})).await.unwrap_err();
    /// assert!(error.hint().is_some());
    /// # }
    /// ```
    pub fn hint(&self) -> Option<&Object> {
        self.0.server.as_ref()?.hint.as_ref()
    }

    /// Returns the `trace-id` of the server's error, which its operator can look up.
    ///
    /// ```
    /// fn for_support(error: &instant_client::Error) -> String {
    ///     format!("{error} (trace {})", error.trace_id().unwrap_or("unknown"))
    /// }
    /// ```
    pub fn trace_id(&self) -> Option<&str> {
        self.0.server.as_ref()?.trace_id.as_deref()
    }

    /// Returns the delay that the server requests before the next call.
    ///
    /// ```
    /// fn pause(error: &instant_client::Error) -> std::time::Duration {
    ///     error.retry_after().unwrap_or(std::time::Duration::from_secs(1))
    /// }
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the number of attempts.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let error = db.query_raw(json!({"goals": 7})).await.unwrap_err();
    /// assert_eq!(error.attempts(), 1);
    /// # }
    /// ```
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the value in a response that does not fit its Rust type.
    pub(crate) fn decode_error(&self) -> Option<&DecodeError> {
        self.0.source.as_ref()?.downcast_ref()
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Detail {
            kind,
            message: message.into(),
            status: None,
            server: None,
            retry_after: None,
            attempts: 0,
            source: None,
        }))
    }

    /// Creates an error with a cause. With an empty message, the cause is the message.
    pub(crate) fn caused(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let mut error = Self::new(kind, message);
        error.0.source = Some(source.into());
        error
    }

    /// Creates an error from a response with `status` and an error body.
    pub(crate) fn server(status: u16, error: WireError, retry_after: Option<Duration>) -> Self {
        let mut out = Self::new(ErrorKind::of_rejection(&error), "");
        out.0.status = Some(status);
        out.0.retry_after = retry_after;
        out.0.server = Some(error);
        out
    }

    /// Creates the error of an operation that the embedded backend rejected before the client
    /// existed.
    #[cfg(feature = "local")]
    pub(crate) fn setup_rejected(operation: impl Into<String>, error: WireError) -> Self {
        let mut out = Self::new(ErrorKind::Config, operation);
        out.0.server = Some(error);
        out
    }

    /// Creates the error of a response that is not from an Instant server, such as a proxy's.
    pub(crate) fn unexpected(status: u16, message: impl Into<String>, retry_after: Option<Duration>) -> Self {
        let mut out = Self::new(ErrorKind::UnexpectedResponse, message);
        out.0.status = Some(status);
        out.0.retry_after = retry_after;
        out
    }

    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &*self.0;
        match &detail.server {
            Some(server) => {
                let operation = if detail.message.is_empty() {
                    "the server rejected the request"
                } else {
                    &detail.message
                };
                write!(f, "{operation}: ")?;
                write_rejection(server, f)?;
            }
            None => match &detail.source {
                Some(source) if detail.message.is_empty() => source.fmt(f)?,
                _ => f.write_str(&detail.message)?,
            },
        }
        match detail.attempts {
            0 | 1 => Ok(()),
            attempts => write!(f, " (after {attempts} attempts)"),
        }
    }
}

/// Returns the server's message, with the parts that only its hint contains, such as the paths of
/// mistakes in rules, and the remedy.
fn write_rejection(server: &WireError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mistakes = server.hint.as_ref().map(rule::mistakes).unwrap_or_default();
    if !mistakes.is_empty() {
        f.write_str("mistakes in the rules")?;
        return mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"));
    }
    fmt::Display::fmt(server, f)?;
    let detail = server.hint.as_ref().and_then(|hint| hint.get("message")?.as_str());
    detail.into_iter().chain(remedy::remedy(server)).try_for_each(|clause| write!(f, ": {clause}"))
}

/// Shows the message of [`Display`](fmt::Display) and the details. Values of the request, which may
/// be personal, are redacted in the hint; [`hint`](Error::hint) returns them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &detail.kind).field("message", &format_args!("{self}"));
        if let Some(status) = detail.status {
            out.field("status", &status);
        }
        if let Some(hint) = self.hint() {
            out.field("hint", &format_args!("{}", hint::redacted(hint, detail.kind)));
        }
        if let Some(trace_id) = self.trace_id() {
            out.field("trace_id", &trace_id);
        }
        if let Some(source) = &detail.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        // A source that serves as the message is not repeated.
        if self.0.message.is_empty() { source.source() } else { Some(source) }
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::caused(ErrorKind::Build, "", error)
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::caused(ErrorKind::Decode, "", error)
    }
}
