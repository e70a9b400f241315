//! A pull reader over JSON text: the caller says what it expects next, and no tree is built in between.
//!
//! It is not generic, so that code derived for a user's structs compiles once and fast.

use std::{borrow::Cow, fmt};

use super::{Number, Object, Value};

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// Where and why a text is not the JSON that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    offset: usize,
    expected: &'static str,
}

impl SyntaxError {
    /// The byte at which the text stopped fitting.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether the text may be JSON, but nests deeper than is read.
    pub fn is_too_deep(&self) -> bool {
        self.expected == TOO_DEEP
    }
}

const TOO_DEEP: &str = "no deeper nesting";

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for SyntaxError {}

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
    left: u32,
    /// Just behind an opening bracket: the next member needs no comma.
    fresh: bool,
}

impl<'a> Reader<'a> {
    /// How many levels arrays and objects may nest, as on Instant's server. Values are read and dropped level by level on the stack, so
    /// more cannot be allowed.
    pub const MAX_NESTING: u32 = 1000;

    /// Begins at the first byte of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, left: Self::MAX_NESTING, fresh: false }
    }

    /// The same reader, for arrays and objects that nest `levels` deep at most, instead of [`MAX_NESTING`](Self::MAX_NESTING), which is
    /// also the most that can be asked for.
    ///
    /// ```
    /// use instant_core::json::Reader;
    ///
    /// assert!(Reader::new("[[7]]").nesting(2).value().is_ok());
    /// assert!(Reader::new("[[7]]").nesting(1).value().is_err_and(|error| error.is_too_deep()));
    /// ```
    #[must_use]
    pub fn nesting(self, levels: u32) -> Self {
        Self { left: levels.min(Self::MAX_NESTING), ..self }
    }

    /// The byte that is read next.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// What kind of value comes next; nothing is consumed but white space.
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
    /// # Errors
    ///
    /// When something else comes next.
    pub fn number(&mut self) -> Result<Number, SyntaxError> {
        let (token, whole) = self.number_token()?;
        Ok(Number::from_token(token, whole))
    }

    /// Reads a string; borrowed unless it has escapes.
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

    /// Enters an object; then [`next_key`](Self::next_key) until it answers `None`.
    ///
    /// # Errors
    ///
    /// When something else comes next, or the nesting is too deep.
    pub fn begin_object(&mut self) -> Result<(), SyntaxError> {
        self.open(b'{', "an object")
    }

    /// The key of the next member, or `None` behind the last one.
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
    /// # Errors
    ///
    /// When something else comes next, or the nesting is too deep.
    pub fn begin_array(&mut self) -> Result<(), SyntaxError> {
        self.open(b'[', "an array")
    }

    /// Whether another item follows, which is then to be read.
    ///
    /// # Errors
    ///
    /// When neither an item nor the end comes next.
    #[inline]
    pub fn next_item(&mut self) -> Result<bool, SyntaxError> {
        self.step(b']', "`,` or `]`")
    }

    /// Passes over one value and returns its text.
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
    /// # Errors
    ///
    /// When no value begins here, or it nests deeper than 1,000 levels or than [`nesting`](Self::nesting) allows.
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
