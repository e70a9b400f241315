//! Every recorded expression against the result of a real server: a value, an error of the
//! compiler, or an error of the evaluation.

use instant_cel::{Budget, EvalError};
use instant_core::{Object, Value};

use super::host::{Garden, PARAMS, compile, garden, object};

const FACTS: &str = include_str!("recorded.jsonl");
/// The scores of the rows 11 and up.
const SCORES: [&str; 6] = ["2.0", "1000.0", "0.1", "9007199254740993", "9223372036854775808", "-0.0"];

/// Returns the result of a rule, as the file words it.
fn outcome(rule: &str, garden: &Garden) -> (&'static str, Value) {
    let Ok(program) = compile(rule) else { return ("refused", true.into()) };
    match program.evaluate(garden, &Budget::default()) {
        Ok(value) => match value.to_json() {
            Some(json) => ("value", json),
            None => ("value", "beyond JSON".into()),
        },
        Err(EvalError::Rule(error)) => ("fails", error.code.into()),
        Err(EvalError::Host(kind) | EvalError::Abort(kind)) => ("fails", kind.into()),
    }
}

#[test]
fn expressions_evaluate_as_on_a_real_server() {
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
        // An internal error of the server is an error here; its code may differ.
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

/// Compares the text of values, so that a double differs from the equal integer; the order of keys
/// does not matter.
fn same(want: &Value, found: &Value) -> bool {
    match want {
        Value::String(text) if text == "<time>" => found.as_str().is_some(),
        Value::Object(_) => want == found,
        want => want.to_string() == found.to_string(),
    }
}
