//! The values that a rule mentions, such as `data.owner` and `data.ref('team.name')`.

use instant_cel::{Expression, Mention, MentionPath};
use instant_core::{Object, Value};

/// Returns what an expression mentions, in order of appearance. An expression that a newer server
/// accepts and this version does not parse mentions nothing.
pub(super) fn mentions(expression: &str) -> Vec<Mention> {
    Expression::parse(expression).map(|expression| expression.mentions()).unwrap_or_default()
}

/// Returns the names that an expression mentions with their values: null for a missing key. Links
/// whose values are unknown are left out.
pub(super) fn values(expression: &str, input: &Object, refs: &Object) -> Vec<(String, Value)> {
    let value = |mention: Mention| {
        let name = mention.to_string();
        let value = match &mention.path {
            MentionPath::Links(_) => refs.get(&name)?.clone(),
            MentionPath::Keys(keys) => {
                let variable = input.get(mention.variable)?;
                keys.iter().try_fold(variable, |value, key| value.get(key)).cloned().unwrap_or_default()
            }
        };
        Some((name, value))
    };
    mentions(expression).into_iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Object {
        Value::parse(json).unwrap().as_object().cloned().unwrap()
    }

    fn check(rule: &str, want: &str) {
        let input = object(
            r#"{"auth": {"id": "u1"}, "data": {"owner": "u2", "meta": {"a": 1}, "a1": 7}, "ruleParams": null}"#,
        );
        let refs = object(r#"{"data.ref('owner.id')": ["u2"], "auth.ref('$user.team.id')": []}"#);
        let found = values(rule, &input, &refs).into_iter().map(|(name, value)| format!("{name}={value}"));
        assert_eq!(Vec::from_iter(found).join(" "), want, "{rule}");
    }

    #[test]
    fn mentioned_keys_have_values() {
        check("true", "");
        check("auth.id != null && auth.id == data.owner", "auth.id=\"u1\" data.owner=\"u2\"");
        check("data.meta.a == 1 && data.nothing == null", "data.meta.a=1 data.nothing=null");
        check("data.owner.startsWith('u') || ruleParams.key == 'ß'", "data.owner=\"u2\" ruleParams.key=null");
        check("mydata.owner || data1.owner || data.a1", "data.a1=7");
        check("newData.owner == 1", "");
    }

    #[test]
    fn mentioned_links_have_values_if_known() {
        check("auth.id in data.ref('owner.id')", "auth.id=\"u1\" data.ref('owner.id')=[\"u2\"]");
        check(
            "data.ref( \"owner.id\" ) == auth.ref('$user.team.id')",
            "data.ref('owner.id')=[\"u2\"] auth.ref('$user.team.id')=[]",
        );
        check("data.ref('unknown.id')", "");
    }

    #[test]
    fn malformed_expressions_mention_nothing() {
        check("data.ref(", "");
        check("", "");
    }
}
