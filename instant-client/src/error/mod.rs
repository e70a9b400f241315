//! The one error of the client: what went wrong, by which parts of it callers can branch on.
//!
//! No token is ever part of an error: what a server echoes is taken out before the answer is read.

mod hint;
mod kind;
mod rule;

use std::{error::Error as StdError, fmt, time::Duration};

use instant_core::{Object, Value, WireError};

pub use self::{kind::ErrorKind, rule::RuleMistake};
use crate::{BuildError, DecodeError};

/// Why a call failed.
///
/// ```no_run
/// # async fn example(db: instant_client::Client) -> Result<(), instant_client::Error> {
/// match db.transact_raw(serde_json::json!([["delete", "goals", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb"]])).await {
///     Ok(done) => println!("transaction {}", done.tx_id),
///     Err(error) if error.is_rate_limited() => println!("again after {:?}", error.retry_after()),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Detail>);

struct Detail {
    kind: ErrorKind,
    /// For people; empty when `server` or `source` says it all. With `server`, what was refused.
    message: String,
    status: Option<u16>,
    server: Option<WireError>,
    retry_after: Option<Duration>,
    attempts: u32,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status of the server's answer, if it answered.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The `type` of the server's error, such as `validation-failed`.
    pub fn server_type(&self) -> Option<&str> {
        self.0.server.as_ref()?.kind.as_deref()
    }

    /// The `message` of the server's error.
    pub fn server_message(&self) -> Option<&str> {
        Some(&self.0.server.as_ref()?.message)
    }

    /// The `hint` of the server's error: details, of a shape that depends on its type.
    pub fn hint(&self) -> Option<&Object> {
        self.0.server.as_ref()?.hint.as_ref()
    }

    /// The `trace-id` of the server's error: what to give to whoever runs the server.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.server.as_ref()?.trace_id.as_deref()
    }

    /// How long the server asks to wait before the next call.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often the call was sent, or tried to be sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether time ran out: the client's, or the server's for this query.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout | ErrorKind::QueryTimeout | ErrorKind::OperationTimedOut)
    }

    /// Whether the server refused because of too many calls.
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// Whether the server found the call itself wrong: a parameter, a query, a step, a value.
    pub fn is_validation(&self) -> bool {
        use ErrorKind::{ParamMalformed, ParamMissing, ParameterLimitExceeded, ValidationFailed};
        matches!(
            self.0.kind,
            ValidationFailed | ParamMissing | ParamMalformed | ParameterLimitExceeded | ErrorKind::Build
        )
    }

    /// Whether a permission rule said no, or could not be evaluated.
    pub fn is_permission_denied(&self) -> bool {
        matches!(self.0.kind, ErrorKind::PermissionDenied | ErrorKind::PermissionEvaluationFailed)
    }

    /// Whether a unique attribute has this value already.
    pub fn is_not_unique(&self) -> bool {
        self.0.kind == ErrorKind::RecordNotUnique
    }

    /// Whether something that the call names is not there: the app, the user, the token, the code.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::RecordNotFound
    }

    /// Whether the app does not take this call now: it is disabled, or read-only and the call writes.
    pub fn is_app_disabled(&self) -> bool {
        matches!(self.0.kind, ErrorKind::AppDisabled | ErrorKind::AppReadOnly)
    }

    /// Whether the app is read-only now, and the call writes.
    pub fn is_read_only(&self) -> bool {
        self.0.kind == ErrorKind::AppReadOnly
    }

    /// Whether the server no longer offers this, because it is winding down: new apps, new accounts, things to buy.
    pub fn is_sunset(&self) -> bool {
        use ErrorKind::{AppCreationDisabled, BillingClosed, SignupsClosed};
        matches!(self.0.kind, AppCreationDisabled | SignupsClosed | BillingClosed)
    }

    /// Whether the same call may succeed later. Of a write that was [lost](ErrorKind::Connection) or [timed out](ErrorKind::Timeout)
    /// it is not known whether it was performed.
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect | ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::RateLimited => true,
            ErrorKind::QueryTimeout => false,
            _ => matches!(self.0.status, Some(429 | 502 | 503 | 504)),
        }
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

    /// An error with its cause; without a message the cause speaks for itself.
    pub(crate) fn caused(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let mut error = Self::new(kind, message);
        error.0.source = Some(source.into());
        error
    }

    /// The server answered `status` with this body.
    pub(crate) fn server(status: u16, error: WireError, retry_after: Option<Duration>) -> Self {
        let mut out = Self::new(ErrorKind::of_server(error.kind.as_deref()), "");
        out.0.status = Some(status);
        out.0.retry_after = retry_after;
        out.0.server = Some(error);
        out
    }

    /// What the embedded Instant refuses to begin with, said as it answers a call.
    #[cfg(feature = "local")]
    pub(crate) fn refused_to_begin(what: impl Into<String>, error: WireError) -> Self {
        let mut out = Self::new(ErrorKind::Config, what);
        out.0.server = Some(error);
        out
    }

    /// The server, or something in front of it, answered what is no answer of Instant.
    pub(crate) fn unexpected(status: u16, message: impl Into<String>, retry_after: Option<Duration>) -> Self {
        let mut out = Self::new(ErrorKind::UnexpectedAnswer, message);
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
                let refused = if detail.message.is_empty() { "the server refused" } else { &detail.message };
                write!(f, "{refused}: ")?;
                refusal(server, f)?;
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

/// The server's words, with what only its hint says: where mistakes in rules are, and who is unknown.
fn refusal(server: &WireError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mistakes = server.hint.as_ref().map(rule::mistakes).unwrap_or_default();
    if !mistakes.is_empty() {
        f.write_str("mistakes in the rules")?;
        return mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"));
    }
    fmt::Display::fmt(server, f)?;
    let Some(hint) = &server.hint else { return Ok(()) };
    if hint::is_unknown_email(hint) {
        f.write_str(": nobody has signed up with this email")?;
    }
    match hint.get("message").and_then(Value::as_str) {
        Some(message) => write!(f, ": {message}"),
        None => Ok(()),
    }
}

/// What [`Display`](fmt::Display) says, and the details; of the hint all but the values that the call carried, which may be somebody's
/// own. [`hint`](Error::hint) has them.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &detail.kind).field("message", &format_args!("{self}"));
        if let Some(status) = detail.status {
            out.field("status", &status);
        }
        if let Some(hint) = self.hint() {
            out.field("hint", &format_args!("{}", hint::shown(hint, detail.kind)));
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
        // A source that was shown in place of a message is not told twice.
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
