//! The kinds of errors: the client's own, and one per type that Instant's servers answer.

use instant_core::WireError;

use super::hint;

/// What kind of thing went wrong.
///
/// ```
/// fn status_for_the_caller(error: &instant_client::Error) -> u16 {
///     match error.kind() {
///         instant_client::ErrorKind::RateLimited => 429,
///         instant_client::ErrorKind::PermissionDenied => 403,
///         _ => 502,
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client cannot be made from what it was given: an address, an id, a token, a variable, a file.
    Config,
    /// A query or a write that would not mean what it says; nothing was sent.
    Build,
    /// An answer that does not fit the Rust types.
    Decode,
    /// No connection; nothing was sent.
    Connect,
    /// The connection broke; whether the server performed the call is not known.
    Connection,
    /// The client's own limit; whether the server performed the call is not known.
    Timeout,
    /// What was to be uploaded could not be read to its end, or has another size than was said; the server keeps nothing of it.
    Upload,
    /// A part of a pushed schema that the data does not allow; the rest of the schema was pushed.
    SchemaRefused,
    /// An answer that is none of Instant's: a proxy's page, an empty body.
    UnexpectedResponse,
    /// `param-missing`: a parameter is not there.
    ParamMissing,
    /// `param-malformed`: a parameter cannot be read.
    ParamMalformed,
    /// `validation-failed`: a query, step, schema or rule is wrong.
    ValidationFailed,
    /// `record-not-found`: a token, user, app or code is unknown. Also a refresh token to act as that is none, of which Instant says
    /// `param-malformed`: nobody has it either.
    RecordNotFound,
    /// `record-expired`: a code or token is too old.
    RecordExpired,
    /// `record-not-unique`: a unique attribute has this value already.
    RecordNotUnique,
    /// `record-foreign-key-invalid`: something that is referred to is not there.
    RecordForeignKeyInvalid,
    /// `record-check-violation`: another condition of the database.
    RecordCheckViolation,
    /// `sql-raise`: the database refused.
    SqlRaise,
    /// `permission-denied`: a permission rule said no.
    PermissionDenied,
    /// `permission-evaluation-failed`: a permission rule could not be evaluated.
    PermissionEvaluationFailed,
    /// `parameter-limit-exceeded`: too much in one call; split it.
    ParameterLimitExceeded,
    /// `app-read-only`: the app takes no writes now.
    AppReadOnly,
    /// `app-disabled`: the app answers nothing now.
    AppDisabled,
    /// `app-creation-disabled`: no new apps are made here any more.
    AppCreationDisabled,
    /// `signups-closed`: no new accounts are made here any more.
    SignupsClosed,
    /// `billing-closed`: nothing can be bought here any more.
    BillingClosed,
    /// `session-missing`: a stream's session is unknown.
    SessionMissing,
    /// `member-missing`: the machine of a stream's session is unknown.
    MemberMissing,
    /// `connection-closed`: the client went away while the server worked.
    ConnectionClosed,
    /// `oauth-error`: a sign-in by OAuth failed.
    OauthError,
    /// `rate-limited`: too many calls; see [`retry_after`](super::Error::retry_after).
    RateLimited,
    /// `timeout`: the server's own limit for a query or transaction.
    QueryTimeout,
    /// `sql-exception`: the database failed.
    SqlException,
    /// `email-send-failed`: a mail was not taken.
    EmailSendFailed,
    /// `operation-timed-out`: a stream's message took too long.
    OperationTimedOut,
    /// `socket-missing` and `socket-error`: a stream broke within the server.
    SocketError,
    /// `unknown`: the server failed.
    ServerFault,
    /// A type that this version does not know; see [`server_type`](super::Error::server_type).
    OtherServer,
}

impl ErrorKind {
    /// The kind of an error body.
    pub(super) fn of_refusal(refused: &WireError) -> Self {
        match Self::of_server(refused.kind.as_deref()) {
            Self::ParamMalformed if refused.hint.as_ref().is_some_and(hint::is_token_to_act_as) => {
                Self::RecordNotFound
            }
            kind => kind,
        }
    }

    /// The kind of an error body with this `type`.
    pub(super) fn of_server(word: Option<&str>) -> Self {
        let Some(word) = word else { return Self::OtherServer };
        SERVER.iter().find(|(known, _)| *known == word).map_or(Self::OtherServer, |(_, kind)| *kind)
    }
}

const SERVER: &[(&str, ErrorKind)] = &[
    ("param-missing", ErrorKind::ParamMissing),
    ("param-malformed", ErrorKind::ParamMalformed),
    ("validation-failed", ErrorKind::ValidationFailed),
    ("record-not-found", ErrorKind::RecordNotFound),
    ("record-expired", ErrorKind::RecordExpired),
    ("record-not-unique", ErrorKind::RecordNotUnique),
    ("record-foreign-key-invalid", ErrorKind::RecordForeignKeyInvalid),
    ("record-check-violation", ErrorKind::RecordCheckViolation),
    ("sql-raise", ErrorKind::SqlRaise),
    ("permission-denied", ErrorKind::PermissionDenied),
    ("permission-evaluation-failed", ErrorKind::PermissionEvaluationFailed),
    ("parameter-limit-exceeded", ErrorKind::ParameterLimitExceeded),
    ("app-read-only", ErrorKind::AppReadOnly),
    ("app-disabled", ErrorKind::AppDisabled),
    ("app-creation-disabled", ErrorKind::AppCreationDisabled),
    ("signups-closed", ErrorKind::SignupsClosed),
    ("billing-closed", ErrorKind::BillingClosed),
    ("session-missing", ErrorKind::SessionMissing),
    ("member-missing", ErrorKind::MemberMissing),
    ("connection-closed", ErrorKind::ConnectionClosed),
    ("oauth-error", ErrorKind::OauthError),
    ("rate-limited", ErrorKind::RateLimited),
    ("timeout", ErrorKind::QueryTimeout),
    ("sql-exception", ErrorKind::SqlException),
    ("email-send-failed", ErrorKind::EmailSendFailed),
    ("operation-timed-out", ErrorKind::OperationTimedOut),
    ("socket-missing", ErrorKind::SocketError),
    ("socket-error", ErrorKind::SocketError),
    ("unknown", ErrorKind::ServerFault),
];
