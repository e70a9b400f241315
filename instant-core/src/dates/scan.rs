//! A scanner for texts with a fixed format.

/// The rest of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'a>(pub(super) &'a str);

impl<'a> Scan<'a> {
    /// Returns whether the rest is empty.
    pub(super) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Consumes `text` if it comes next. Returns whether it did.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        self.0.strip_prefix(text).map(|rest| self.0 = rest).is_some()
    }

    /// Consumes all digits that come next, if they are `least` to `most`.
    pub(super) fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        if !(least..=most).contains(&count) {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        digits.parse().ok()
    }

    /// Consumes the letters that come next.
    pub(super) fn letters(&mut self) -> &'a str {
        let count = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, rest) = self.0.split_at(count);
        self.0 = rest;
        letters
    }

    /// Consumes the digits of a fraction of a second. Returns it in microseconds, rounded.
    pub(super) fn fraction(&mut self) -> Option<i64> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        let seconds: f64 = format!("0.{digits}").parse().ok().filter(|_| count > 0)?;
        Some((seconds * 1e6).round() as i64)
    }
}
