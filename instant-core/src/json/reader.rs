//! A pull reader over JSON text: the caller says what it expects next, and no tree is built in between.
//!
//! It is not generic, so that code derived for a user's structs compiles once and fast.

use std::borrow::Cow;

use super::{Kind, Number, Object, SyntaxError, Value};

/// Reads JSON piece by piece.
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
    /// How many more brackets may open.
    pub(super) left: u32,
    /// Just behind an opening bracket: the next member needs no comma.
    pub(super) fresh: bool,
}

impl<'a> Reader<'a> {
    /// How many levels arrays and objects may nest, as on Instant's server. Values are read and dropped level by level on the stack, so
    /// more cannot be allowed.
    pub const MAX_NESTING: u32 = 1000;

    /// Begins at the first byte of `text`.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("7");
    /// assert!(reader.value().is_ok());
    /// ```
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, left: Self::MAX_NESTING, fresh: false }
    }

    /// The same reader, for arrays and objects that nest `levels` deep at most, instead of [`MAX_NESTING`](Self::MAX_NESTING), which is
    /// also the most that can be asked for.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// assert!(Reader::new("[[7]]").max_nesting(2).value().is_ok());
    /// assert!(Reader::new("[[7]]").max_nesting(1).value().is_err_and(|error| error.is_too_deep()));
    /// ```
    #[must_use]
    pub fn max_nesting(self, levels: u32) -> Self {
        Self { left: levels.min(Self::MAX_NESTING), ..self }
    }

    /// The byte that is read next.
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

    /// What kind of value comes next; nothing is consumed but white space.
    ///
    /// ```
    /// use instant_core::json::{Kind, Reader};
    ///
    /// assert_eq!(Reader::new("true").peek(), Ok(Kind::Bool));
    /// ```
    ///
    /// # Errors
    ///
    /// When no value begins here.
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

    /// Reads `null` if it comes next, and says whether it did.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("null");
    /// assert_eq!(reader.null(), Ok(true));
    /// ```
    ///
    /// # Errors
    ///
    /// When no value begins here.
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
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new("true");
    /// assert_eq!(reader.bool(), Ok(true));
    /// ```
    ///
    /// # Errors
    ///
    /// When something else comes next.
    pub fn bool(&mut self) -> Result<bool, SyntaxError> {
        match self.next_byte() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => self.fail("a boolean"),
        }
    }

    /// Reads a number.
    ///
    /// ```
    /// use instant_core::{Number, json::Reader};
    ///
    /// assert_eq!(Reader::new("7").number(), Ok(Number::Int(7)));
    /// ```
    ///
    /// # Errors
    ///
    /// When something else comes next.
    pub fn number(&mut self) -> Result<Number, SyntaxError> {
        let (token, whole) = self.number_token()?;
        Ok(Number::from_token(token, whole))
    }

    /// Reads a string; borrowed unless it has escapes.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// let mut reader = Reader::new(r#""fit""#);
    /// assert_eq!(reader.string().unwrap(), "fit");
    /// ```
    ///
    /// # Errors
    ///
    /// When something else comes next, or the string is not closed.
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

    /// Passes over one value and returns its text.
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
    /// When no value begins here.
    pub fn skip(&mut self) -> Result<&'a str, SyntaxError> {
        self.next_byte();
        let start = self.at;
        self.skip_value()?;
        Ok(&self.text[start..self.at])
    }

    /// Reads one value as a tree. Of a repeated key the last value counts; a lone surrogate becomes `?`.
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
    /// When no value begins here, or it nests deeper than 1,000 levels or than [`max_nesting`](Self::max_nesting) allows.
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

    /// Makes sure that nothing but white space follows.
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
    /// When something does.
    pub fn end(&mut self) -> Result<(), SyntaxError> {
        match self.next_byte() {
            None => Ok(()),
            Some(_) => self.fail("nothing more"),
        }
    }

    /// The next byte that is not white space; stays in front of it.
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
