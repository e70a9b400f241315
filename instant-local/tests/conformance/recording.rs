//! The format of a recording: one line of settings for the whole file, then one line per case.

use instant_core::{
    Value,
    json::{Reader, SyntaxError},
};

/// The cases of one file, with their common settings.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The app that the cases run on.
    pub(crate) app: Value,
    /// Set if each case needs a new app.
    pub(crate) isolate: bool,
    /// The steps that prepare every app.
    pub(crate) setup: Vec<Step>,
    /// The cases.
    pub(crate) cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub(crate) struct Case {
    /// The behaviour that the case shows.
    pub(crate) name: String,
    /// Changes to the recording's app.
    pub(crate) app: Value,
    /// Overrides [`Recording::isolate`].
    pub(crate) isolate: Option<bool>,
    /// The steps that run after the recording's setup.
    pub(crate) setup: Vec<Step>,
    /// The requests, each with its recorded response.
    pub(crate) steps: Vec<Step>,
}

/// One request, or an action on an open stream.
#[derive(Debug)]
pub(crate) struct Step {
    /// The members of the step.
    pub(crate) members: Value,
    /// The recorded body as text, which keeps the spelling of its numbers.
    pub(crate) json: Option<String>,
}

impl Recording {
    /// Parses the text of a recording.
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let parsed = parse(head);
        Self {
            app: parsed.get("app").cloned().unwrap_or_default(),
            isolate: parsed.get("isolate").is_some_and(Value::is_truthy),
            setup: steps(head, "setup"),
            cases: lines.map(Case::parse).collect(),
        }
    }
}

impl Case {
    fn parse(line: &str) -> Self {
        let parsed = parse(line);
        Self {
            name: parsed.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
            app: parsed.get("app").cloned().unwrap_or_default(),
            isolate: parsed.get("isolate").and_then(Value::as_bool),
            setup: steps(line, "setup"),
            steps: steps(line, "steps"),
        }
    }
}

impl Step {
    /// Returns a member that is a string.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.members.get(key)?.as_str()
    }
}

fn parse(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn steps(line: &str, key: &str) -> Vec<Step> {
    let Some(array) = member(line, key) else { return Vec::new() };
    let mut reader = Reader::new(array);
    let mut steps = Vec::new();
    let mut read = |reader: &mut Reader<'_>| -> Result<(), SyntaxError> {
        reader.begin_array()?;
        while reader.next_item()? {
            let text = reader.skip()?;
            steps.push(Step { members: parse(text), json: member(text, "json").map(str::to_owned) });
        }
        Ok(())
    };
    read(&mut reader).unwrap_or_else(|error| panic!("{error}: {line}"));
    steps
}

/// Returns the text of one member of an object.
fn member<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    let mut reader = Reader::new(object);
    reader.begin_object().ok()?;
    while let Some(name) = reader.next_key().ok()? {
        let text = reader.skip().ok()?;
        if name == key {
            return Some(text);
        }
    }
    None
}
