//! The checksum after each value in a file. It covers the key and the value, so that a changed bit in
//! either is noticed when the entry is read.
//!
//! The file's own checksums cover pages, and are compared only when the whole file is verified.
//! Entries without a value have no checksum: they are the smallest and the most frequent ones.

/// The number of bytes that a checksum takes.
pub(super) const LENGTH: usize = 4;

/// Writes a value and its checksum to `out`, which has the length that [`stored_length`] returns.
pub(super) fn write(key: &[u8], value: &[u8], out: &mut [u8]) {
    if let Some((start, end)) = out.split_at_mut_checked(value.len()) {
        start.copy_from_slice(value);
        if !value.is_empty() {
            end.copy_from_slice(&checksum(key, value));
        }
    }
}

/// Returns the length of a value with its checksum.
pub(super) fn stored_length(value: &[u8]) -> usize {
    if value.is_empty() { 0 } else { value.len() + LENGTH }
}

/// Returns the length of the value in `stored`, or `None` if its checksum does not match.
pub(super) fn verified_length(key: &[u8], stored: &[u8]) -> Option<usize> {
    if stored.is_empty() {
        return Some(0);
    }
    let (value, end) = stored.split_last_chunk::<LENGTH>()?;
    (checksum(key, value) == *end && !value.is_empty()).then_some(value.len())
}

fn checksum(key: &[u8], value: &[u8]) -> [u8; LENGTH] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(value);
    hasher.finalize().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(key: &[u8], value: &[u8]) -> Vec<u8> {
        let mut out = vec![0; stored_length(value)];
        write(key, value, &mut out);
        out
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for (key, value) in
            [(&b"key"[..], &b"v"[..]), (b"", b"value"), (&[0; 21], &[0; 300]), (&[7; 40], b"{\"a\":1}")]
        {
            let intact = stored(key, value);
            assert_eq!(verified_length(key, &intact), Some(value.len()));
            for bit in 0..intact.len() * 8 {
                let mut damaged = intact.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(verified_length(key, &damaged), None, "bit {bit} of the value");
            }
            for bit in 0..key.len() * 8 {
                let mut damaged = key.to_vec();
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(verified_length(&damaged, &intact), None, "bit {bit} of the key");
            }
            for length in 1..intact.len() {
                assert_eq!(verified_length(key, &intact[..length]), None, "cut to {length}");
            }
        }
    }

    #[test]
    fn empty_value_has_no_checksum() {
        assert_eq!(stored(b"key", b""), b"");
        assert_eq!(verified_length(b"key", b""), Some(0));
    }
}
