//! Parses request bodies (`docs/protocol/http-api.md`, "1.2 Request bodies").
//!
//! A malformed body is rejected before anything else is checked, even if the path does not exist.

use std::borrow::Cow;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use instant_core::{Object, Value, json::Reader};

use super::{error::Rejection, run_blocking};
use crate::{failure::Failure, limits::Limits};

/// The size in bytes from which a body is parsed off the async threads.
const LARGE: usize = 64 << 10;

/// A parsed body.
#[derive(Debug, Default)]
pub(super) struct ParsedBody {
    /// The members of a JSON object, if the content type is JSON.
    pub(super) fields: Object,
    /// The text of a URL-encoded form.
    pub(super) form: Bytes,
    /// The length of the body in bytes; 0 if it was not read.
    pub(super) size: usize,
}

/// Reads and parses a body by its content type, within `limits`.
///
/// # Errors
///
/// Returns the rejection of a body that is too large or malformed.
pub(super) async fn read(headers: &HeaderMap, body: Body, limits: Limits) -> Result<ParsedBody, Rejection> {
    let content_type = headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
    if content_type.starts_with(b"multipart/form-data")
        && !content_type.windows(9).any(|at| at == b"boundary=")
    {
        return Err(Rejection::TooLarge);
    }
    if content_type.starts_with(b"application/x-www-form-urlencoded") {
        let form = to_bytes(body, limits.body_bytes).await.map_err(|_| Rejection::TooLarge)?;
        return Ok(ParsedBody { form, ..ParsedBody::default() });
    }
    if !is_json(content_type) {
        return Ok(ParsedBody::default());
    }
    let charset = Charset::of(content_type)?;
    let bytes = to_bytes(body, limits.body_bytes).await.map_err(|_| Rejection::TooLarge)?;
    let size = bytes.len();
    let fields = match size < LARGE {
        true => parse(&bytes, charset, &limits)?,
        false => run_blocking(move || parse(&bytes, charset, &limits)).await??,
    };
    Ok(ParsedBody { fields, size, ..ParsedBody::default() })
}

fn parse(bytes: &[u8], charset: Charset, limits: &Limits) -> Result<Object, Rejection> {
    let text = charset.decode(bytes);
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Ok(Object::new());
    }
    // Text after the value is ignored, as on the real server.
    let value = Reader::new(&text).max_nesting(limits.nesting).value().map_err(|error| {
        if error.is_too_deep() {
            invalid_body(format!(
                "at most {} levels of nesting are read",
                limits.nesting.min(Reader::MAX_NESTING)
            ))
        } else {
            Rejection::MalformedJson
        }
    })?;
    if text.len() > limits.text && longest_string(&value) > limits.text {
        return Err(invalid_body(format!("a string has at most {} characters", limits.text)));
    }
    Ok(match value {
        Value::Object(fields) => fields,
        _ => Object::new(),
    })
}

fn invalid_body(message: String) -> Rejection {
    Failure::rejected("validation-failed", format!("Validation failed for body: {message}"))
        .with_hint([("data-type", "body".into())])
        .into()
}

/// Returns whether a content type is `application/json..` or `application/<name>+json`, in lower
/// case.
fn is_json(content_type: &[u8]) -> bool {
    let Some(subtype) = content_type.strip_prefix(b"application/") else { return false };
    let subtype = subtype.split(|byte| matches!(byte, b';' | b' ')).next().unwrap_or_default();
    subtype.starts_with(b"json") || subtype.windows(5).any(|at| at == b"+json")
}

fn longest_string(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.iter().map(longest_string).max().unwrap_or(0),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| key.chars().count().max(longest_string(value)))
            .max()
            .unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The character encoding of a body.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Latin1,
}

impl Charset {
    fn of(content_type: &[u8]) -> Result<Self, Rejection> {
        let Some(at) = content_type.windows(8).position(|at| at.eq_ignore_ascii_case(b"charset=")) else {
            return Ok(Self::Utf8);
        };
        let name = content_type[at + 8..].split(|byte| *byte == b';').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).trim().trim_matches('"').to_ascii_lowercase();
        match name.as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(Self::Utf8),
            "iso-8859-1" | "latin1" => Ok(Self::Latin1),
            _ => Err(invalid_body(format!("unknown charset {name:?}; send utf-8 or iso-8859-1"))),
        }
    }

    fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_type_decides_on_json() {
        for (content_type, want) in [
            ("application/json", true),
            ("application/json; charset=utf-8", true),
            ("application/jsonp", true),
            ("application/vnd.api+json", true),
            ("application/vnd.api+json;v=1", true),
            ("Application/JSON", false),
            ("application/x-www-form-urlencoded", false),
            ("application/x;+json", false),
            ("text/json", false),
            ("", false),
        ] {
            assert_eq!(is_json(content_type.as_bytes()), want, "{content_type}");
        }
    }

    fn check(content_type: &str, body: &[u8], want: &str) {
        let limits = Limits::default();
        let got = Charset::of(content_type.as_bytes()).and_then(|charset| parse(body, charset, &limits));
        let got = match got {
            Ok(fields) => Value::from(fields).to_string(),
            Err(rejection) => format!("{rejection:?}").chars().take(13).collect(),
        };
        assert_eq!(got, want, "{content_type} {}", String::from_utf8_lossy(body));
    }

    #[test]
    fn bodies_parse_as_on_the_server() {
        const JSON: &str = "application/json";
        check(JSON, b"", "{}");
        check(JSON, b" \r\n", "{}");
        check(JSON, br#"{"a":1} trailing"#, r#"{"a":1}"#);
        check(JSON, br#"{"a":1,"a":2}"#, r#"{"a":2}"#);
        check(JSON, b"[1]", "{}");
        check(JSON, b"7", "{}");
        check(JSON, b"{", "MalformedJson");
        check(JSON, b"\xef\xbb\xbf{}", "MalformedJson");
        check(JSON, b"{\"caf\xe9\":1}", "{\"caf\u{fffd}\":1}");
        check("application/json; charset=ISO-8859-1", b"{\"caf\xe9\":1}", "{\"caf\u{e9}\":1}");
        check("application/json; charset=\"utf-8\"", b"{}", "{}");
        check("application/json; charset=klingon", b"{}", "Failed(Failur");
    }

    #[test]
    fn nesting_and_string_length_are_limited() {
        let nested =
            |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        let long = |length: usize| format!("{{\"x\":\"{}\"}}", "a".repeat(length));
        let small = Limits { nesting: 3, text: 9, ..Limits::default() };
        // The stack sets a bound that no limit can raise.
        let large = Limits { nesting: 1_000_000, ..Limits::default() };
        for (limits, levels, length) in
            [(small, 3, 9), (Limits::default(), 1000, 20_000_000), (large, 1000, 20_000_000)]
        {
            let fits = |body: String| parse(body.as_bytes(), Charset::Utf8, &limits).is_ok();
            assert!(fits(nested(levels)) && !fits(nested(levels + 1)), "{limits:?}");
            assert!(fits(long(length)) && !fits(long(length + 1)), "{limits:?}");
        }
    }
}
