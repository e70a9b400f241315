//! The format of a file of cases: a line about all of them, then one line per case.

use instant_core::{
    Value,
    json::{Reader, SyntaxError},
};

/// The cases of one file, and what holds for all of them.
#[derive(Debug)]
pub struct File {
    /// The app that they run on.
    pub app: Value,
    /// Whether each case gets an app of its own.
    pub isolate: bool,
    /// What is done first on every app.
    pub setup: Vec<Step>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// What differs from the file's app.
    pub app: Value,
    /// Whether it gets an app of its own, if it says so.
    pub isolate: Option<bool>,
    /// What is done first, after the file's setup.
    pub setup: Vec<Step>,
    /// The requests, each with the recorded answer.
    pub steps: Vec<Step>,
}

/// One request, or another thing to do.
#[derive(Debug)]
pub struct Step {
    /// All its members.
    pub members: Value,
    /// The body as it was recorded, digit by digit.
    pub json: Option<String>,
}

impl File {
    /// Reads a file.
    pub fn parse(text: &str) -> Self {
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
    /// A member that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
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

/// The text of one member of an object.
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
