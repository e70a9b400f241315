//! What is put into the query part of an address.

/// A value within the query part of an address.
pub(super) fn escaped(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_travel_whole() {
        for (value, want) in [
            ("ada@x.com", "ada%40x.com"),
            ("a+b&c=d#e?f/g h", "a%2Bb%26c%3Dd%23e%3Ff%2Fg%20h"),
            ("ä%\r\n", "%C3%A4%25%0D%0A"),
            ("A-z_0.9~", "A-z_0.9~"),
        ] {
            assert_eq!(escaped(value), want);
        }
    }
}
