//! The error of decoding a response: the problem and its JSON path.

use std::fmt;

use instant_core::{
    Uuid,
    json::{Kind, Reader, SyntaxError},
};

/// A value in a response that does not fit its Rust type: `goals[3].dueAt: expected a date, found
/// "soon"`.
///
/// ```
/// use instant_client::{Queryable, User, prelude::*};
///
/// let body = r#"{"$users": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}]}"#;
/// let error = User::query().decode(body).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "$users[0].email: expected a string, found 7 ($users entity a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Detail>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Detail {
    /// Innermost segment first, because callers append while the error propagates.
    path: Vec<PathSegment>,
    origin: Option<Origin>,
    message: String,
}

/// The entity whose value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    namespace: &'static str,
    entity: Option<Uuid>,
    attribute: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PathSegment {
    Key(String),
    Index(usize),
}

/// The maximum length of a quoted value, in characters.
const SHOWN: usize = 60;

impl DecodeError {
    /// Creates an error for your own [`AttrValue`](crate::AttrValue) implementation. State what was
    /// expected and what was found.
    ///
    /// ```
    /// use instant_client::DecodeError;
    ///
    /// assert_eq!(DecodeError::new("expected a price, found -1").to_string(), "expected a price, found -1");
    /// ```
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Detail { path: Vec::new(), origin: None, message: message.into() }))
    }

    /// Creates an error for the next value of `reader`, which is not `expected`, such as `a date`.
    ///
    /// ```
    /// use instant_client::DecodeError;
    /// use instant_core::json::Reader;
    ///
    /// let error = DecodeError::expected("a price", &Reader::new("-1"));
    /// assert_eq!(error.message(), "expected a price, found -1");
    /// ```
    #[cold]
    pub fn expected(expected: &str, reader: &Reader<'_>) -> Self {
        match reader.clone().skip() {
            Ok(found) => Self::new(format!("expected {expected}, found {}", shorten(found))),
            Err(error) => error.into(),
        }
    }

    /// Returns the JSON path of the value, such as `goals[3].dueAt`. It is empty if the response as
    /// a whole is wrong.
    ///
    /// ```
    /// use instant_client::{Queryable, User, prelude::*};
    ///
    /// let body = r#"{"$users": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}]}"#;
    /// let error = User::query().decode(body).unwrap_err();
    /// assert_eq!(error.path(), "$users[0].email");
    /// ```
    pub fn path(&self) -> String {
        use fmt::Write;
        let mut out = String::new();
        for place in self.0.path.iter().rev() {
            match place {
                PathSegment::Key(key) if out.is_empty() => out.push_str(key),
                PathSegment::Key(key) => {
                    out.push('.');
                    out.push_str(key);
                }
                // Writing to a string cannot fail.
                PathSegment::Index(index) => write!(out, "[{index}]").unwrap_or_default(),
            }
        }
        out
    }

    /// Returns the problem without the path, such as `expected a date, found "soon"`.
    ///
    /// ```
    /// use instant_client::{Queryable, User, prelude::*};
    ///
    /// let body = r#"{"$users": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}]}"#;
    /// let error = User::query().decode(body).unwrap_err();
    /// assert_eq!(error.message(), "expected a string, found 7");
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the namespace of the entity whose value does not fit.
    ///
    /// ```
    /// use instant_client::{Queryable, User, prelude::*};
    ///
    /// let body = r#"{"$users": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}]}"#;
    /// let error = User::query().decode(body).unwrap_err();
    /// assert_eq!((error.namespace(), error.attribute()), (Some("$users"), Some("email")));
    /// ```
    pub fn namespace(&self) -> Option<&str> {
        self.0.origin.as_ref().map(|origin| origin.namespace).filter(|namespace| !namespace.is_empty())
    }

    /// Returns the id of the entity whose value does not fit. For a linked entity, it is the id of
    /// that entity and not of the row.
    ///
    /// ```
    /// use instant_client::{Queryable, User, prelude::*};
    ///
    /// let body = r#"{"$users": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}]}"#;
    /// let error = User::query().decode(body).unwrap_err();
    /// assert_eq!(error.entity(), Uuid::try_parse("a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10").ok());
    /// ```
    pub fn entity(&self) -> Option<Uuid> {
        self.0.origin.as_ref()?.entity
    }

    /// Returns the attribute or link whose value does not fit.
    ///
    /// ```
    /// use instant_client::{Queryable, User, prelude::*};
    ///
    /// let body = r#"{"$users": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": 7}]}"#;
    /// let error = User::query().decode(body).unwrap_err();
    /// assert_eq!(error.attribute(), Some("email"));
    /// ```
    pub fn attribute(&self) -> Option<&str> {
        self.0.origin.as_ref()?.attribute.as_deref()
    }

    /// Adds the entity at the start of `object`, unless the error already names one linked to it.
    #[cold]
    pub(crate) fn in_entity(mut self, object: Reader<'_>, namespace: &'static str) -> Self {
        if self.0.origin.is_none() {
            let attribute = match self.0.path.last() {
                Some(PathSegment::Key(key)) => Some(key.clone()),
                _ => None,
            };
            self.0.origin = Some(Origin { namespace, entity: id_of(object), attribute });
        }
        self
    }

    #[cold]
    pub(crate) fn at_key(mut self, key: &str) -> Self {
        self.0.path.push(PathSegment::Key(key.to_owned()));
        self
    }

    #[cold]
    pub(crate) fn at_index(mut self, index: usize) -> Self {
        self.0.path.push(PathSegment::Index(index));
        self
    }
}

/// Returns the `id` of an object.
fn id_of(mut object: Reader<'_>) -> Option<Uuid> {
    if object.peek().ok()? != Kind::Object {
        return None;
    }
    object.begin_object().ok()?;
    while let Some(key) = object.next_key().ok()? {
        if key == "id" {
            return Uuid::try_parse(&object.string().ok()?).ok();
        }
        object.skip().ok()?;
    }
    None
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl From<SyntaxError> for DecodeError {
    fn from(error: SyntaxError) -> Self {
        Self::new(format!("the response is not JSON: {error}"))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "{}: ", self.path())?;
        }
        f.write_str(&self.0.message)?;
        match (self.entity(), self.namespace()) {
            (Some(entity), Some(namespace)) => write!(f, " ({namespace} entity {entity})"),
            (Some(entity), None) => write!(f, " (entity {entity})"),
            (None, _) => Ok(()),
        }
    }
}

impl std::error::Error for DecodeError {}
