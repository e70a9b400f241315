//! Creates random secrets, and the hashes that are stored in their place.

use instant_core::Uuid;
use sha2::{Digest, Sha256};

/// The length of a magic code, and the number of different digits. The digit 9 does not occur.
const CODE_LENGTH: u32 = 6;
const CODE_DIGITS: u64 = 9;

/// Creates a random magic code.
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

/// Returns the stored hash of a refresh token.
pub(super) fn hash_token(token: &Uuid) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Returns the stored hash of a magic code.
pub(super) fn hash_code(code: &str) -> String {
    hex::encode(Sha256::digest(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_codes_are_random_digits_from_0_to_8() {
        let codes = Vec::from_iter((0..100).map(|_| magic_code()));
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|c| (b'0'..=b'8').contains(&c))));
        assert!(codes.iter().any(|code| *code != codes[0]));
    }

    #[test]
    fn hash_is_sha_256_in_hexadecimal() {
        let want = "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92";
        assert_eq!(hash_code("123456"), want);
    }
}
