//! Which of the values that a rule was given it names: `data.ownerId`, `auth.id`. It is for people, so a text within the rule that looks
//! like one may be taken for one.

use instant_core::{Object, Value};

/// The names that the expression reads of `input`, in order of appearance, each with its value: null where there is none.
pub(super) fn values(expression: &str, input: &Object) -> Vec<(String, Value)> {
    let mut out: Vec<(String, Value)> = Vec::new();
    let mut rest = expression;
    while let Some(at) = rest.find(is_start) {
        // What follows a dot is a member of something else.
        let member = rest[..at].ends_with('.');
        let word = taken(&rest[at..], is_part);
        rest = &rest[at + word.len()..];
        let Some(given) = input.get(word).filter(|_| !member) else { continue };
        let (path, value, length) = follow(word, given, rest);
        rest = &rest[length..];
        if out.iter().all(|(known, _)| *known != path) {
            out.push((path, value));
        }
    }
    out
}

/// Follows `.a.b` as far as values go, and answers how many bytes that took. What is called is no value.
fn follow(root: &str, given: &Value, text: &str) -> (String, Value, usize) {
    let (mut path, mut value, mut length) = (root.to_owned(), given.clone(), 0);
    while let Some(after) = text[length..].strip_prefix('.') {
        let member = taken(after, is_part);
        if member.is_empty() || after[member.len()..].starts_with('(') {
            break;
        }
        path = format!("{path}.{member}");
        value = value.get(member).cloned().unwrap_or_default();
        length += 1 + member.len();
    }
    (path, value, length)
}

fn taken(text: &str, part: fn(char) -> bool) -> &str {
    &text[..text.find(|letter| !part(letter)).unwrap_or(text.len())]
}

fn is_start(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_'
}

fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_that_a_rule_names() {
        let input = r#"{"auth": {"id": "u1"}, "data": {"owner": "u2", "meta": {"a": 1}, "a1": 7}, "ruleParams": null}"#;
        let input = Value::parse(input).unwrap().as_object().cloned().unwrap();
        for (rule, want) in [
            ("true", ""),
            ("auth.id != null && auth.id == data.owner", "auth.id=\"u1\" data.owner=\"u2\""),
            ("data.meta.a == 1 && data.nothing == null", "data.meta.a=1 data.nothing=null"),
            (
                "auth.id in data.ref('owner.id') && x.data.owner",
                "auth.id=\"u1\" data={\"owner\":\"u2\",\"meta\":{\"a\":1},\"a1\":7}",
            ),
            ("data.owner.startsWith('u') || ruleParams.key == 'ß'", "data.owner=\"u2\" ruleParams.key=null"),
            ("mydata.owner || data1.owner || data.a1", "data.a1=7"),
            ("", ""),
        ] {
            let found = values(rule, &input)
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>();
            assert_eq!(found.join(" "), want, "{rule}");
        }
    }
}
