//! From the wire's JSON to the tree, with the refusals that the server gives, in the order in which it finds them
//! (`instaql.md` 4, 14.2 and 14.5).
//!
//! Places are lists on the stack while all goes well; only a refusal makes a [`PathSegment`] of them.

mod conditions;
mod options;

use self::{conditions::conditions, options::options};
use super::{Form, NamedForm, Query, Where};
use crate::{Issue, PathSegment, ValidationError, Value};

impl Query {
    /// Reads the JSON that the wire carries under `query`.
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
    /// [`ValidationError`] of type `query` for a form or an option of the wrong shape, of type `coerced-query` for an operand
    /// of the wrong shape; each names its place.
    pub fn parse(json: &Value) -> Result<Self, ValidationError> {
        let Some(members) = json.as_object() else {
            return Err(ValidationError::new("query", Issue::expected("map?").at([])));
        };
        let mut query = Self::default();
        let mut operands = Operands::default();
        for (index, (key, value)) in members.iter().filter(|(key, _)| *key != "$$ruleParams").enumerate() {
            let at = Spot { written: &Trail::key(key), counted: &Trail::index(index), nested: false };
            query
                .forms
                .push(NamedForm { name: bare(key).to_owned(), form: form(value, &at, &mut operands)? });
        }
        query.rule_params = members.get("$$ruleParams").and_then(Value::as_object).cloned();
        operands.finish()?;
        Ok(query)
    }
}

impl Where {
    /// Reads the JSON that the wire carries under `where`.
    ///
    /// # Errors
    ///
    /// As for [`Query::parse`].
    pub fn parse(json: &Value) -> Result<Self, ValidationError> {
        let mut operands = Operands::default();
        let filter = conditions(json, &Trail::key("where"), &Trail::key("where-conds"), &mut operands)?;
        operands.finish()?;
        Ok(filter)
    }
}

/// One step of the way to a place, and the steps before it.
#[derive(Clone, Copy)]
struct Trail<'a> {
    step: Step<'a>,
    before: Option<&'a Trail<'a>>,
    length: usize,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    fn key(key: &'a str) -> Self {
        Self { step: Step::Key(key), before: None, length: 1 }
    }

    fn index(index: usize) -> Self {
        Self { step: Step::Index(index), before: None, length: 1 }
    }

    fn then(&'a self, key: &'a str) -> Self {
        Self { step: Step::Key(key), before: Some(self), length: self.length + 1 }
    }

    fn at(&'a self, index: usize) -> Self {
        Self { step: Step::Index(index), before: Some(self), length: self.length + 1 }
    }

    fn place(&self) -> Vec<PathSegment> {
        let mut place = Vec::with_capacity(self.length);
        let mut next = Some(self);
        while let Some(trail) = next {
            place.push(match trail.step {
                Step::Key(key) => key.into(),
                Step::Index(index) => index.into(),
            });
            next = trail.before;
        }
        place.reverse();
        place
    }
}

/// Where a form stands: as the client wrote it, and as the server's second stage counts it.
#[derive(Clone, Copy)]
struct Spot<'a> {
    written: &'a Trail<'a>,
    counted: &'a Trail<'a>,
    nested: bool,
}

impl Spot<'_> {
    /// The place of an option.
    fn option(&self, name: &str) -> Vec<PathSegment> {
        self.written.then("$").then(name).place()
    }

    /// The place of all options.
    fn options(&self) -> Vec<PathSegment> {
        self.written.then("$").place()
    }
}

/// The malformed operands of the whole query. One of them is reported, after everything else has passed: the one with
/// the longest path, of equal ones the last.
#[derive(Default)]
struct Operands(Option<Issue>);

impl Operands {
    fn refuse(&mut self, check: impl Into<Value>, at: &Trail<'_>) {
        let depth = |issue: &Issue| issue.path.as_ref().map_or(0, Vec::len);
        if self.0.as_ref().is_none_or(|known| at.length >= depth(known)) {
            self.0 = Some(Issue::expected(check).at(at.place()));
        }
    }

    fn finish(self) -> Result<(), ValidationError> {
        self.0.map_or(Ok(()), |issue| Err(ValidationError::new("coerced-query", issue)))
    }
}

fn refuse<T>(issue: Issue) -> Result<T, ValidationError> {
    Err(ValidationError::new("query", issue))
}

/// The server drops what stands in front of the first slash of a name.
fn bare(name: &str) -> &str {
    name.split_once('/').map_or(name, |(_, rest)| rest)
}

fn form(json: &Value, at: &Spot<'_>, operands: &mut Operands) -> Result<Form, ValidationError> {
    let Some(members) = json.as_object() else {
        return refuse(Issue::expected("map?").at(at.written.place()));
    };
    let mut form = Form::default();
    match members.get("$") {
        None => {}
        Some(Value::Object(members)) => form.options = options(members, at, operands)?,
        Some(Value::Null) => operands.refuse("map?", &at.counted.then("option-map")),
        Some(_) => return refuse(Issue::expected("map?").at(at.options())),
    }
    let children = at.counted.then("child-forms");
    for (index, (label, value)) in members.iter().filter(|(label, _)| *label != "$").enumerate() {
        if form.options.aggregate.is_some() {
            let message = "You can not combine aggregates with child queries at this time.";
            return refuse(Issue::expected("valid-query?").at(at.option("aggregate")).with_message(message));
        }
        let nested = Spot { written: &at.written.then(label), counted: &children.at(index), nested: true };
        form.links
            .push(NamedForm { name: bare(label).to_owned(), form: self::form(value, &nested, operands)? });
    }
    Ok(form)
}
