//! Parses the wire's JSON of a query.
//!
//! Errors are those of Instant's server, found in the same order (`docs/protocol/instaql.md`,
//! "14.2 Option errors" and "14.5 Malformed operand shapes"). The server parses in two stages: the
//! first checks forms and options, and names paths as the client wrote them; the second checks
//! errors, and names paths in its own coerced form of the query.

mod conditions;
mod options;

use self::{conditions::conditions, options::options};
use super::{Form, NamedForm, Query, Where};
use crate::{Issue, PathSegment, ValidationError, Value};

impl Query {
    /// Parses the JSON that the wire carries under `query`.
    ///
    /// ```
    /// use instant_core::{Value, query::Query};
    ///
    /// let json = Value::parse(r#"{"goals":{"$":{"where":{"done":false}},"todos":{}}}"#).unwrap();
    /// let query = Query::parse(&json).unwrap();
    /// assert_eq!(query.forms[0].name, "goals");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ValidationError`] of type `query` for a malformed form or option, and of type
    /// `coerced-query` for a malformed operand, each with its path.
    pub fn parse(json: &Value) -> Result<Self, ValidationError> {
        let Some(members) = json.as_object() else {
            return Err(ValidationError::new("query", Issue::expected("map?").at([])));
        };
        let mut query = Self::default();
        let mut errors = OperandError::default();
        for (index, (key, value)) in members.iter().filter(|(key, _)| *key != "$$ruleParams").enumerate() {
            let at = FormPath { written: &Trail::key(key), coerced: &Trail::index(index), nested: false };
            query
                .forms
                .push(NamedForm { name: unqualified(key).to_owned(), form: form(value, &at, &mut errors)? });
        }
        query.rule_params = members.get("$$ruleParams").cloned();
        errors.into_result()?;
        Ok(query)
    }
}

impl Where {
    /// Parses the JSON that the wire carries under `where`.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`Query::parse`].
    pub fn parse(json: &Value) -> Result<Self, ValidationError> {
        let mut errors = OperandError::default();
        let filter = conditions(json, &Trail::key("where"), &Trail::key("where-conds"), &mut errors)?;
        errors.into_result()?;
        Ok(filter)
    }
}

/// A path as a linked list on the stack, from its last segment to its first. Only an error
/// allocates.
#[derive(Clone, Copy)]
struct Trail<'a> {
    segment: TrailSegment<'a>,
    parent: Option<&'a Trail<'a>>,
    length: usize,
}

#[derive(Clone, Copy)]
enum TrailSegment<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    fn key(key: &'a str) -> Self {
        Self { segment: TrailSegment::Key(key), parent: None, length: 1 }
    }

    fn index(index: usize) -> Self {
        Self { segment: TrailSegment::Index(index), parent: None, length: 1 }
    }

    fn then(&'a self, key: &'a str) -> Self {
        Self { segment: TrailSegment::Key(key), parent: Some(self), length: self.length + 1 }
    }

    fn at(&'a self, index: usize) -> Self {
        Self { segment: TrailSegment::Index(index), parent: Some(self), length: self.length + 1 }
    }

    fn to_path(self) -> Vec<PathSegment> {
        let mut path = Vec::with_capacity(self.length);
        let mut next = Some(&self);
        while let Some(trail) = next {
            path.push(match trail.segment {
                TrailSegment::Key(key) => key.into(),
                TrailSegment::Index(index) => index.into(),
            });
            next = trail.parent;
        }
        path.reverse();
        path
    }
}

/// The path of a form: as the client wrote it, and in the server's coerced form.
#[derive(Clone, Copy)]
struct FormPath<'a> {
    written: &'a Trail<'a>,
    coerced: &'a Trail<'a>,
    nested: bool,
}

impl FormPath<'_> {
    /// Returns the path of an option.
    fn option(&self, name: &str) -> Vec<PathSegment> {
        self.written.then("$").then(name).to_path()
    }

    /// Returns the path of all options.
    fn options(&self) -> Vec<PathSegment> {
        self.written.then("$").to_path()
    }
}

/// The error of the second stage, if any.
///
/// The server reports one malformed operand, and only if the first stage finds no error: the one
/// with the longest path, or the last of several with the same length.
#[derive(Default)]
struct OperandError(Option<Issue>);

impl OperandError {
    fn report(&mut self, check: impl Into<Value>, at: &Trail<'_>) {
        let depth = |issue: &Issue| issue.path.as_ref().map_or(0, Vec::len);
        if self.0.as_ref().is_none_or(|known| at.length >= depth(known)) {
            self.0 = Some(Issue::expected(check).at(at.to_path()));
        }
    }

    fn into_result(self) -> Result<(), ValidationError> {
        self.0.map_or(Ok(()), |issue| Err(ValidationError::new("coerced-query", issue)))
    }
}

fn invalid<T>(issue: Issue) -> Result<T, ValidationError> {
    Err(ValidationError::new("query", issue))
}

/// Returns `name` without what precedes its first slash, which the server ignores.
fn unqualified(name: &str) -> &str {
    name.split_once('/').map_or(name, |(_, rest)| rest)
}

fn form(json: &Value, at: &FormPath<'_>, errors: &mut OperandError) -> Result<Form, ValidationError> {
    let Some(members) = json.as_object() else {
        return invalid(Issue::expected("map?").at(at.written.to_path()));
    };
    let mut form = Form::default();
    match members.get("$") {
        None => {}
        Some(Value::Object(members)) => form.options = options(members, at, errors)?,
        Some(Value::Null) => errors.report("map?", &at.coerced.then("option-map")),
        Some(_) => return invalid(Issue::expected("map?").at(at.options())),
    }
    let children = at.coerced.then("child-forms");
    for (index, (label, value)) in members.iter().filter(|(label, _)| *label != "$").enumerate() {
        if form.options.aggregate.is_some() {
            let message = "You can not combine aggregates with child queries at this time.";
            return invalid(Issue::expected("valid-query?").at(at.option("aggregate")).with_message(message));
        }
        let nested =
            FormPath { written: &at.written.then(label), coerced: &children.at(index), nested: true };
        form.links.push(NamedForm {
            name: unqualified(label).to_owned(),
            form: self::form(value, &nested, errors)?,
        });
    }
    Ok(form)
}
