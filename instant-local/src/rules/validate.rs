//! Validation of a rules document that is pushed (`docs/protocol/schema-and-platform.md`,
//! "3.9 Rules").

use instant_cel::CompileError;
use instant_core::{Issue, PathSegment, ValidationError, Value};

use super::{
    document::{Action, ODD_BIND, Rules, to_issue},
    rate_limits,
};
use crate::failure::Failure;

/// Validates a rules document. Expressions under `allow.$default`, `link` and `unlink` are compiled
/// only when they are used, as on the real server.
///
/// # Errors
///
/// Returns an error that lists every issue.
pub(crate) fn validate(rules: &Rules) -> Result<(), Failure> {
    let Some(Value::Object(code)) = &rules.code else { return Ok(()) };
    let mut issues = Issues(Vec::new());
    let parts = || code.iter().filter(|(name, _)| *name != "$rateLimits");
    for (name, part) in parts() {
        match part.get("bind") {
            Some(Value::Array(items)) => issues.check_binds(name, items),
            None | Some(Value::Object(_) | Value::Null) => {}
            Some(_) => {
                issues.add(&[name, "bind"], "bind must be an object, or a list of names and expressions")
            }
        }
    }
    for (name, part) in parts() {
        for action in [Action::View, Action::Create, Action::Update, Action::Delete] {
            let place = [name, "allow", action.name()];
            if name.starts_with('$') && !["$users", "$files", "$streams", "$default"].contains(&name) {
                let message = "namespace is a reserved internal namespace that does not yet support rules.";
                issues.add(&place, format!("The {name} {message}"));
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
                    issues.add(&place, format!("{message} Set `$users.allow.delete` to `\"false\"`."));
                }
                continue;
            }
            issues.add_compile_errors(&place, rules.compile(name, name, &action, rule, true).err());
        }
    }
    for (name, part) in parts() {
        let fields = match part.get("fields") {
            None | Some(Value::Null) => continue,
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                issues.add(&[name, "fields"], "fields must be an object of attributes and their rules");
                continue;
            }
        };
        for (label, rule) in fields.iter().filter(|(_, rule)| !rule.is_null()) {
            if label == "id" {
                let message = "You cannot set field rules for `id`. Use";
                issues.add(&[name, "fields"], format!("{message} {name} -> allow -> view instead"));
                continue;
            }
            let action = Action::Field(label.to_owned());
            issues.add_compile_errors(
                &[name, "fields", label],
                rules.compile(name, name, &action, rule, true).err(),
            );
        }
    }
    for (name, message) in rate_limits::validate(code.get("$rateLimits")) {
        let place: Vec<_> = ["$rateLimits"].into_iter().chain(name.as_deref()).collect();
        issues.add(&place, message);
    }
    if issues.0.is_empty() {
        return Ok(());
    }
    let mut invalid = ValidationError::new("rule", Issue::default());
    invalid.issues = issues.0;
    Err(Failure::invalid(&invalid, code.clone().into()))
}

/// The issues of a document.
struct Issues(Vec<Issue>);

impl Issues {
    fn add(&mut self, place: &[&str], message: impl Into<String>) {
        self.0.push(Issue::message(message).at(place.iter().map(|key| PathSegment::from(*key))));
    }

    fn add_compile_errors(&mut self, place: &[&str], errors: Option<Vec<CompileError>>) {
        for error in errors.into_iter().flatten() {
            self.0.push(to_issue(&error).at(place.iter().map(|key| PathSegment::from(*key))));
        }
    }

    fn check_binds(&mut self, namespace: &str, items: &[Value]) {
        if !items.len().is_multiple_of(2) {
            self.add(&[namespace, "bind"], ODD_BIND);
            return;
        }
        let names: Vec<_> = items.iter().step_by(2).filter_map(Value::as_str).collect();
        for (at, name) in names.iter().enumerate() {
            let first = names.iter().position(|other| other == name);
            if first.is_some_and(|first| first < at) {
                let message = "bind should only contain a given variable name once";
                self.add(&[namespace, "bind", name], message);
            }
        }
    }
}
