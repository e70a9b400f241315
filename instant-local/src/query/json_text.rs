//! Reads stored values from their JSON text, without parsing more than needed.

use std::borrow::Cow;

use instant_core::json::Reader;

/// Returns the JSON text that equal values share: `1` for `1.0` and `1`. All other values are
/// stored in one form only.
pub(super) fn exact(raw: &str) -> &str {
    match raw.as_bytes() {
        [b'-' | b'0'..=b'9', .., b'.', b'0'] => &raw[..raw.len() - 2],
        _ => raw,
    }
}

/// Returns a number as a double.
pub(super) fn number(raw: &str) -> Option<f64> {
    if raw.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        raw.parse().ok()
    } else {
        None
    }
}

/// Returns a boolean.
pub(super) fn boolean(raw: &str) -> Option<bool> {
    match raw {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Returns a string.
pub(super) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') { Reader::new(raw).string().ok() } else { Some(Cow::Borrowed(inside)) }
}
