//! Reads arrays and objects member by member, for [`Reader`].

use std::borrow::Cow;

use super::{Reader, SyntaxError, syntax::TOO_DEEP};

impl<'a> Reader<'a> {
    /// Enters an object. Call [`next_key`](Self::next_key) until it returns `None`, and read one
    /// value after each key.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new(r#"{"a": 1}"#);
    /// reader.begin_object().unwrap();
    /// assert_eq!(reader.next_key().unwrap().as_deref(), Some("a"));
    /// reader.skip().unwrap();
    /// assert_eq!(reader.next_key(), Ok(None));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the next value is of another kind or nests too deep.
    pub fn begin_object(&mut self) -> Result<(), SyntaxError> {
        self.open(b'{', "an object")
    }

    /// Reads the key of the next member. Returns `None` after the last member, having left the
    /// object.
    ///
    /// # Errors
    ///
    /// Returns an error if the input has neither a member nor the end of the object next.
    #[inline]
    pub fn next_key(&mut self) -> Result<Option<Cow<'a, str>>, SyntaxError> {
        if !self.next_member(b'}', "`,` or `}`")? {
            return Ok(None);
        }
        let key = self.string()?;
        if self.next_byte() != Some(b':') {
            return self.fail("`:`");
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Enters an array. Call [`next_item`](Self::next_item) until it returns `false`, and read one
    /// value after each `true`.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("[1, 2]");
    /// let mut numbers = 0;
    /// reader.begin_array().unwrap();
    /// while reader.next_item().unwrap() {
    ///     reader.number().unwrap();
    ///     numbers += 1;
    /// }
    /// assert_eq!(numbers, 2);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the next value is of another kind or nests too deep.
    pub fn begin_array(&mut self) -> Result<(), SyntaxError> {
        self.open(b'[', "an array")
    }

    /// Advances to the next item. Returns `false` after the last item, having left the array.
    ///
    /// # Errors
    ///
    /// Returns an error if the input has neither an item nor the end of the array next.
    #[inline]
    pub fn next_item(&mut self) -> Result<bool, SyntaxError> {
        self.next_member(b']', "`,` or `]`")
    }

    fn open(&mut self, bracket: u8, expected: &'static str) -> Result<(), SyntaxError> {
        if self.next_byte() != Some(bracket) {
            return self.fail(expected);
        }
        if self.levels_left == 0 {
            return self.fail(TOO_DEEP);
        }
        self.levels_left -= 1;
        self.at += 1;
        self.after_open = true;
        Ok(())
    }

    /// Consumes the comma before the next member, or the closing bracket. Returns whether a member
    /// follows.
    #[inline]
    fn next_member(&mut self, close: u8, expected: &'static str) -> Result<bool, SyntaxError> {
        let first = std::mem::replace(&mut self.after_open, false);
        match self.next_byte() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.levels_left += 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if first => Ok(true),
            _ => self.fail(expected),
        }
    }
}
