//! Failed attempts: the error for the caller, and the reason that the retry policy looks at.

use std::{error::Error as StdError, io, iter, time::Duration};

use super::Pipeline;
use crate::{
    Error,
    error::ErrorKind,
    retry::FailureReason,
    transport::{Destination, Location, Request, SignedUrl, TransportError},
};

/// A failed attempt.
pub(in crate::client) struct Failure {
    /// The error that the caller gets if no attempt follows.
    pub(in crate::client) error: Error,
    pub(in crate::client) reason: FailureReason,
}

impl Failure {
    /// Creates the failure of an attempt that got a response other than the expected one.
    pub(in crate::client) fn rejected(error: Error) -> Self {
        let slow_query = error.kind() == ErrorKind::QueryTimeout;
        // A response that lacks the expected content has no status, and is never retried.
        let status = error.status().unwrap_or(0);
        Self { error, reason: FailureReason::Rejected { status, slow_query } }
    }

    /// Creates the failure of an attempt whose upload could not be read.
    pub(in crate::client) fn unreadable_upload(error: Error) -> Self {
        Self { error, reason: FailureReason::UploadUnreadable }
    }

    /// Creates the failure of an attempt that got no response within a timeout.
    pub(in crate::client) fn no_response(message: String) -> Self {
        Self { error: Error::new(ErrorKind::Timeout, message), reason: FailureReason::NoResponse }
    }
}

impl Pipeline {
    /// Returns the server that `request` is sent to, without anything that a signed URL contains.
    pub(in crate::client) fn server_of(&self, request: &Request<'_>) -> String {
        match &request.destination {
            Destination::Signed(SignedUrl { location: Location::Absolute(url), .. }) => {
                url.origin().ascii_serialization()
            }
            _ => self.transport.to_string(),
        }
    }

    /// Creates the failure of an attempt that ran out of time.
    pub(in crate::client) fn timed_out(&self, request: &Request<'_>, timeout: Duration) -> Failure {
        let server = self.server_of(request);
        Failure::no_response(format!("no response from {server} within {timeout:?}"))
    }

    /// Creates the failure of an attempt whose connection failed.
    pub(in crate::client) fn disconnected(&self, request: &Request<'_>, error: TransportError) -> Failure {
        let server = self.server_of(request);
        match error {
            TransportError::NotSent(cause) => {
                let message = match describe(&*cause) {
                    Some(reason) => format!("failed to connect to {server}: {reason}"),
                    None => format!("failed to connect to {server}"),
                };
                let error = Error::caused(ErrorKind::Connect, message, cause);
                Failure { error, reason: FailureReason::NotSent }
            }
            TransportError::Lost(cause) => {
                let message = format!("the connection to {server} was lost");
                let error = Error::caused(ErrorKind::Connection, message, cause);
                Failure { error, reason: FailureReason::NoResponse }
            }
        }
    }
}

/// Describes why a connection failed, in the words of the operating system or of TLS.
///
/// Errors around the innermost one may contain URLs, which can be signed.
fn describe(cause: &(dyn StdError + 'static)) -> Option<String> {
    let innermost = iter::successors(Some(cause), |&cause| cause.source()).last()?;
    let error = innermost.downcast_ref::<io::Error>()?;
    Some(match error.raw_os_error() {
        // The words of the kind are the same on each operating system.
        Some(_) => error.kind().to_string(),
        None => error.to_string(),
    })
}
