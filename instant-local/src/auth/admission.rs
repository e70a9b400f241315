//! The rule that lets new users in: `$users.allow.create` alone, without defaults (`transactions.md` B.2).

use instant_core::{Object, Value};

use crate::{failure::Failure, layout, store::Snapshot};

/// Refuses a user whom the app's rule does not let in. Without a rule everybody may come, who brings no fields of their own.
pub(super) fn admit(snapshot: &Snapshot, user: Object, extra: &Object) -> Result<(), Failure> {
    let allowed = match rule(snapshot)? {
        None => extra.is_empty(),
        Some(rule) => evaluate(&rule, user, extra)?,
    };
    if allowed { Ok(()) } else { Err(Failure::denied(["$users", "create"], "perms-pass?")) }
}

fn rule(snapshot: &Snapshot) -> Result<Option<Value>, Failure> {
    let Some(bytes) = snapshot.get(&layout::meta("rules"))? else { return Ok(None) };
    let rules = std::str::from_utf8(&bytes).ok().and_then(|text| Value::parse(text).ok());
    let rules = rules.ok_or_else(|| Failure::damaged("rules that are no JSON"))?;
    let rule = rules.get("$users").and_then(|users| users.get("allow")).and_then(|allow| allow.get("create"));
    Ok(rule.filter(|rule| !rule.is_null()).cloned())
}

/// Rules that are more than a constant let nobody in as long as nothing evaluates them here.
fn evaluate(rule: &Value, _user: Object, _extra: &Object) -> Result<bool, Failure> {
    match rule {
        Value::Bool(allowed) => Ok(*allowed),
        Value::String(text) if text.trim() == "true" => Ok(true),
        _ => Ok(false),
    }
}
