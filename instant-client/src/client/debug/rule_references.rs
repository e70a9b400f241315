//! What a rule names of what it was given: `data.ownerId`, `auth.id`, `data.ref('team.name')`. It is for people, so a text within the rule that
//! looks like a name may be taken for one.

use instant_core::{Object, Value};

/// The names that rules are given.
const ROOTS: [&str; 6] = ["auth", "data", "newData", "linkedData", "ruleParams", "request"];

/// One thing that an expression names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RuleReference<'a> {
    /// A value: the root, and the members that lead to it.
    Value(&'a str, Vec<&'a str>),
    /// What is reached through links: the root, and the path as it is written.
    Ref(&'a str, &'a str),
}

impl RuleReference<'_> {
    /// As it is written; paths of links in one kind of quotes.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Value(root, members) => [&[*root], &members[..]].concat().join("."),
            Self::Ref(root, path) => format!("{root}.ref('{path}')"),
        }
    }
}

/// What the expression names, in order of appearance, once each.
pub(super) fn mentions(expression: &str) -> Vec<RuleReference<'_>> {
    let (mut out, mut rest): (Vec<RuleReference<'_>>, _) = (Vec::new(), expression);
    while let Some(at) = rest.find(is_start) {
        // What follows a dot is a member of something else.
        let member = rest[..at].ends_with('.');
        let root = taken(&rest[at..], is_part);
        rest = &rest[at + root.len()..];
        if member || !ROOTS.contains(&root) {
            continue;
        }
        let (mention, length) = follow(root, rest);
        rest = &rest[length..];
        if !out.contains(&mention) {
            out.push(mention);
        }
    }
    out
}

/// The names with their values, null where there is none. What links lead to is left out where it is not known.
pub(super) fn values(expression: &str, input: &Object, refs: &Object) -> Vec<(String, Value)> {
    let value = |mention: RuleReference<'_>| {
        let name = mention.name();
        let value = match mention {
            RuleReference::Ref(..) => refs.get(&name)?.clone(),
            RuleReference::Value(root, members) => {
                let given = input.get(root)?;
                members.iter().try_fold(given, |value, member| value.get(member)).cloned().unwrap_or_default()
            }
        };
        Some((name, value))
    };
    mentions(expression).into_iter().filter_map(value).collect()
}

/// What stands behind a root, and how many bytes it takes. What is called is no value.
fn follow<'a>(root: &'a str, text: &'a str) -> (RuleReference<'a>, usize) {
    let (mut members, mut length) = (Vec::new(), 0);
    while let Some(after) = text[length..].strip_prefix('.') {
        let member = taken(after, is_part);
        let behind = &after[member.len()..];
        if let ("ref", true, Some(path)) = (member, members.is_empty(), literal(behind)) {
            return (RuleReference::Ref(root, path), length + 1 + member.len());
        }
        if member.is_empty() || behind.starts_with('(') {
            break;
        }
        members.push(member);
        length += 1 + member.len();
    }
    (RuleReference::Value(root, members), length)
}

/// The text that is the one argument of a call.
fn literal(call: &str) -> Option<&str> {
    let argument = call.strip_prefix('(')?.trim_start();
    let quote = argument.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
    let (text, behind) = argument[1..].split_once(quote)?;
    behind.trim_start().starts_with(')').then_some(text)
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

    fn object(json: &str) -> Object {
        Value::parse(json).unwrap().as_object().cloned().unwrap()
    }

    #[test]
    fn the_values_that_a_rule_names() {
        let input = object(
            r#"{"auth": {"id": "u1"}, "data": {"owner": "u2", "meta": {"a": 1}, "a1": 7}, "ruleParams": null}"#,
        );
        let refs = object(r#"{"data.ref('owner.id')": ["u2"], "auth.ref('$user.team.id')": []}"#);
        for (rule, want) in [
            ("true", ""),
            ("auth.id != null && auth.id == data.owner", "auth.id=\"u1\" data.owner=\"u2\""),
            ("data.meta.a == 1 && data.nothing == null", "data.meta.a=1 data.nothing=null"),
            (
                "auth.id in data.ref('owner.id') && x.data.owner",
                "auth.id=\"u1\" data.ref('owner.id')=[\"u2\"]",
            ),
            (
                "data.ref( \"owner.id\" ) == auth.ref('$user.team.id')",
                "data.ref('owner.id')=[\"u2\"] auth.ref('$user.team.id')=[]",
            ),
            ("data.ref('unknown.id') || newData.owner", ""),
            ("data.owner.startsWith('u') || ruleParams.key == 'ß'", "data.owner=\"u2\" ruleParams.key=null"),
            ("mydata.owner || data1.owner || data.a1", "data.a1=7"),
            ("data.ref(", "data={\"owner\":\"u2\",\"meta\":{\"a\":1},\"a1\":7}"),
            ("", ""),
        ] {
            let found =
                values(rule, &input, &refs).into_iter().map(|(name, value)| format!("{name}={value}"));
            assert_eq!(Vec::from_iter(found).join(" "), want, "{rule}");
        }
    }
}
