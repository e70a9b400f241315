//! Secrets: made at random, and kept as hashes only.

use std::fmt::Write;

use instant_core::Uuid;
use sha2::{Digest, Sha256};

/// How many characters a magic code has, and how many digits there are for each: 9 never occurs.
const CODE_LENGTH: u32 = 6;
const CODE_DIGITS: u64 = 9;

/// A magic code that cannot be guessed.
pub(super) fn magic_code() -> String {
    // The lower half of a random id holds 62 random bits.
    let random = Uuid::new_v4().as_u64_pair().1 & (u64::MAX >> 2);
    let mut rest = random % CODE_DIGITS.pow(CODE_LENGTH);
    (0..CODE_LENGTH)
        .map(|_| {
            let digit = b'0' + (rest % CODE_DIGITS) as u8;
            rest /= CODE_DIGITS;
            char::from(digit)
        })
        .collect()
}

/// What is stored of a refresh token.
pub(super) fn hash_token(token: &Uuid) -> String {
    hex(token.as_bytes())
}

/// What is stored of a magic code.
pub(super) fn hash_code(code: &str) -> String {
    hex(code.as_bytes())
}

fn hex(secret: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(secret) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_of_nine_digits_and_differ() {
        let codes = Vec::from_iter((0..100).map(|_| magic_code()));
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|c| (b'0'..=b'8').contains(&c))));
        assert!(codes.iter().any(|code| *code != codes[0]));
    }

    #[test]
    fn hashes_are_sha_256() {
        let want = "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92";
        assert_eq!(hash_code("123456"), want);
    }
}
