//! The error of a request: its status and its error body.

use std::fmt;

use instant_core::{Object, ValidationError, Value, WireError};

use crate::store::StoreError;

/// The error response of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) error: Box<WireError>,
    /// `true` if the body quotes the request, which [`Failure::quoting`] adds.
    pub(crate) quotes_request: bool,
}

impl Failure {
    /// Creates a rejection with status 400.
    pub(crate) fn rejected(kind: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, error: Box::new(WireError::new(kind, message)), quotes_request: false }
    }

    /// Creates the error for invalid stored data, with status 500.
    pub(crate) fn damaged(found: impl fmt::Display) -> Self {
        let message = format!("the stored data is damaged: found {found}; restore the file from a copy");
        Self { status: 500, ..Self::rejected("storage-failed", message) }
    }

    /// Creates the error `validation-failed` of `input`.
    pub(crate) fn invalid(invalid: &ValidationError, input: Value) -> Self {
        Self { status: 400, error: Box::new(invalid.to_wire_error(input)), quotes_request: false }
    }

    /// Creates the rejection `validation-failed` of the query or the steps of a request. Its body
    /// quotes them, which [`Failure::quoting`] adds at the HTTP edge.
    pub(crate) fn invalid_request(invalid: &ValidationError) -> Self {
        Self { quotes_request: true, ..Self::invalid(invalid, Value::Null) }
    }

    /// Adds the query or the steps as they were sent, if the body quotes them.
    #[must_use]
    pub(crate) fn quoting(mut self, sent: &Value) -> Self {
        if std::mem::take(&mut self.quotes_request) {
            self.error.hint.get_or_insert_default().insert("input", sent.clone());
        }
        self
    }

    /// Creates the rejection of a request that takes too long.
    pub(crate) fn timeout() -> Self {
        Self { status: 429, ..Self::rejected("timeout", "The query took too long to complete.") }
    }

    /// Creates the rejection of a transaction that takes too long.
    pub(crate) fn transaction_timeout() -> Self {
        Self { status: 429, ..Self::rejected("timeout", "The transaction took too long to complete.") }
    }

    /// Returns whether a query took too long.
    pub(crate) fn is_timeout(&self) -> bool {
        self.error.kind.as_deref() == Some("timeout")
    }

    /// Creates the error `record-not-found`. `args` describe the search.
    pub(crate) fn not_found(
        record_type: &'static str,
        args: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        let args: Object = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Self::rejected("record-not-found", format!("Record not found: {record_type}"))
            .with_hint([("args", [args].into()), ("record-type", record_type.into())])
    }

    /// Creates the error `record-expired`. `args` describe the search.
    pub(crate) fn expired(
        record_type: &'static str,
        args: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        let args: Object = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Self::rejected("record-expired", format!("Record expired: {record_type}"))
            .with_hint([("args", [args].into())])
    }

    /// Creates the error `permission-denied`. `scope` names the rule.
    pub(crate) fn denied(scope: [&str; 2], expected: &'static str) -> Self {
        Self::rejected("permission-denied", format!("Permission denied: not {expected}"))
            .with_hint([("input", scope.into()), ("expected", expected.into())])
    }

    /// Adds a hint.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        let hint: Object = hint.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.error.hint = Some(hint);
        self
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self { status: 500, ..Self::rejected("storage-failed", error.to_string()) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Failure {}
