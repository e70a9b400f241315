//! Each expression of the recorded facts against what the server said of it: a value, a refusal when it is compiled, or
//! a failure when it is evaluated.

use std::cell::Cell;

use instant_core::{Object, Value};

use super::*;
use crate::failure::Failure;

const FACTS: &str = include_str!("tests.jsonl");

const DATA: &str = r#"{"id":"c0000000-0000-4000-8000-000000000001","label":"north bed","number":1,"public":true,
    "ownerId":"a0000000-0000-4000-8000-00000000000a","secret":"rhubarb","soil":{"ph":6.5,"kinds":["loam","clay"],
    "lab":{"name":"Erde","n":3}},"plantedOn":"2024-03-01T08:00:00Z","sign":"N-1","score":7,
    "gardener":"b0000000-0000-4000-8000-000000000001"}"#;
const SCORES: [&str; 6] = ["2.0", "1000.0", "0.1", "9007199254740993", "9223372036854775808", "-0.0"];
const AUTH: &str = r#"{"id":"a0000000-0000-4000-8000-00000000000a","email":"ana@garden.example","nickname":"Ana",
    "role":"keeper","type":"user","isGuest":false,"created_at":"2026-08-21 10:00:00.000000+00"}"#;
const PARAMS: &str = r#"{"n":1,"f":1.5,"s":"a","b":true,"z":null,"l":[1,"a"],"m":{"k":{"d":2}}}"#;
const LINKS: [(&str, &str); 9] = [
    ("tags.name", r#"["sunny","dry"]"#),
    ("gardener.name", r#"["Ana"]"#),
    ("harvests.crop", r#"["beans","kale"]"#),
    ("harvests.kilos", "[4,2.5]"),
    ("harvests.plot.gardener.name", r#"["Ana","Ana"]"#),
    ("gardener.plots.number", "[1,2]"),
    ("gardener.user.id", r#"["a0000000-0000-4000-8000-00000000000a"]"#),
    ("$user.gardener.name", r#"["Ana"]"#),
    ("$user.gardener.plots.label", r#"["north bed","south bed"]"#),
];

pub(super) struct Garden {
    data: Object,
    auth: Object,
    params: Object,
    time: Cell<i128>,
}

fn object(json: &str) -> Object {
    match Value::parse(json) {
        Ok(Value::Object(object)) => object,
        other => panic!("{json} is no object: {other:?}"),
    }
}

impl Garden {
    fn of(&self, subject: Subject) -> Result<&Object, EvalError> {
        match subject {
            Subject::Data => Ok(&self.data),
            Subject::Auth => Ok(&self.auth),
            Subject::RuleParams => Ok(&self.params),
            _ => Err(EvalError::internal("not there")),
        }
    }
}

impl Env for Garden {
    fn field(&self, subject: Subject, name: &str) -> Result<Val, EvalError> {
        Ok(self.of(subject)?.get(name).cloned().map(Val::from_json).unwrap_or_default())
    }

    fn whole(&self, subject: Subject) -> Result<Val, EvalError> {
        Ok(Val::from_json(self.of(subject)?.clone().into()))
    }

    fn reference(&self, subject: Subject, path: &str) -> Result<Arc<[Val]>, EvalError> {
        if subject == Subject::Auth && self.auth.is_empty() {
            return Ok(Arc::default());
        }
        let Some((_, values)) =
            LINKS.iter().find(|(own, _)| *own == path && own.starts_with('$') == (subject == Subject::Auth))
        else {
            return Err(EvalError::Refused(Box::new(Failure::refused("record-not-found", path))));
        };
        let Ok(Value::Array(values)) = Value::parse(values) else { return Ok(Arc::default()) };
        Ok(values.into_iter().map(Val::from_json).collect())
    }

    fn request(&self, field: &str) -> Val {
        match field {
            "time" => {
                self.time.set(self.time.get() + 1000);
                Val::Timestamp(self.time.get())
            }
            "modifiedFields" => Val::List([].into()),
            _ => Val::text(""),
        }
    }

    fn take(&self, _: &str, _: &Val, _: i64) -> Result<(), EvalError> {
        Ok(())
    }
}

pub(super) fn compile(rule: &str) -> Result<Program, Vec<CompileError>> {
    let scope = Scope { subjects: &[Subject::Data], buckets: Some(&[]) };
    Parsed::new(rule).map_err(|error| vec![error])?.compile(&scope)
}

pub(super) fn garden() -> Garden {
    Garden {
        data: object(DATA),
        auth: object(AUTH),
        params: object("{}"),
        time: Cell::new(1_787_500_000_000_000_000),
    }
}

/// What became of a rule, in the words of the file.
fn outcome(rule: &str, garden: &Garden) -> (&'static str, Value) {
    let Ok(program) = compile(rule) else { return ("refused", true.into()) };
    match program.eval(garden) {
        Ok(value) => match value.to_json() {
            Some(json) => ("value", json),
            None => ("value", "beyond JSON".into()),
        },
        Err(EvalError::Rule(fault)) => ("fails", fault.kind.into()),
        Err(EvalError::Refused(failure) | EvalError::Fatal(failure)) => {
            ("fails", failure.error.kind.as_deref().unwrap_or_default().into())
        }
    }
}

#[test]
fn expressions_mean_what_the_server_means() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for line in FACTS.lines() {
        let fact = object(line);
        let rule = fact.get("rule").and_then(Value::as_str).unwrap();
        let mut garden = garden();
        if let Some(plot) = fact.get("plot").and_then(Value::as_i64) {
            garden.data.insert("score", Value::parse(SCORES[plot as usize - 11]).unwrap());
        }
        if fact.get("guest").is_some() {
            garden.auth = Object::new();
        }
        if fact.get("params").is_some() {
            garden.params = object(PARAMS);
        }
        let (kind, found) = outcome(rule, &garden);
        let want =
            ["value", "refused", "fails", "fault"].into_iter().find(|key| fact.get(key).is_some()).unwrap();
        // A fault of the server is to be a refusal.
        let equal =
            want == "fault" && kind != "value" || kind == want && same(fact.get(want).unwrap(), &found);
        checked += 1;
        if !equal {
            let reason = compile(rule).err().map(|errors| errors[0].message.clone()).unwrap_or_default();
            wrong.push(format!("{line}\n    {kind} {found} {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {checked} expressions:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 700);
}

/// A double shows its fraction, which numbers that are equal need not do; the order of keys says nothing.
fn same(want: &Value, found: &Value) -> bool {
    match want {
        Value::String(text) if text == "<time>" => found.as_str().is_some(),
        Value::Object(_) => want == found,
        want => want.to_string() == found.to_string(),
    }
}
