//! What a caller gives to be sent in an address or a header: too long, blank or broken, it would never arrive as it is, and what
//! answers would not know why.

use crate::BuildError;

/// The longest text that every server and proxy lets through, in bytes; nothing that is meant is as long.
const LONGEST: usize = 1000;

/// The text without blanks around it, if it can be `what` it is to be.
pub(super) fn valid_text<'a>(what: &str, text: &'a str) -> Result<&'a str, BuildError> {
    let refused = |why: &str| Err(BuildError::new(format!("{what} {why}")));
    let text = text.trim();
    if text.is_empty() {
        return refused("is blank");
    }
    if text.len() > LONGEST {
        return refused(&format!("has {} bytes, and can have {LONGEST}", text.len()));
    }
    if text.chars().any(char::is_control) {
        return refused("has a control character, such as a line break");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_cannot_arrive_are_refused() {
        let long = "é".repeat(501);
        for (text, want) in [
            ("ada@x.com", Ok("ada@x.com")),
            (" ada@x.com\n", Ok("ada@x.com")),
            ("日本", Ok("日本")),
            (&long[..1000], Ok(&long[..1000])),
            ("", Err("the email is blank")),
            (" \r\n", Err("the email is blank")),
            (&long, Err("the email has 1002 bytes, and can have 1000")),
            ("a\r\nx-evil: 1", Err("the email has a control character, such as a line break")),
            ("a\0b", Err("the email has a control character, such as a line break")),
        ] {
            let want = want.map_err(BuildError::new);
            assert_eq!(valid_text("the email", text), want, "{text:?}");
        }
    }
}
