//! Validates paths, content types and dispositions of files (`docs/protocol/http-api.md`,
//! "11.1 PUT /admin/storage/upload"), and encodes them for headers.

use http::HeaderValue;

use crate::{BuildError, client::validate::valid_text};

/// The longest path, in bytes of UTF-8. Longer ones do not fit into the index of a unique
/// attribute.
const MAX_BYTES: usize = 1012;

/// Returns `path` if a file can have it.
pub(super) fn validate(path: &str) -> Result<&str, BuildError> {
    let invalid = |reason: &str| Err(BuildError::new(format!("invalid file path: {reason}")));
    if path.trim().is_empty() {
        return invalid("it is blank");
    }
    if path.len() > MAX_BYTES {
        return invalid(&format!("it has {} bytes, the maximum is {MAX_BYTES}", path.len()));
    }
    if path.trim() != path {
        return invalid(&format!("{path:?} starts or ends with white space, which Instant would remove"));
    }
    if path.chars().any(char::is_control) {
        return invalid(&format!("{path:?} has a control character"));
    }
    Ok(path)
}

/// Encodes `text` in Latin-1 for a header; `None` if it has other characters.
pub(super) fn to_latin1(text: &str) -> Option<HeaderValue> {
    let bytes = text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>()?;
    HeaderValue::from_bytes(&bytes).ok()
}

/// Returns the header of a content type that Instant stores unchanged.
pub(super) fn content_type(kind: &str) -> Result<HeaderValue, BuildError> {
    let kind = valid_text("the content type", kind)?;
    let invalid = |reason: &str| Err(BuildError::new(format!("invalid content type {kind:?}: {reason}")));
    let lower = kind.to_ascii_lowercase();
    if ["null", "undefined"].contains(&&*lower) {
        return invalid("Instant ignores it; omit it, or use a type such as text/plain");
    }
    if ["application/x-www-form-urlencoded", "multipart/form-data"].iter().any(|form| lower.starts_with(form))
    {
        return invalid("Instant cannot store forms; use the type of the file, or omit it");
    }
    match to_latin1(kind) {
        Some(value) => Ok(value),
        None => invalid("it has characters that cannot be sent in a header"),
    }
}

/// Returns the header of a content disposition that Instant stores unchanged.
pub(super) fn content_disposition(disposition: &str) -> Result<HeaderValue, BuildError> {
    let disposition = valid_text("the content disposition", disposition)?;
    to_latin1(disposition).ok_or_else(|| {
        BuildError::new(format!(
            "invalid content disposition {disposition:?}: it has characters that cannot be sent in a header; \
             encode file names, as in attachment; filename*=UTF-8''%E6%97%A5.txt"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_paths_are_rejected() {
        let long = "ä".repeat(507);
        for (path, want) in [
            ("a", ""),
            ("../../etc/passwd", ""),
            ("/a//b ", "\"/a//b \" starts or ends with white space, which Instant would remove"),
            ("\u{a0}a", "\"\\u{a0}a\" starts or ends with white space, which Instant would remove"),
            ("日本 語.txt", ""),
            ("", "it is blank"),
            (" \n", "it is blank"),
            ("a\r\nx-evil: 1", "\"a\\r\\nx-evil: 1\" has a control character"),
            ("a\0", "\"a\\0\" has a control character"),
            (&long[..1012], ""),
            (&long, "it has 1014 bytes, the maximum is 1012"),
        ] {
            let got = validate(path).map_or_else(|error| error.to_string(), |_| String::new());
            let want = if want.is_empty() { String::new() } else { format!("invalid file path: {want}") };
            assert_eq!(got, want);
        }
    }

    #[test]
    fn latin1_text_is_encoded() {
        for (text, want) in [
            ("a b.txt", Some(&b"a b.txt"[..])),
            ("é", Some(b"\xe9")),
            ("日", None),
            ("a\r\nb", None),
            ("a\0", None),
        ] {
            assert_eq!(to_latin1(text).as_ref().map(HeaderValue::as_bytes), want, "{text}");
        }
    }

    #[test]
    fn only_types_and_dispositions_that_stay_unchanged_are_accepted() {
        for (kind, want) in [
            ("image/png", true),
            ("text/plain; name=é", true),
            ("application/json", true),
            ("", false),
            ("null", false),
            ("Application/X-WWW-Form-Urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("text/plain\r\nx: y", false),
            ("日", false),
        ] {
            assert_eq!(content_type(kind).is_ok(), want, "{kind}");
        }
        for (disposition, want) in [
            ("attachment; filename=\"é\"", true),
            (" ", false),
            ("inline\nx: y", false),
            ("attachment; filename=日", false),
        ] {
            assert_eq!(content_disposition(disposition).is_ok(), want, "{disposition}");
        }
    }
}
