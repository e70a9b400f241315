//! What paths, content types and dispositions can be (`http-api.md` 11.1), and how they travel.

use http::HeaderValue;

use crate::{BuildError, client::validate::valid_text};

/// The longest path, in bytes of UTF-8: longer ones do not fit the index of a unique attribute.
const LONGEST: usize = 1012;

/// The path, if a file can have it.
pub(super) fn checked(path: &str) -> Result<&str, BuildError> {
    let refused = |why: &str| Err(BuildError::new(format!("the path of a file {why}")));
    if path.trim().is_empty() {
        return refused("is blank");
    }
    if path.len() > LONGEST {
        return refused(&format!("has {} bytes, and can have {LONGEST}", path.len()));
    }
    if path.trim() != path {
        return refused(&format!("begins or ends with blanks, which Instant would drop: {path:?}"));
    }
    if path.chars().any(char::is_control) {
        return refused(&format!("has a control character: {path:?}"));
    }
    Ok(path)
}

/// The text as a header has it: in Latin-1. None if it has other characters.
pub(super) fn latin1(text: &str) -> Option<HeaderValue> {
    let bytes = text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>()?;
    HeaderValue::from_bytes(&bytes).ok()
}

/// A content type that will be stored as it is.
pub(super) fn content_type(kind: &str) -> Result<HeaderValue, BuildError> {
    let kind = valid_text("the content type", kind)?;
    let refused = |why: &str| Err(BuildError::new(format!("the content type {kind:?} {why}")));
    let lower = kind.to_ascii_lowercase();
    if ["null", "undefined"].contains(&&*lower) {
        return refused("says nothing to Instant: leave it out, or give one such as text/plain");
    }
    if ["application/x-www-form-urlencoded", "multipart/form-data"].iter().any(|form| lower.starts_with(form))
    {
        return refused("is that of a form, which Instant cannot store: give that of the file, or none");
    }
    match latin1(kind) {
        Some(value) => Ok(value),
        None => refused("has characters that a header cannot carry"),
    }
}

/// A content disposition that will be stored as it is.
pub(super) fn content_disposition(disposition: &str) -> Result<HeaderValue, BuildError> {
    let disposition = valid_text("the content disposition", disposition)?;
    latin1(disposition).ok_or_else(|| {
        BuildError::new(format!(
            "the content disposition {disposition:?} has characters that a header cannot carry; escape names: \
             attachment; filename*=UTF-8''%E6%97%A5.txt"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_names_of_some_length() {
        let long = "ä".repeat(507);
        for (path, want) in [
            ("a", ""),
            ("../../etc/passwd", ""),
            ("/a//b ", "begins or ends with blanks, which Instant would drop: \"/a//b \""),
            ("\u{a0}a", "begins or ends with blanks, which Instant would drop: \"\\u{a0}a\""),
            ("日本 語.txt", ""),
            ("", "is blank"),
            (" \n", "is blank"),
            ("a\r\nx-evil: 1", "has a control character: \"a\\r\\nx-evil: 1\""),
            ("a\0", "has a control character: \"a\\0\""),
            (&long[..1012], ""),
            (&long, "has 1014 bytes, and can have 1012"),
        ] {
            let got = checked(path).map_or_else(|error| error.to_string(), |_| String::new());
            let want = if want.is_empty() { String::new() } else { format!("the path of a file {want}") };
            assert_eq!(got, want);
        }
    }

    #[test]
    fn headers_carry_latin1() {
        for (text, want) in [
            ("a b.txt", Some(&b"a b.txt"[..])),
            ("é", Some(b"\xe9")),
            ("日", None),
            ("a\r\nb", None),
            ("a\0", None),
        ] {
            assert_eq!(latin1(text).as_ref().map(HeaderValue::as_bytes), want, "{text}");
        }
    }

    #[test]
    fn types_and_dispositions_are_stored_as_they_are() {
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
