//! Percent-encoding for query strings and cookies.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All characters that are not allowed as they are.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a value for a query string.
pub(super) fn percent_encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_losslessly() {
        for (value, want) in [
            ("ada@x.com", "ada%40x.com"),
            ("a+b&c=d#e?f/g h", "a%2Bb%26c%3Dd%23e%3Ff%2Fg%20h"),
            ("ä%\r\n", "%C3%A4%25%0D%0A"),
            ("A-z_0.9~", "A-z_0.9~"),
        ] {
            assert_eq!(percent_encoded(value), want);
        }
    }
}
