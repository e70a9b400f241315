//! The kinds of errors: those of the client, and one per type of server error.

use instant_core::WireError;

use super::hint;

/// The kind of an error.
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
    /// The client's configuration is invalid: a URL, an id, a token, an environment variable, a
    /// file.
    Config,
    /// Instant cannot express the query or write; nothing was sent.
    Build,
    /// The response does not match the Rust types.
    Decode,
    /// The client failed to connect; nothing was sent.
    Connect,
    /// The connection broke; the request may or may not have been performed.
    Connection,
    /// The client's timeout or deadline elapsed; the request may or may not have been performed.
    Timeout,
    /// The data to upload could not be read completely, or its size differs from the declared size;
    /// the server keeps nothing of it.
    Upload,
    /// The data does not allow part of a pushed schema; the rest of the schema was pushed.
    SchemaRejected,
    /// The response is not from an Instant server, for example a proxy's page or an empty body.
    UnexpectedResponse,
    /// `param-missing`: a parameter is missing.
    ParamMissing,
    /// `param-malformed`: a parameter is malformed.
    ParamMalformed,
    /// `validation-failed`: a query, step, schema or rule is invalid.
    ValidationFailed,
    /// `record-not-found`: a token, user, app or code is unknown. Also a malformed refresh token of
    /// the user to act as, which servers report as `param-malformed`.
    RecordNotFound,
    /// `record-expired`: a code or token has expired.
    RecordExpired,
    /// `record-not-unique`: another entity has this value of a unique attribute.
    RecordNotUnique,
    /// `record-foreign-key-invalid`: the request refers to a record that does not exist.
    RecordForeignKeyInvalid,
    /// `record-check-violation`: another constraint of the database is violated.
    RecordCheckViolation,
    /// `sql-raise`: the database rejected the request.
    SqlRaise,
    /// `permission-denied`: a permission rule denied the request.
    PermissionDenied,
    /// `permission-evaluation-failed`: a permission rule could not be evaluated.
    PermissionEvaluationFailed,
    /// `parameter-limit-exceeded`: the request is too large; split it.
    ParameterLimitExceeded,
    /// `app-read-only`: the app accepts no writes at the moment.
    AppReadOnly,
    /// `app-disabled`: the app accepts no requests at the moment.
    AppDisabled,
    /// `app-creation-disabled`: the server does not create apps anymore.
    AppCreationDisabled,
    /// `signups-closed`: the server does not create accounts anymore.
    SignupsClosed,
    /// `billing-closed`: the server does not sell anything anymore.
    BillingClosed,
    /// `session-missing`: the session of a stream is unknown.
    SessionMissing,
    /// `member-missing`: the machine of a stream's session is unknown.
    MemberMissing,
    /// `connection-closed`: the client disconnected while the server processed the request.
    ConnectionClosed,
    /// `oauth-error`: an OAuth sign-in failed.
    OauthError,
    /// `rate-limited`: too many requests; see [`retry_after`](super::Error::retry_after).
    RateLimited,
    /// `timeout`: the server's time limit for a query or transaction.
    QueryTimeout,
    /// `sql-exception`: the database failed.
    SqlException,
    /// `email-send-failed`: an email could not be sent.
    EmailSendFailed,
    /// `operation-timed-out`: the server took too long to handle a message of a stream.
    OperationTimedOut,
    /// `socket-missing` and `socket-error`: a stream broke within the server.
    SocketError,
    /// `unknown`: the server failed.
    ServerFault,
    /// An error type that this version does not know; see
    /// [`server_type`](super::Error::server_type).
    OtherServer,
}

impl ErrorKind {
    /// Returns the kind of an error body.
    pub(super) fn of_rejection(error: &WireError) -> Self {
        match Self::of_server(error.kind.as_deref()) {
            Self::ParamMalformed if error.hint.as_ref().is_some_and(hint::concerns_user_token) => {
                Self::RecordNotFound
            }
            kind => kind,
        }
    }

    /// Returns the kind of an error body with this `type`.
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
