//! A pull reader over JSON text.
//!
//! The reader is not generic, which keeps the code that the derive macros generate small.

use std::borrow::Cow;

use super::{Kind, Number, Object, SyntaxError, Value};

/// A pull reader over JSON text.
///
/// The caller asks for the kind of value it expects next and decodes it directly, without building
/// a [`Value`] first. Values that the caller does not need are skipped.
///
/// ```
/// use instant_core::json::Reader;
///
/// let mut reader = Reader::new(r#"{"id": 7, "tags": ["a", "b"]}"#);
/// let mut tags = Vec::new();
/// reader.begin_object().unwrap();
/// while let Some(key) = reader.next_key().unwrap() {
///     match key.as_ref() {
///         "tags" => {
///             reader.begin_array().unwrap();
///             while reader.next_item().unwrap() {
///                 tags.push(reader.string().unwrap().into_owned());
///             }
///         }
///         _ => drop(reader.skip().unwrap()),
///     }
/// }
/// assert_eq!(tags, ["a", "b"]);
/// ```
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The number of levels that may still open.
    pub(super) levels_left: u32,
    /// Set directly after an opening bracket, where the next member has no comma before it.
    pub(super) after_open: bool,
}

impl<'a> Reader<'a> {
    /// The maximum number of levels that arrays and objects may nest, as on Instant's server.
    ///
    /// Reading and dropping a value recurse once per level, so a higher limit could overflow the
    /// stack.
    pub const MAX_NESTING: u32 = 1000;

    /// Creates a reader at the start of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, levels_left: Self::MAX_NESTING, after_open: false }
    }

    /// Limits nesting to `levels`, at most [`MAX_NESTING`](Self::MAX_NESTING).
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// assert!(Reader::new("[[7]]").max_nesting(2).value().is_ok());
    /// let error = Reader::new("[[7]]").max_nesting(1).value().unwrap_err();
    /// assert!(error.is_too_deep());
    /// ```
    #[must_use]
    pub fn max_nesting(self, levels: u32) -> Self {
        Self { levels_left: levels.min(Self::MAX_NESTING), ..self }
    }

    /// Returns the offset of the next byte to read.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("[7]");
    /// reader.begin_array().unwrap();
    /// assert_eq!(reader.offset(), 1);
    /// ```
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Returns the kind of the next value, consuming nothing but white space.
    ///
    /// ```
    /// use instant_core::json::{Kind, Reader};
    ///
    /// assert_eq!(Reader::new("true").peek(), Ok(Kind::Bool));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no value comes next.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind, SyntaxError> {
        Ok(match self.next_byte() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => return self.fail("a value"),
        })
    }

    /// Reads `null` if it comes next. Returns whether it did; `false` consumes nothing.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("[null, 7]");
    /// reader.begin_array()?;
    /// assert!(reader.next_item()? && reader.null()?);
    /// assert!(reader.next_item()? && !reader.null()?);
    /// assert_eq!(reader.number()?.as_f64(), 7.0);
    /// # Ok::<_, instant_core::json::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error for a word that starts with `n` and is not `null`.
    #[inline]
    pub fn null(&mut self) -> Result<bool, SyntaxError> {
        if self.next_byte() != Some(b'n') {
            return Ok(false);
        }
        self.word("null")?;
        Ok(true)
    }

    /// Reads a boolean.
    ///
    /// # Errors
    ///
    /// Returns an error if another kind of value comes next.
    pub fn bool(&mut self) -> Result<bool, SyntaxError> {
        match self.next_byte() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => self.fail("a boolean"),
        }
    }

    /// Reads a number.
    ///
    /// # Errors
    ///
    /// Returns an error if another kind of value comes next.
    pub fn number(&mut self) -> Result<Number, SyntaxError> {
        let (token, whole) = self.number_token()?;
        Ok(Number::from_token(token, whole))
    }

    /// Reads a string. The result borrows from the input unless the string has escapes.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use instant_core::json::Reader;
    ///
    /// assert!(matches!(Reader::new(r#""fit""#).string(), Ok(Cow::Borrowed("fit"))));
    /// assert!(matches!(Reader::new(r#""f\u0069t""#).string(), Ok(Cow::Owned(_))));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if another kind of value comes next, or the string has no closing quote.
    #[inline]
    pub fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        if self.next_byte() != Some(b'"') {
            return self.fail("a string");
        }
        let start = self.at + 1;
        let end = self.plain_run(start);
        self.at = end;
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..end]));
        }
        self.escaped_string(start).map(Cow::Owned)
    }

    /// Skips one value and returns its text.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("[1, 2], 3");
    /// assert_eq!(reader.skip(), Ok("[1, 2]"));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no value comes next.
    pub fn skip(&mut self) -> Result<&'a str, SyntaxError> {
        self.next_byte();
        let start = self.at;
        self.skip_value()?;
        Ok(&self.text[start..self.at])
    }

    /// Reads one value as a tree.
    ///
    /// The last value of a repeated key replaces the earlier ones. A lone surrogate becomes `?`.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("[1, 2] and more");
    /// assert_eq!(reader.value().unwrap().to_string(), "[1,2]");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no value comes next, or if it nests deeper than
    /// [`max_nesting`](Self::max_nesting) allows.
    pub fn value(&mut self) -> Result<Value, SyntaxError> {
        Ok(match self.peek()? {
            Kind::Null => {
                self.word("null")?;
                Value::Null
            }
            Kind::Bool => Value::Bool(self.bool()?),
            Kind::Number => Value::Number(self.number()?),
            Kind::String => Value::String(self.string()?.into_owned()),
            Kind::Array => {
                let mut items = Vec::new();
                self.begin_array()?;
                while self.next_item()? {
                    items.push(self.value()?);
                }
                Value::Array(items)
            }
            Kind::Object => {
                let mut members = Vec::new();
                self.begin_object()?;
                while let Some(key) = self.next_key()? {
                    members.push((key.into_owned(), self.value()?));
                }
                Value::Object(Object::from_iter(members))
            }
        })
    }

    /// Checks that only white space follows.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("7 ");
    /// reader.value().unwrap();
    /// assert_eq!(reader.end(), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if anything else follows.
    pub fn end(&mut self) -> Result<(), SyntaxError> {
        match self.next_byte() {
            None => Ok(()),
            Some(_) => self.fail("nothing more"),
        }
    }

    /// Skips white space and returns the next byte without consuming it.
    #[inline]
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    #[cold]
    pub(super) fn fail<T>(&self, expected: &'static str) -> Result<T, SyntaxError> {
        Err(SyntaxError { offset: self.at, expected })
    }

    fn word(&mut self, word: &'static str) -> Result<(), SyntaxError> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return self.fail(word);
        }
        self.at += word.len();
        Ok(())
    }

    fn skip_value(&mut self) -> Result<(), SyntaxError> {
        match self.peek()? {
            Kind::Null => self.word("null"),
            Kind::Bool => self.bool().map(drop),
            Kind::Number => self.number_token().map(drop),
            Kind::String => self.string().map(drop),
            Kind::Array => {
                self.begin_array()?;
                while self.next_item()? {
                    self.skip_value()?;
                }
                Ok(())
            }
            Kind::Object => {
                self.begin_object()?;
                while self.next_key()?.is_some() {
                    self.skip_value()?;
                }
                Ok(())
            }
        }
    }
}
