//! Which bodies are read as JSON, and how (`http-api.md` 1.2).
//!
//! A malformed body is answered before anything else is looked at, also for a path that leads nowhere.

use std::borrow::Cow;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use instant_core::{Object, Value};

use super::{error::Refusal, offload};
use crate::failure::Failure;

/// The server has no limit; ours keeps one request from taking all memory.
const MAX_BYTES: usize = 256 << 20;

/// As the server's parser has it, in characters.
const MAX_STRING: usize = 20_000_000;

/// From here on a body is parsed off the async threads.
const LARGE: usize = 64 << 10;

/// What a body says.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The fields of a JSON object with a content type that says so.
    pub(super) fields: Object,
    /// A form, as it came.
    pub(super) form: Bytes,
    /// How long the body was, in bytes; 0 if it was not read.
    pub(super) size: usize,
}

/// Reads a body as its content type says.
///
/// # Errors
///
/// The refusal of a body that cannot be read.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Read, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
    if content_type.starts_with(b"multipart/form-data")
        && !content_type.windows(9).any(|at| at == b"boundary=")
    {
        return Err(Refusal::TooLarge);
    }
    if content_type.starts_with(b"application/x-www-form-urlencoded") {
        let form = to_bytes(body, MAX_BYTES).await.map_err(|_| Refusal::TooLarge)?;
        return Ok(Read { form, ..Read::default() });
    }
    if !is_json(content_type) {
        return Ok(Read::default());
    }
    let charset = Charset::of(content_type)?;
    let bytes = to_bytes(body, MAX_BYTES).await.map_err(|_| Refusal::TooLarge)?;
    let size = bytes.len();
    let fields = match size < LARGE {
        true => parse(&bytes, charset)?,
        false => offload(move || parse(&bytes, charset)).await??,
    };
    Ok(Read { fields, size, ..Read::default() })
}

fn parse(bytes: &[u8], charset: Charset) -> Result<Object, Refusal> {
    let text = charset.decode(bytes);
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return Ok(Object::new());
    }
    let value = Value::parse_prefix(&text).map_err(|error| {
        if error.is_too_deep() {
            refuse("at most 1000 levels of nesting are read".to_owned())
        } else {
            Refusal::MalformedJson
        }
    })?;
    if text.len() > MAX_STRING && longest_string(&value) > MAX_STRING {
        return Err(refuse(format!("a string has at most {MAX_STRING} characters")));
    }
    Ok(match value {
        Value::Object(fields) => fields,
        _ => Object::new(),
    })
}

fn refuse(message: String) -> Refusal {
    Failure::refused("validation-failed", format!("Validation failed for body: {message}"))
        .with_hint([("data-type", "body".into())])
        .into()
}

/// `application/json..` or `application/<anything>+json`, in lower case.
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

/// How a body's bytes are characters.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Latin1,
}

impl Charset {
    fn of(content_type: &[u8]) -> Result<Self, Refusal> {
        let Some(at) = content_type.windows(8).position(|at| at.eq_ignore_ascii_case(b"charset=")) else {
            return Ok(Self::Utf8);
        };
        let name = content_type[at + 8..].split(|byte| *byte == b';').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).trim().trim_matches('"').to_ascii_lowercase();
        match name.as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(Self::Utf8),
            "iso-8859-1" | "latin1" => Ok(Self::Latin1),
            _ => Err(refuse(format!("unknown charset {name:?}; send utf-8 or iso-8859-1"))),
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
    fn json_is_told_by_the_content_type() {
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
        let got = Charset::of(content_type.as_bytes()).and_then(|charset| parse(body, charset));
        let got = match got {
            Ok(fields) => Value::from(fields).to_string(),
            Err(refusal) => format!("{refusal:?}").chars().take(13).collect(),
        };
        assert_eq!(got, want, "{content_type} {}", String::from_utf8_lossy(body));
    }

    #[test]
    fn bodies_are_read_as_the_server_reads_them() {
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
        let nested = |levels: usize| format!("{{\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(999).as_bytes(), Charset::Utf8).is_ok());
        assert!(parse(nested(1000).as_bytes(), Charset::Utf8).is_err());
        let long = |length: usize| format!("{{\"x\":\"{}\"}}", "a".repeat(length));
        assert!(parse(long(MAX_STRING).as_bytes(), Charset::Utf8).is_ok());
        assert!(parse(long(MAX_STRING + 1).as_bytes(), Charset::Utf8).is_err());
    }
}
