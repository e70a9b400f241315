//! Validates texts that are sent in a URL or a header.

use crate::BuildError;

/// The longest text that every server and proxy accepts, in bytes.
const MAX_BYTES: usize = 1000;

/// Returns `text` without surrounding white space, if it can be sent in a URL or a header.
///
/// # Errors
///
/// An error that names the text as `what`, such as "the email".
pub(super) fn valid_text<'a>(what: &str, text: &'a str) -> Result<&'a str, BuildError> {
    let invalid = |reason: &str| Err(BuildError::new(format!("{what} {reason}")));
    let text = text.trim();
    if text.is_empty() {
        return invalid("is blank");
    }
    if text.len() > MAX_BYTES {
        return invalid(&format!("has {} bytes, the maximum is {MAX_BYTES}", text.len()));
    }
    if text.chars().any(char::is_control) {
        return invalid("has a control character, such as a line break");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_long_and_control_texts_are_rejected() {
        let long = "é".repeat(501);
        for (text, want) in [
            ("ada@x.com", Ok("ada@x.com")),
            (" ada@x.com\n", Ok("ada@x.com")),
            ("日本", Ok("日本")),
            (&long[..1000], Ok(&long[..1000])),
            ("", Err("the email is blank")),
            (" \r\n", Err("the email is blank")),
            (&long, Err("the email has 1002 bytes, the maximum is 1000")),
            ("a\r\nx-evil: 1", Err("the email has a control character, such as a line break")),
            ("a\0b", Err("the email has a control character, such as a line break")),
        ] {
            let want = want.map_err(BuildError::new);
            assert_eq!(valid_text("the email", text), want, "{text:?}");
        }
    }
}
