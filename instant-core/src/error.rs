//! Errors as the wire carries them: the body of an error response ([`WireError`]), and the reasons
//! why a query, a step or a schema is invalid ([`ValidationError`]).

use std::fmt;

use crate::{Object, Value};

/// The body of an error response.
///
/// Servers send `type`, `message`, `hint` and `trace-id`. Any of them may be missing, for example
/// when a proxy responds in place of the server (`docs/protocol/http-api.md`, "3.1 Body shapes").
///
/// ```
/// use instant_core::{Value, WireError};
///
/// let body = Value::parse(
///     r#"{"type": "record-not-found", "message": "Record not found: app", "hint": {"id": 7}}"#,
/// )?;
/// let error = WireError::parse(&body).ok_or("no error")?;
/// assert_eq!(error.kind.as_deref(), Some("record-not-found"));
/// assert_eq!(error.to_string(), "Record not found: app (record-not-found)");
/// assert_eq!(error.to_json(), body);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct WireError {
    /// `type`: the kind of error, such as `validation-failed`.
    pub kind: Option<String>,
    /// `message`: a sentence for people.
    pub message: String,
    /// `hint`: details, in a shape that depends on [`kind`](Self::kind).
    pub hint: Option<Object>,
    /// `trace-id`: identifies the request in the server's logs.
    pub trace_id: Option<String>,
}

impl WireError {
    /// Creates an error of type `kind` without a hint or a trace id.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), message: message.into(), ..Self::default() }
    }

    /// Sets the hint.
    #[must_use]
    pub fn with_hint(mut self, hint: Object) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Parses the body of an error response.
    ///
    /// Accepts the variants that servers and proxies send: `error` in place of `message`, and
    /// `traceId` in place of `trace-id`. Returns `None` for a body that is not an object or has
    /// neither a message nor a type.
    pub fn parse(body: &Value) -> Option<Self> {
        let body = body.as_object()?;
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        let kind = text("type");
        let message = text("message").or_else(|| text("error")).or_else(|| kind.clone())?;
        let hint = body.get("hint").and_then(Value::as_object).cloned();
        Some(Self { kind, message, hint, trace_id: text("trace-id").or_else(|| text("traceId")) })
    }

    /// Returns the body of the error response.
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

/// The reasons why an input is invalid, each with its path.
///
/// It carries the same facts as the wire's `validation-failed`
/// (`docs/protocol/http-api.md`, "3.4 Worked examples"), and [`to_wire_error`](Self::to_wire_error)
/// converts it to that form.
///
/// ```
/// use instant_core::{ValidationError, Issue};
///
/// let issue = Issue::expected("string?")
///     .with_message("expected a title")
///     .at(["goals".into(), "title".into()]);
/// let invalid = ValidationError::new("query", issue);
/// assert_eq!(invalid.to_string(), "invalid query: expected a title at goals.title");
/// let error = invalid.to_wire_error(7.into());
/// assert_eq!(error.message, "Validation failed for query: expected a title");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ValidationError {
    /// `data-type`: the kind of input, such as `query` or `steps`.
    pub data_type: &'static str,
    /// The issues; at least one.
    pub issues: Vec<Issue>,
}

/// One reason why an input is invalid.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Issue {
    /// `expected`: the server's name for the failed check, such as `map?`; a string or a list of
    /// strings.
    pub expected: Option<Value>,
    /// Spells the key of [`expected`](Self::expected) as `expected?`, as the server does for some
    /// checks.
    pub question_mark: bool,
    /// `in`: the path from the input's root to the invalid value.
    pub path: Option<Vec<PathSegment>>,
    /// `message`: a sentence for people.
    pub message: Option<String>,
    /// `hint`: details.
    pub hint: Option<Object>,
}

/// One segment of a path into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PathSegment {
    /// A member of an object.
    Key(String),
    /// An item of an array.
    Index(usize),
}

impl ValidationError {
    /// Creates an error with one issue.
    pub fn new(data_type: &'static str, issue: Issue) -> Self {
        Self { data_type, issues: vec![issue] }
    }

    /// Returns the wire's `message`: the kind of input, followed by the issues' messages.
    pub fn message(&self) -> String {
        let messages: Vec<_> = self.issues.iter().filter_map(|issue| issue.message.as_deref()).collect();
        match messages.as_slice() {
            [] => format!("Validation failed for {}", self.data_type),
            messages => format!("Validation failed for {}: {}", self.data_type, messages.join(", ")),
        }
    }

    /// Returns the wire error that rejects `input` for these issues.
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
    /// Creates an issue with a message.
    pub fn message(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..Self::default() }
    }

    /// Creates an issue that names the failed check.
    pub fn expected(check: impl Into<Value>) -> Self {
        Self { expected: Some(check.into()), ..Self::default() }
    }

    /// Sets the message.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Sets the path to the invalid value.
    #[must_use]
    pub fn at(mut self, path: impl IntoIterator<Item = PathSegment>) -> Self {
        self.path = Some(path.into_iter().collect());
        self
    }

    /// Returns the entry for the wire's `errors`.
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
            (None, None) => f.write_str("invalid value")?,
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
