//! The one error of the client: what went wrong, by which parts of it callers can branch on.
//!
//! No token is ever part of an error: what a server echoes is taken out before the answer is read.

mod hint;
mod kind;
mod predicates;
mod remedy;
mod rule;

use std::{error::Error as StdError, fmt, time::Duration};

use instant_core::{Object, WireError};

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

    /// The status of the server's answer, if it answered.
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

    /// The `type` of the server's error, such as `validation-failed`.
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

    /// The `message` of the server's error.
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

    /// The `hint` of the server's error: details, of a shape that depends on its type.
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

    /// The `trace-id` of the server's error: what to give to whoever runs the server.
    ///
    /// ```
    /// fn for_support(error: &instant_client::Error) -> String {
    ///     format!("{error} (trace {})", error.trace_id().unwrap_or("unknown"))
    /// }
    /// ```
    pub fn trace_id(&self) -> Option<&str> {
        self.0.server.as_ref()?.trace_id.as_deref()
    }

    /// How long the server asks to wait before the next call.
    ///
    /// ```
    /// fn pause(error: &instant_client::Error) -> std::time::Duration {
    ///     error.retry_after().unwrap_or(std::time::Duration::from_secs(1))
    /// }
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often the call was sent, or tried to be sent.
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
        let mut out = Self::new(ErrorKind::of_refusal(&error), "");
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

/// The server's words, with what only its hint says, such as where mistakes in rules are, and what to do about it.
fn refusal(server: &WireError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mistakes = server.hint.as_ref().map(rule::mistakes).unwrap_or_default();
    if !mistakes.is_empty() {
        f.write_str("mistakes in the rules")?;
        return mistakes.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"));
    }
    fmt::Display::fmt(server, f)?;
    let said = server.hint.as_ref().and_then(|hint| hint.get("message")?.as_str());
    said.into_iter().chain(remedy::remedy(server)).try_for_each(|clause| write!(f, ": {clause}"))
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
