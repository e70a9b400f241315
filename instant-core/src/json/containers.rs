//! Reading into arrays and objects, item by item.

use std::borrow::Cow;

use super::{Reader, SyntaxError, syntax::TOO_DEEP};

impl<'a> Reader<'a> {
    /// Enters an object; then [`next_key`](Self::next_key) until it answers `None`.
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
    /// When something else comes next, or the nesting is too deep.
    pub fn begin_object(&mut self) -> Result<(), SyntaxError> {
        self.open(b'{', "an object")
    }

    /// The key of the next member, or `None` behind the last one.
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
    /// When neither comes next.
    #[inline]
    pub fn next_key(&mut self) -> Result<Option<Cow<'a, str>>, SyntaxError> {
        if !self.step(b'}', "`,` or `}`")? {
            return Ok(None);
        }
        let key = self.string()?;
        if self.next_byte() != Some(b':') {
            return self.fail("`:`");
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Enters an array; then [`next_item`](Self::next_item) until it answers false.
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
    /// When something else comes next, or the nesting is too deep.
    pub fn begin_array(&mut self) -> Result<(), SyntaxError> {
        self.open(b'[', "an array")
    }

    /// Whether another item follows, which is then to be read.
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
    /// When neither an item nor the end comes next.
    #[inline]
    pub fn next_item(&mut self) -> Result<bool, SyntaxError> {
        self.step(b']', "`,` or `]`")
    }

    fn open(&mut self, bracket: u8, expected: &'static str) -> Result<(), SyntaxError> {
        if self.next_byte() != Some(bracket) {
            return self.fail(expected);
        }
        if self.left == 0 {
            return self.fail(TOO_DEEP);
        }
        self.left -= 1;
        self.at += 1;
        self.fresh = true;
        Ok(())
    }

    /// Passes the comma in front of the next member, or the closing bracket.
    #[inline]
    fn step(&mut self, close: u8, expected: &'static str) -> Result<bool, SyntaxError> {
        let fresh = std::mem::replace(&mut self.fresh, false);
        match self.next_byte() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.left += 1;
                Ok(false)
            }
            Some(b',') if !fresh => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if fresh => Ok(true),
            _ => self.fail(expected),
        }
    }
}
