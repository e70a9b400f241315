//! Reads an answer: the body of a good one, the error that another one tells.

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
    transport::{Answer, Head, Request},
};

/// How much of a foreign answer is shown, in characters.
const SHOWN: usize = 200;

/// The body of a good answer. Instant's good answers have status 200 and a JSON body.
pub(super) fn read(answer: Answer, request: &Request<'_>, redactor: &Redactor) -> Result<Bytes, Error> {
    let Answer { status, headers, body } = answer;
    if status == StatusCode::OK && is_json(&headers) && !body.is_empty() {
        return Ok(body);
    }
    Err(refused(&Head { status, headers }, &body, request, redactor))
}

/// The text of a body.
pub(super) fn text(body: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(body).map_err(|error| {
        Error::caused(ErrorKind::UnexpectedAnswer, "the answer is not UTF-8", error.utf8_error())
    })
}

/// The JSON of a body.
pub(super) fn json(text: &str) -> Result<Value, Error> {
    Value::parse(text)
        .map_err(|error| Error::caused(ErrorKind::UnexpectedAnswer, "the answer is no JSON", error))
}

/// The JSON object of a body.
pub(super) fn object(text: &str) -> Result<Object, Error> {
    match json(text)? {
        Value::Object(object) => Ok(object),
        other => {
            let message = format!("expected an object in the answer, found {}", other.type_name());
            Err(Error::new(ErrorKind::UnexpectedAnswer, message))
        }
    }
}

/// The error that a message of an event stream tells, as the same call without a stream would have told it.
pub(super) fn refused_in_stream(message: &str, redactor: &Redactor) -> Error {
    let message = Value::parse(message).unwrap_or_default();
    let error = redactor.redact_error(WireError::parse(&message).unwrap_or_default());
    let status = message.get("status").and_then(Value::as_i64).and_then(|status| status.try_into().ok());
    // Streams number some errors in another way (`sse.md` 7).
    let status = match error.kind.as_deref() {
        Some("rate-limited" | "timeout") => 429,
        Some("parameter-limit-exceeded") => 400,
        _ => status.unwrap_or(500),
    };
    let asked = error.hint.as_ref().and_then(hinted);
    Error::server(status, error, asked)
}

/// The error of an answer to `request` that is not a good one.
pub(super) fn refused(head: &Head, body: &[u8], request: &Request<'_>, redactor: &Redactor) -> Error {
    let Head { status, headers } = head;
    let number = status.as_u16();
    let text = String::from_utf8_lossy(body);
    if !status.is_success()
        && let Some(error) = Value::parse(&text).ok().as_ref().and_then(WireError::parse)
    {
        let error = redactor.redact_error(error);
        let asked = retry_after(headers).or_else(|| hinted(error.hint.as_ref()?));
        return Error::server(number, error, asked);
    }
    let message = if status.is_redirection() {
        redirected(headers, request.is_elsewhere())
    } else if body.is_empty() && status.is_success() {
        // An Instant server answers unknown paths like this.
        format!("the server answered {number} and nothing else: is the base URL right?")
    } else if body.is_empty() {
        format!("the server answered {status} and nothing else")
    } else {
        format!(
            "the answer {status} is none of Instant's: {:?}",
            shortened(&redactor.redact(text.into_owned()))
        )
    };
    Error::unexpected(number, message, retry_after(headers))
}

/// What is told of a redirect. Of where it leads only the server shows: the rest holds what was asked for, or a signature.
fn redirected(headers: &HeaderMap, elsewhere: bool) -> String {
    let to = headers.get(LOCATION).and_then(|to| Url::parse(to.to_str().ok()?).ok());
    let to = to.filter(Url::has_host).map(|to| to.origin().ascii_serialization());
    match (to, elsewhere) {
        (Some(to), false) => format!("the server redirects to {to}: give that as the base URL"),
        (None, false) => "the server redirects to another path: is the base URL right?".to_owned(),
        (Some(to), true) => {
            format!("the address of the file redirects to {to}, and redirects are not followed")
        }
        (None, true) => {
            "the address of the file redirects to another path, and redirects are not followed".to_owned()
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The header's seconds, or how long after the answer its date is, by the clock of whoever answered: ours may differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds_of = |date: &str| rfc2822::parse(date).ok().map(|date| date.timestamp().as_second());
    let seconds = seconds_of(asked)? - seconds_of(text(DATE)?)?;
    Some(Duration::from_secs(seconds.try_into().unwrap_or(0)))
}

/// The seconds in the hint of `rate-limited`.
fn hinted(hint: &Object) -> Option<Duration> {
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
    fn servers_say_in_seconds_or_by_a_date_when_to_come_again() {
        const DATE: &str = "Wed, 21 Oct 2026 07:28:00 GMT";
        for (asked, date, want) in [
            ("12", None, Some(12)),
            (" 0 ", Some(DATE), Some(0)),
            ("Wed, 21 Oct 2026 07:29:30 GMT", Some(DATE), Some(90)),
            ("Wed, 21 Oct 2026 07:27:00 GMT", Some(DATE), Some(0)),
            ("Wed, 21 Oct 2026 07:29:30 GMT", None, None),
            ("Wed, 21 Oct 2026 07:29:30 GMT", Some("yesterday"), None),
            ("soon", Some(DATE), None),
            ("-1", Some(DATE), None),
        ] {
            let mut headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(asked))]);
            headers.extend(date.map(|date| (http::header::DATE, HeaderValue::from_static(date))));
            assert_eq!(retry_after(&headers), want.map(Duration::from_secs), "{asked} {date:?}");
        }
    }

    #[test]
    fn a_hint_says_it_too() {
        for (hint, want) in [
            (r#"{"retry-after":12}"#, Some(Duration::from_secs(12))),
            (r#"{"retry-after":1.5}"#, Some(Duration::from_millis(1500))),
            (r#"{"retry-after":-1}"#, None),
            (r#"{"retry-after":"12"}"#, None),
            ("{}", None),
        ] {
            let hint = Value::parse(hint).unwrap();
            assert_eq!(hinted(hint.as_object().unwrap()), want, "{hint}");
        }
    }
}
