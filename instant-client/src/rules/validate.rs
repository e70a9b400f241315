//! Checks the keys of rules (`docs/protocol/schema-and-platform.md`, "2.4 `instant.perms.ts`").
//! Servers store unknown keys and ignore them.

use instant_core::{Object, Value};

use super::RulesError;

const PARTS: [&str; 3] = ["allow", "bind", "fields"];
const ACTIONS: [&str; 7] = ["view", "create", "update", "delete", "link", "unlink", "$default"];
const SYSTEM: [&str; 5] = ["$default", "$users", "$files", "$streams", "$rateLimits"];

/// Returns an error for the first key that a server would ignore.
pub(super) fn validate(rules: &Object) -> Result<(), RulesError> {
    for (namespace, block) in rules.iter() {
        if namespace.starts_with('$') {
            known("the rules", namespace, &SYSTEM)?;
        }
        let Some(block) = object(namespace, block)? else { continue };
        if namespace == "$rateLimits" {
            continue;
        }
        for (part, value) in block.iter() {
            if part != "bind" {
                check_part(namespace, part, value)?;
            }
        }
    }
    Ok(())
}

fn check_part(namespace: &str, part: &str, value: &Value) -> Result<(), RulesError> {
    if let Err(error) = known(namespace, part, &PARTS) {
        // A response of a server, or a JavaScript module.
        let wrapped = ["perms", "code", "rules", "default"].contains(&namespace);
        let remedy =
            if wrapped { format!("; pass the value of `{namespace}` as the rules") } else { String::new() };
        return Err(RulesError::new(format!("{error}{remedy}")));
    }
    let place = format!("{namespace}.{part}");
    if let ("$default" | "attrs", "fields") = (namespace, part) {
        return Err(useless(&place, "set field rules in the namespace of the attribute"));
    }
    let Some(rules) = object(&place, value)? else { return Ok(()) };
    for (key, value) in rules.iter() {
        let place = format!("{place}.{key}");
        if part == "allow" {
            known(&format!("{namespace}.allow"), key, &ACTIONS)?;
            check_action(namespace, key, &place)?;
        }
        if part == "allow" && ["link", "unlink"].contains(&key) {
            for (label, value) in object(&place, value)?.into_iter().flat_map(Object::iter) {
                rule(&format!("{place}.{label}"), value)?;
            }
        } else {
            rule(&place, value)?;
        }
    }
    Ok(())
}

/// Rejects actions that apply to other namespaces only.
fn check_action(namespace: &str, action: &str, place: &str) -> Result<(), RulesError> {
    match (namespace, action) {
        ("$default", "link" | "unlink") => {
            Err(useless(place, "set link rules in the namespace at either end of the link"))
        }
        ("attrs", "create" | "$default") => Ok(()),
        ("attrs", _) => Err(useless(place, "`attrs` supports only a rule for `create`")),
        _ => Ok(()),
    }
}

fn useless(place: &str, remedy: &str) -> RulesError {
    RulesError::new(format!("{place} has no effect: {remedy}"))
}

fn known(place: &str, key: &str, known: &[&str]) -> Result<(), RulesError> {
    if known.contains(&key) {
        return Ok(());
    }
    let mut known = known.to_vec();
    known.sort_by_cached_key(|name| strsim::osa_distance(key, name));
    let known = known.join(", ");
    Err(RulesError::new(format!("{place} has a key `{key}`, which is unknown; known keys are {known}")))
}

/// Returns the object, or `None` for null.
fn object<'a>(place: &str, value: &'a Value) -> Result<Option<&'a Object>, RulesError> {
    match value {
        Value::Object(object) => Ok(Some(object)),
        Value::Null => Ok(None),
        other => {
            let found = other.type_name();
            Err(RulesError::new(format!("{place} must be an object, found {found}")))
        }
    }
}

fn rule(place: &str, value: &Value) -> Result<(), RulesError> {
    match value {
        Value::String(_) | Value::Bool(_) | Value::Null => Ok(()),
        other => {
            let found = other.type_name();
            Err(RulesError::new(format!("{place} must be a rule, which is a string, found {found}")))
        }
    }
}
