//! The wire's errors: a body as the server sends it ([`WireError`]), and the refusal of a query, a step or a schema
//! with its place ([`ValidationError`]).

use std::fmt;

use crate::{Object, Value};

/// The body of an error answer (`http-api.md` 3.1). Every part may be missing: proxies answer, too.
///
/// ```
/// use instant_core::{Value, WireError};
///
/// let body = Value::parse(r#"{"type": "record-not-found", "message": "Record not found: app", "hint": {"record-type": "app"}}"#)?;
/// let error = WireError::parse(&body).ok_or("no error")?;
/// assert_eq!(error.kind.as_deref(), Some("record-not-found"));
/// assert_eq!(error.to_string(), "Record not found: app (record-not-found)");
/// assert_eq!(error.to_json(), body);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct WireError {
    /// `type`: what went wrong, as a word such as `validation-failed`.
    pub kind: Option<String>,
    /// `message`: a sentence for people.
    pub message: String,
    /// `hint`: details, of a shape that depends on the type.
    pub hint: Option<Object>,
    /// `trace-id`: what to give to whoever runs the server.
    pub trace_id: Option<String>,
}

impl WireError {
    /// An error of type `kind`.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), message: message.into(), ..Self::default() }
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: Object) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Reads a body, leniently: what is no JSON object with a message answers `None`.
    pub fn parse(body: &Value) -> Option<Self> {
        let body = body.as_object()?;
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let kind = text("type");
        let message = text("message").or_else(|| text("error")).or_else(|| kind.clone())?;
        let hint = body.get("hint").and_then(Value::as_object).cloned();
        Some(Self { kind, message, hint, trace_id: text("trace-id").or_else(|| text("traceId")) })
    }

    /// The body that the wire carries.
    pub fn to_json(&self) -> Value {
        let mut out = Object::new();
        if let Some(kind) = &self.kind {
            out.insert("type", kind);
        }
        out.insert("message", &self.message);
        out.insert("hint", self.hint.clone().map_or(Value::Null, Value::Object));
        if let Some(trace_id) = &self.trace_id {
            out.insert("trace-id", trace_id);
        }
        out.into()
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Some(kind) => write!(f, "{} ({kind})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for WireError {}

/// A refused input: what kind of thing it was (`query`, `steps`, ..) and what is wrong at which places.
///
/// It is the wire's `validation-failed` (`http-api.md` 3.4), so the backend answers with it as it is.
///
/// ```
/// use instant_core::{ValidationError, Issue};
///
/// let issue = Issue::expected("string?").with_message("expected a title").at(["goals".into(), "title".into()]);
/// let invalid = ValidationError::new("query", issue);
/// assert_eq!(invalid.to_string(), "invalid query: expected a title at goals.title");
/// let error = invalid.to_wire_error(7.into());
/// assert_eq!(error.message, "Validation failed for query: expected a title");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ValidationError {
    /// The wire's `data-type`.
    pub data_type: &'static str,
    /// At least one thing that is wrong.
    pub issues: Vec<Issue>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Issue {
    /// What the server's check is called, such as `map?`; a word or a list of words.
    pub expected: Option<Value>,
    /// Whether the wire spells that key `expected?`.
    pub question_mark: bool,
    /// Where.
    pub path: Option<Vec<PathSegment>>,
    /// A sentence for people.
    pub message: Option<String>,
    /// More about it.
    pub hint: Option<Object>,
}

/// One step of the way to a place in a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// A member of an object.
    Key(String),
    /// An item of an array.
    Index(usize),
}

impl ValidationError {
    /// A refusal for one reason.
    pub fn new(data_type: &'static str, issue: Issue) -> Self {
        Self { data_type, issues: vec![issue] }
    }

    /// The sentence that the wire's `message` has: the issues' messages behind the kind of input.
    pub fn message(&self) -> String {
        let messages: Vec<_> = self.issues.iter().filter_map(|issue| issue.message.as_deref()).collect();
        match messages.as_slice() {
            [] => format!("Validation failed for {}", self.data_type),
            messages => format!("Validation failed for {}: {}", self.data_type, messages.join(", ")),
        }
    }

    /// The wire's error for this refusal of `input`.
    pub fn to_wire_error(&self, input: Value) -> WireError {
        let mut hint = Object::new();
        hint.insert("data-type", self.data_type);
        hint.insert("input", input);
        hint.insert("errors", Value::from_iter(self.issues.iter().map(Issue::to_json)));
        WireError::new("validation-failed", self.message()).with_hint(hint)
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {}", self.data_type)?;
        for (index, issue) in self.issues.iter().enumerate() {
            f.write_str(if index == 0 { ": " } else { "; " })?;
            issue.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValidationError {}

impl Issue {
    /// An issue with a message.
    pub fn message(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::default() }
    }

    /// An issue that names the failed check.
    pub fn expected(check: impl Into<Value>) -> Self {
        Self { expected: Some(check.into()), ..Self::default() }
    }

    /// Adds a message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, path: impl IntoIterator<Item = PathSegment>) -> Self {
        self.path = Some(path.into_iter().collect());
        self
    }

    /// An entry of the wire's `errors`.
    pub fn to_json(&self) -> Value {
        let mut out = Object::new();
        if let Some(expected) = &self.expected {
            out.insert(if self.question_mark { "expected?" } else { "expected" }, expected.clone());
        }
        if let Some(place) = &self.path {
            out.insert("in", Value::from_iter(place.iter().cloned()));
        }
        if let Some(message) = &self.message {
            out.insert("message", message);
        }
        if let Some(hint) = &self.hint {
            out.insert("hint", hint.clone());
        }
        out.into()
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, &self.expected) {
            (Some(message), _) => f.write_str(message)?,
            (None, Some(Value::String(check))) => write!(f, "expected {}", check.trim_end_matches('?'))?,
            (None, Some(check)) => write!(f, "expected {check}")?,
            (None, None) => f.write_str("not understood")?,
        }
        if let Some(place) = &self.path {
            f.write_str(" at ")?;
            write_path(f, place)?;
        }
        Ok(())
    }
}

fn write_path(f: &mut fmt::Formatter<'_>, path: &[PathSegment]) -> fmt::Result {
    for (index, step) in path.iter().enumerate() {
        match step {
            PathSegment::Key(key) if index == 0 => f.write_str(key)?,
            PathSegment::Key(key) => write!(f, ".{key}")?,
            PathSegment::Index(at) => write!(f, "[{at}]")?,
        }
    }
    Ok(())
}

impl From<&str> for PathSegment {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for PathSegment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl From<PathSegment> for Value {
    fn from(place: PathSegment) -> Self {
        match place {
            PathSegment::Key(key) => key.into(),
            PathSegment::Index(index) => (index as u64).into(),
        }
    }
}
