//! Scans numbers and strings, for [`Reader`].

use super::{Reader, SyntaxError};

impl<'a> Reader<'a> {
    /// Reads the token of a number. The flag is set if it has neither a fraction nor an exponent.
    pub(super) fn number_token(&mut self) -> Result<(&'a str, bool), SyntaxError> {
        self.next_byte();
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |mut at: usize| {
            let from = at;
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            (at > from).then_some(at)
        };
        let mut at = start + usize::from(bytes.get(start) == Some(&b'-'));
        let leading_zero = bytes.get(at) == Some(&b'0');
        match digits(at) {
            Some(end) if !leading_zero || end == at + 1 => at = end,
            _ => return self.fail("a number"),
        }
        let mut whole = true;
        if bytes.get(at) == Some(&b'.') {
            whole = false;
            match digits(at + 1) {
                Some(end) => at = end,
                None => return self.fail("a number"),
            }
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            whole = false;
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            match digits(at + 1 + sign) {
                Some(end) => at = end,
                None => return self.fail("a number"),
            }
        }
        self.at = at;
        Ok((&self.text[start..at], whole))
    }

    /// Returns the end of the run of bytes from `from` that are neither a quote, a backslash nor a
    /// control character.
    #[inline]
    pub(super) fn plain_run(&self, from: usize) -> usize {
        let rest = &self.text.as_bytes()[from..];
        let (words, tail) = rest.as_chunks::<8>();
        for (index, word) in words.iter().enumerate() {
            if let Some(at) = first_special(u64::from_le_bytes(*word)) {
                return from + index * 8 + at;
            }
        }
        let special = tail.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        from + rest.len() - tail.len() + special.unwrap_or(tail.len())
    }

    /// Reads the rest of a string, from its first escape at `at`.
    #[cold]
    pub(super) fn escaped_string(&mut self, start: usize) -> Result<String, SyntaxError> {
        let mut out = self.text[start..self.at].to_owned();
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                _ => return self.fail("the end of the string"),
            }
            let end = self.plain_run(self.at);
            out.push_str(&self.text[self.at..end]);
            self.at = end;
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        let Some(byte) = self.text.as_bytes().get(self.at + 1) else {
            return self.fail("an escape");
        };
        out.push(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(out),
            _ => return self.fail("an escape"),
        });
        self.at += 2;
        Ok(())
    }

    /// Reads `\uXXXX`, or two of them that form a surrogate pair. A lone surrogate becomes `?`.
    fn unicode_escape(&mut self, out: &mut String) -> Result<(), SyntaxError> {
        let high = self.unit(self.at)?;
        self.at += 6;
        let pair = match high {
            0xd800..0xdc00 => match self.unit(self.at) {
                Ok(low @ 0xdc00..0xe000) => Some(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)),
                _ => None,
            },
            _ => None,
        };
        if pair.is_some() {
            self.at += 6;
        }
        out.push(char::from_u32(pair.unwrap_or(high)).unwrap_or('?'));
        Ok(())
    }

    /// Returns the UTF-16 code unit of the `\uXXXX` at `at`.
    fn unit(&self, at: usize) -> Result<u32, SyntaxError> {
        let digits = self.text.get(at..at + 6).and_then(|text| text.strip_prefix("\\u"));
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(unit) => Ok(unit),
            None => self.fail("four hexadecimal digits"),
        }
    }
}

/// Returns the index of the first byte of `word` that is a quote, a backslash or a control
/// character. Testing eight bytes at once is several times faster than testing each.
#[inline]
fn first_special(word: u64) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Sets the high bit of each byte below `limit`. The lowest set bit is exact; a higher one may
    // result from a borrow.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let equals = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let marks = below(word, 0x20) | equals(b'"') | equals(b'\\');
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_special_agrees_with_a_scan_of_single_bytes() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                for other in [b'a', 0x80, 0xff, b' ', b'!', b'\\', 0x01] {
                    let mut bytes = [other; 8];
                    bytes[at] = byte;
                    let want = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
                    assert_eq!(first_special(u64::from_le_bytes(bytes)), want, "{bytes:?}");
                }
            }
        }
    }
}
