//! Compares a response with the recorded one, whose placeholders match what differs between runs.

use std::collections::HashMap;

use instant_core::{Object, Value};

/// The ids that placeholders such as `<uuid:1>` have matched in this case.
pub(crate) type Bindings = HashMap<String, String>;

/// Lists the differences between the recorded value and the actual one, one line each.
pub(crate) fn differences(want: &Value, got: &Value, bindings: &mut Bindings, path: &str) -> Vec<String> {
    let differs = |what: &str| vec![format!("{path}: wanted {what}, got {}", short(got))];
    match want {
        Value::String(text) => match text.as_str() {
            "<any>" => Vec::new(),
            "<int>" if got.as_i64().is_some() => Vec::new(),
            "<string>" if got.as_str().is_some() => Vec::new(),
            "<time>" if got.as_i64().is_some() || got.as_str().is_some() => Vec::new(),
            "<int>" | "<string>" | "<time>" => differs(text),
            text if text.contains("<uuid:") => match got.as_str().and_then(|got| bind(text, got, bindings)) {
                Some(()) => Vec::new(),
                None => differs(&format!("{text} (known: {bindings:?})")),
            },
            text if got.as_str() == Some(text) => Vec::new(),
            text => differs(&format!("{text:?}")),
        },
        Value::Object(members) => match (only_member(members), got) {
            (Some(("<unordered>", Value::Array(items))), got) => unordered(items, got, bindings, path),
            (Some(("<subset>", Value::Object(members))), Value::Object(got)) => {
                subset(members, got, bindings, path)
            }
            (_, Value::Object(got)) => objects(members, got, bindings, path),
            _ => differs(&short(want)),
        },
        Value::Array(items) => match got {
            Value::Array(got_items) if got_items.len() == items.len() => {
                let pairs = items.iter().zip(got_items).enumerate();
                pairs
                    .flat_map(|(at, (want, got))| differences(want, got, bindings, &format!("{path}[{at}]")))
                    .collect()
            }
            Value::Array(got_items) => differs(&format!("{} items, not {}", items.len(), got_items.len())),
            _ => differs(&short(want)),
        },
        Value::Number(number) => match got {
            Value::Number(got) if number.same_value(got) => Vec::new(),
            _ => differs(&short(want)),
        },
        Value::Null | Value::Bool(_) => {
            if want == got {
                Vec::new()
            } else {
                differs(&short(want))
            }
        }
    }
}

fn objects(want: &Object, got: &Object, bindings: &mut Bindings, path: &str) -> Vec<String> {
    if is_internal_error(want) && is_rejection(got) {
        let key = "client-event-id";
        let part = |object: &Object| object.get(key).cloned().unwrap_or_default();
        return differences(&part(want), &part(got), bindings, &format!("{path}.{key}"));
    }
    let named = |key: &str| !key.contains("<uuid:");
    let mut out = Vec::new();
    for (key, value) in want.iter().filter(|(key, _)| named(key)) {
        match got.get(key) {
            Some(got) => out.extend(differences(value, got, bindings, &format!("{path}.{key}"))),
            None => out.push(format!("{path}.{key}: missing, wanted {}", short(value))),
        }
    }
    if want.keys().all(named) {
        let extra = got.iter().filter(|(key, _)| want.get(key).is_none());
        out.extend(extra.map(|(key, value)| format!("{path}.{key}: not wanted, got {}", short(value))));
    }
    out
}

/// Returns whether a stream's message reports a fault of the recorded server. As over HTTP, a
/// rejection with a clear message is accepted in its place.
fn is_internal_error(message: &Object) -> bool {
    is_error(message) && message.get("status").and_then(Value::as_i64) == Some(500)
}

fn is_rejection(message: &Object) -> bool {
    is_error(message) && matches!(message.get("status").and_then(Value::as_i64), Some(400..500))
}

fn is_error(message: &Object) -> bool {
    message.get("op").and_then(Value::as_str) == Some("error")
}

/// Compares only the keys of `want`, and only the messages of `errors`.
fn subset(want: &Object, got: &Object, bindings: &mut Bindings, path: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (key, value) in want.iter() {
        let path = format!("{path}.{key}");
        let got = match (key, got.get(key)) {
            ("errors", Some(Value::Array(errors))) => Value::from_iter(errors.iter().filter_map(|error| {
                let message = error.get("message").filter(|message| message.is_truthy())?;
                Some(Object::from_iter([("message".to_owned(), message.clone())]))
            })),
            (_, got) => got.cloned().unwrap_or_default(),
        };
        out.extend(differences(value, &got, bindings, &path));
    }
    out
}

fn unordered(want: &[Value], got: &Value, bindings: &mut Bindings, path: &str) -> Vec<String> {
    let Some(items) = got.as_array().filter(|items| items.len() == want.len()) else {
        return vec![format!("{path}: wanted {} items in any order, got {}", want.len(), short(got))];
    };
    let mut left = Vec::from_iter(items);
    for item in want {
        let fits = left.iter().position(|got| {
            let mut trial = bindings.clone();
            let fits = differences(item, got, &mut trial, path).is_empty();
            if fits {
                *bindings = trial;
            }
            fits
        });
        match fits {
            Some(at) => drop(left.swap_remove(at)),
            None => return vec![format!("{path}: no item matches {}", short(item))],
        }
    }
    Vec::new()
}

fn only_member(members: &Object) -> Option<(&str, &Value)> {
    members.iter().next().filter(|_| members.len() == 1)
}

/// Matches a text that contains `<uuid:n>`, and records the id that each placeholder matched.
fn bind(pattern: &str, got: &str, bindings: &mut Bindings) -> Option<()> {
    let Some(start) = pattern.find("<uuid:") else { return (pattern == got).then_some(()) };
    let rest = got.strip_prefix(&pattern[..start])?;
    let end = start + pattern[start..].find('>')? + 1;
    let (id, rest) = rest.split_at_checked(36)?;
    let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    if !id.bytes().all(hexadecimal) {
        return None;
    }
    let known = bindings.entry(pattern[start..end].to_owned()).or_insert_with(|| id.to_owned());
    if known != id {
        return None;
    }
    bind(&pattern[end..], rest, bindings)
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_match_and_differences_are_counted() {
        let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
        let other = "9aa64e4c-64f9-472e-8a61-3fa28870e6cb";
        for (want, got, count) in [
            ("1", "1.0", 0),
            ("1", "true", 1),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, 1),
            (r#"{"a":1,"b":2}"#, r#"{"a":2}"#, 2),
            (r#"["<uuid:1>","<uuid:1>"]"#, &format!(r#"["{id}","{id}"]"#), 0),
            (r#"["<uuid:1>","<uuid:1>"]"#, &format!(r#"["{id}","{other}"]"#), 1),
            (r#""x <uuid:1>.""#, &format!(r#""x {id}.""#), 0),
            (r#""x <uuid:1>.""#, &format!(r#""x {id}!""#), 1),
            (r#"{"<unordered>":[1,2]}"#, "[2,1]", 0),
            (r#"{"<unordered>":[1,2]}"#, "[2,2]", 1),
            (r#"{"<subset>":{"a":1}}"#, r#"{"a":1,"b":2}"#, 0),
            (r#"{"<subset>":{"errors":[{"message":"x"}]}}"#, r#"{"errors":[{"message":"x","in":[1]}]}"#, 0),
            (r#"{"hint":"<any>"}"#, "{}", 1),
            (r#""<int>""#, "1.5", 1),
            (
                r#"{"op":"error","status":500,"message":"x"}"#,
                r#"{"op":"error","status":400,"message":"y"}"#,
                0,
            ),
            (
                r#"{"op":"error","status":400,"message":"x"}"#,
                r#"{"op":"error","status":400,"message":"y"}"#,
                1,
            ),
        ] {
            let parse = |text: &str| Value::parse(text).unwrap();
            let found = differences(&parse(want), &parse(got), &mut Bindings::new(), "$");
            assert_eq!(found.len(), count, "{want} against {got}: {found:?}");
        }
    }
}
