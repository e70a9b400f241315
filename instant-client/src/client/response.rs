//! Reads responses: the body of a successful one, the error of any other.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER},
};
use instant_core::{Object, Value, WireError};
use jiff::fmt::rfc2822;
use reqwest::Url;

use super::redaction::Redactor;
use crate::{
    Error, ErrorKind,
    transport::{Destination, Request, Response, ResponseHead},
};

/// The number of characters that are quoted from a response which is not Instant's.
const MAX_QUOTED: usize = 200;

/// Returns the body of a successful response: status 200 and JSON.
///
/// # Errors
///
/// The error that any other response means.
pub(super) fn read(response: Response, request: &Request<'_>, redactor: &Redactor) -> Result<Bytes, Error> {
    let Response { head, body } = response;
    if head.status == StatusCode::OK && is_json(&head.headers) && !body.is_empty() {
        return Ok(body);
    }
    Err(rejection(&head, &body, request, redactor))
}

/// Returns the text of a body.
pub(super) fn text(body: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(body).map_err(|error| {
        Error::caused(ErrorKind::UnexpectedResponse, "the response is not UTF-8", error.utf8_error())
    })
}

/// Parses the JSON of a body.
pub(super) fn json(text: &str) -> Result<Value, Error> {
    Value::parse(text)
        .map_err(|error| Error::caused(ErrorKind::UnexpectedResponse, "the response is not JSON", error))
}

/// Parses the JSON object of a body.
pub(super) fn object(text: &str) -> Result<Object, Error> {
    match json(text)? {
        Value::Object(object) => Ok(object),
        other => {
            let message = format!("expected an object in the response, found {}", other.type_name());
            Err(Error::new(ErrorKind::UnexpectedResponse, message))
        }
    }
}

/// Converts an `error` message of an event stream into the error of the same call without a stream.
pub(super) fn stream_rejection(message: &str, redactor: &Redactor) -> Error {
    let message = Value::parse(message).unwrap_or_default();
    let error = redactor.redact_error(WireError::parse(&message).unwrap_or_default());
    let status = message.get("status").and_then(Value::as_i64).and_then(|status| status.try_into().ok());
    // Streams use other numbers for some errors (`docs/protocol/sse.md`, "7. Errors in the
    // stream").
    let status = match error.kind.as_deref() {
        Some("rate-limited" | "timeout") => 429,
        Some("parameter-limit-exceeded") => 400,
        _ => status.unwrap_or(500),
    };
    let retry_after = error.hint.as_ref().and_then(retry_after_hint);
    Error::server(status, error, retry_after)
}

/// Returns the error of an unsuccessful response.
pub(super) fn rejection(
    head: &ResponseHead,
    body: &[u8],
    request: &Request<'_>,
    redactor: &Redactor,
) -> Error {
    let ResponseHead { status, headers } = head;
    let number = status.as_u16();
    let text = String::from_utf8_lossy(body);
    if !status.is_success()
        && let Some(error) = Value::parse(&text).ok().as_ref().and_then(WireError::parse)
    {
        let error = redactor.redact_error(error);
        let retry_after = retry_after(headers).or_else(|| retry_after_hint(error.hint.as_ref()?));
        return Error::server(number, error, retry_after);
    }
    let message = if status.is_redirection() {
        redirect_message(headers, &request.destination)
    } else if body.is_empty() && status.is_success() {
        // Instant servers respond to unknown paths like this.
        format!("empty response with status {number}; check the base URL")
    } else if body.is_empty() {
        format!("empty response with status {status}")
    } else {
        let quote = truncate(&redactor.redact(text.into_owned()));
        format!("unexpected response {status} (not from an Instant server): {quote:?}")
    };
    Error::unexpected(number, message, retry_after(headers))
}

/// Returns the message for a redirect. It names only the origin of the target, whose path may be
/// signed or contain parts of the request.
fn redirect_message(headers: &HeaderMap, destination: &Destination<'_>) -> String {
    let target = headers.get(LOCATION).and_then(|target| Url::parse(target.to_str().ok()?).ok());
    let target = target.filter(Url::has_host).map(|target| target.origin().ascii_serialization());
    match (destination, target) {
        (Destination::Api(_), Some(origin)) => {
            format!("the server redirects to {origin}; use that as the base URL")
        }
        (Destination::Api(_), None) => "the server redirects to another path; check the base URL".to_owned(),
        (Destination::Signed(_), Some(origin)) => {
            format!("the URL of the file redirects to {origin}, and redirects are not followed")
        }
        (Destination::Signed(_), None) => {
            "the URL of the file redirects to another path, and redirects are not followed".to_owned()
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn truncate(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MAX_QUOTED) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Parses the header `retry-after`: seconds, or a date. Dates are compared with the server's own
/// `date`, because the clocks may differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let requested = text(RETRY_AFTER)?;
    if let Ok(seconds) = requested.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds_of = |date: &str| rfc2822::parse(date).ok().map(|date| date.timestamp().as_second());
    let seconds = seconds_of(requested)? - seconds_of(text(DATE)?)?;
    Some(Duration::from_secs(seconds.try_into().unwrap_or(0)))
}

/// Returns the seconds in the hint of a `rate-limited` error.
fn retry_after_hint(hint: &Object) -> Option<Duration> {
    match hint.get("retry-after")? {
        Value::Number(seconds) => Duration::try_from_secs_f64(seconds.as_f64()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        const DATE: &str = "Wed, 21 Oct 2026 07:28:00 GMT";
        for (requested, date, want) in [
            ("12", None, Some(12)),
            (" 0 ", Some(DATE), Some(0)),
            ("Wed, 21 Oct 2026 07:29:30 GMT", Some(DATE), Some(90)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", Some(DATE), Some(0)),
            ("Wed, 21 Oct 2026 07:29:30 GMT", None, None),
            ("Wed, 21 Oct 2026 07:29:30 GMT", Some("yesterday"), None),
            ("soon", Some(DATE), None),
            ("-1", Some(DATE), None),
        ] {
            let mut headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(requested))]);
            headers.extend(date.map(|date| (http::header::DATE, HeaderValue::from_static(date))));
            assert_eq!(retry_after(&headers), want.map(Duration::from_secs), "{requested} {date:?}");
        }
    }

    #[test]
    fn rate_limit_hint_has_seconds() {
        for (hint, want) in [
            (r#"{"retry-after":12}"#, Some(Duration::from_secs(12))),
            (r#"{"retry-after":1.5}"#, Some(Duration::from_millis(1500))),
            (r#"{"retry-after":-1}"#, None),
            (r#"{"retry-after":"12"}"#, None),
            ("{}", None),
        ] {
            let hint = Value::parse(hint).unwrap();
            assert_eq!(retry_after_hint(hint.as_object().unwrap()), want, "{hint}");
        }
    }
}
