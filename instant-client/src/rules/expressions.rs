//! Checks of the expressions in rules, without a server.

use instant_cel::{Binds, Record, Scope};
use instant_core::{Object, Value};

use super::RulesError;

/// The records that some action has. A rule of `$default` applies to several actions.
const ALL: [Record; 4] = [Record::Data, Record::NewData, Record::LinkedData, Record::Actions];

/// Compiles every rule with its binds.
pub(super) fn check(rules: &Object) -> Result<(), RulesError> {
    let rate_limits = rules.get("$rateLimits").and_then(Value::as_object);
    let rate_limits: Vec<_> = rate_limits.into_iter().flat_map(Object::keys).map(str::to_owned).collect();
    let mut checker = Checker { rules, rate_limits: &rate_limits, mistakes: Vec::new() };
    for (namespace, block) in rules.iter().filter(|(namespace, _)| *namespace != "$rateLimits") {
        for (action, rule) in members(block.get("allow")) {
            match rule {
                Value::Object(labels) => {
                    for (label, rule) in labels.iter() {
                        checker.check(&[namespace, "allow", action, label], action, rule);
                    }
                }
                rule => checker.check(&[namespace, "allow", action], action, rule),
            }
        }
        for (label, rule) in members(block.get("fields")) {
            checker.check(&[namespace, "fields", label], "view", rule);
        }
    }
    if checker.mistakes.is_empty() { Ok(()) } else { Err(RulesError::new(checker.mistakes.join("\n"))) }
}

struct Checker<'a> {
    rules: &'a Object,
    rate_limits: &'a [String],
    mistakes: Vec<String>,
}

impl Checker<'_> {
    fn check(&mut self, path: &[&str], action: &str, rule: &Value) {
        let Some(text) = rule.as_str() else { return };
        let scope = Scope::of_action(action).unwrap_or(Scope::new(&ALL)).rate_limits(self.rate_limits);
        let program = self.binds(path[0]).expand(text).map_err(|error| vec![error]);
        let errors = program.and_then(|rule| rule.expression.compile(&scope)).err();
        let path = path.join(".");
        self.mistakes.extend(errors.into_iter().flatten().map(|error| format!("{path}: {error}")));
    }

    /// Returns the binds of a namespace. Its own hide those of `$default` with the same name.
    fn binds(&self, namespace: &str) -> Binds<'_> {
        let of = |namespace| self.rules.get(namespace).and_then(|block: &Value| block.get("bind"));
        [of("$default"), of(namespace)].into_iter().flatten().flat_map(pairs).collect()
    }
}

/// Returns the names and expressions of `bind`, an object or a list.
fn pairs(bind: &Value) -> Vec<(&str, Option<&str>)> {
    match bind {
        Value::Array(items) => {
            items.chunks_exact(2).filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()))).collect()
        }
        bind => members(Some(bind)).map(|(name, value)| (name, value.as_str())).collect(),
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Object::iter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_rules(json: &str, want: &str) {
        let rules = Value::parse(json).unwrap();
        let found =
            check(rules.as_object().unwrap()).map_or_else(|error| error.to_string(), |()| String::new());
        assert_eq!(found, want, "{json}");
    }

    #[test]
    fn valid_expressions_pass() {
        check_rules(
            r#"{"notes": {"allow": {"view": "true", "update": "data.x == newData.x", "$default": "newData.x"}}}"#,
            "",
        );
        check_rules(
            r#"{"$default": {"bind": {"in": "a"}}, "notes": {"fields": {"x": "auth.id != null"}}}"#,
            "",
        );
        check_rules(
            r#"{"notes": {"allow": {"link": {"owner": "linkedData.id == auth.id"}, "create": false}}}"#,
            "",
        );
    }

    #[test]
    fn binds_of_the_namespace_hide_those_of_the_defaults() {
        let binds = r#"{"$default": {"bind": {"mine": "1 +"}}, "notes": {"bind": ["mine", "data.x"], "allow": {"view": "mine"}}}"#;
        check_rules(binds, "");
        check_rules(
            r#"{"$default": {"bind": {"mine": "1 +"}}, "notes": {"allow": {"view": "mine"}}}"#,
            "notes.allow.view: expected a value, found the end at character 4",
        );
    }

    #[test]
    fn mistakes_name_their_rule() {
        check_rules(
            r#"{"notes": {"allow": {"view": "newData.x", "link": {"owner": "auth.id = 1"}}, "fields": {"x": "daata.x"}}}"#,
            "notes.allow.view: undeclared reference to 'newData' (in container '') at character 1; known here: data, auth, ruleParams, request, rateLimit\n\
             notes.allow.link.owner: token recognition error at: '= ' at character 9; equality is `==`\n\
             notes.fields.x: undeclared reference to 'daata' (in container '') at character 1; did you mean 'data'?",
        );
        check_rules(
            r#"{"$rateLimits": {"sends": {}}, "notes": {"allow": {"create": "rateLimit.posts.limit(auth.id)"}}}"#,
            "notes.allow.create: `posts` is not a valid rate limit config. It should be defined in the `$rateLimits` key.",
        );
    }
}
