//! What is wrong with rules, found when they are pushed (`schema-and-platform.md` 3.9).

use instant_cel::CompileError;
use instant_core::{Issue, Object, PathSegment, ValidationError, Value};

use super::{
    document::{Action, ODD_BIND, Rules},
    limits,
};
use crate::failure::Failure;

/// Refuses rules that cannot be kept. Expressions under `allow.$default`, `link` and `unlink` are only looked at when they
/// are used, as on the real server.
pub(crate) fn validate(rules: &Rules) -> Result<(), Failure> {
    let Some(Value::Object(code)) = &rules.code else { return Ok(()) };
    let mut found = Found(Vec::new());
    let parts = || code.iter().filter(|(name, _)| *name != "$rateLimits");
    for (name, part) in parts() {
        match part.get("bind") {
            Some(Value::Array(items)) => found.binds(name, items),
            None | Some(Value::Object(_) | Value::Null) => {}
            Some(_) => {
                found.add(&[name, "bind"], "bind must be an object, or a list of names and expressions")
            }
        }
    }
    for (name, part) in parts() {
        for action in [Action::View, Action::Create, Action::Update, Action::Delete] {
            let place = [name, "allow", action.name()];
            if name.starts_with('$') && !["$users", "$files", "$streams", "$default"].contains(&name) {
                let message = "namespace is a reserved internal namespace that does not yet support rules.";
                found.add(&place, format!("The {name} {message}"));
                continue;
            }
            let allow = part.get("allow").and_then(Value::as_object);
            let Some(rule) = allow.and_then(|allow| allow.get(action.name())).filter(|rule| !rule.is_null())
            else {
                continue;
            };
            if name == "$users" && action == Action::Delete {
                if rule.as_str() != Some("false") {
                    let message = "The $users namespace doesn't support permissions for delete.";
                    found.add(&place, format!("{message} Set `$users.allow.delete` to `\"false\"`."));
                }
                continue;
            }
            found.compiled(&place, rules.compile(name, name, &action, rule, true).err());
        }
    }
    for (name, part) in parts() {
        let fields = match part.get("fields") {
            None | Some(Value::Null) => continue,
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                found.add(&[name, "fields"], "fields must be an object of attributes and their rules");
                continue;
            }
        };
        for (label, rule) in fields.iter().filter(|(_, rule)| !rule.is_null()) {
            if label == "id" {
                let message = "You cannot set field rules for `id`. Use";
                found.add(&[name, "fields"], format!("{message} {name} -> allow -> view instead"));
                continue;
            }
            let action = Action::Field(label.to_owned());
            found.compiled(&[name, "fields", label], rules.compile(name, name, &action, rule, true).err());
        }
    }
    for (bucket, message) in limits::mistakes(code.get("$rateLimits")) {
        let place: Vec<_> = ["$rateLimits"].into_iter().chain(bucket.as_deref()).collect();
        found.add(&place, message);
    }
    if found.0.is_empty() {
        return Ok(());
    }
    let mut invalid = ValidationError::new("rule", Issue::default());
    invalid.issues = found.0;
    Err(Failure::invalid(&invalid, code.clone().into()))
}

/// Returns the issue of an error: its position, counted from 1, and its help stand next to the message.
pub(super) fn to_issue(error: &CompileError) -> Issue {
    let mut issue = Issue::message(&error.message);
    let character = error.position.map(|at| ("character".to_owned(), Value::from(u64::from(at) + 1)));
    let help = error.help.as_deref().map(|help| ("help".to_owned(), help.into()));
    issue.hint = Some(Object::from_iter(character.into_iter().chain(help))).filter(|hint| !hint.is_empty());
    issue
}

struct Found(Vec<Issue>);

impl Found {
    fn add(&mut self, place: &[&str], message: impl Into<String>) {
        self.0.push(Issue::message(message).at(place.iter().map(|key| PathSegment::from(*key))));
    }

    fn compiled(&mut self, place: &[&str], errors: Option<Vec<CompileError>>) {
        for error in errors.into_iter().flatten() {
            self.0.push(to_issue(&error).at(place.iter().map(|key| PathSegment::from(*key))));
        }
    }

    fn binds(&mut self, namespace: &str, items: &[Value]) {
        if !items.len().is_multiple_of(2) {
            self.add(&[namespace, "bind"], ODD_BIND);
            return;
        }
        let names: Vec<_> = items.iter().step_by(2).filter_map(Value::as_str).collect();
        for (at, name) in names.iter().enumerate() {
            let again = names.iter().position(|other| other == name);
            if again.is_some_and(|first| first < at) {
                let message = "bind should only contain a given variable name once";
                self.add(&[namespace, "bind", name], message);
            }
        }
    }
}
