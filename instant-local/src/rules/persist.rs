//! Rules in the store: the rules document, its version, and the edits that restore earlier versions
//! (`docs/protocol/schema-and-platform.md`, "3.9 Rules").

use std::{collections::BTreeSet, sync::Arc};

use instant_core::{Object, Value};
use jiff::Timestamp;
use parking_lot::RwLock;

use super::{document::Rules, rate_limits::TokenLevels, validate::validate};
use crate::{
    app::App,
    failure::Failure,
    layout::{self, MetaKey},
    store::{Snapshot, Transaction},
};

/// The rules of the newest snapshot that was requested, and the token levels of their rate limits.
#[derive(Debug, Default)]
pub(crate) struct RulesCache {
    known: RwLock<Option<(i64, Arc<Rules>)>>,
    token_levels: Arc<TokenLevels>,
}

/// The version before any rules are pushed.
const NO_VERSION: i64 = -1;
/// The number of earlier versions that are kept.
const MAX_VERSIONS: usize = 50;

impl RulesCache {
    /// Returns the rules of a snapshot.
    pub(crate) fn rules_of(&self, snapshot: &Snapshot) -> Result<Arc<Rules>, Failure> {
        let version = version(snapshot)?;
        if let Some((known, rules)) = &*self.known.read()
            && *known == version
        {
            return Ok(Arc::clone(rules));
        }
        let rules = Arc::new(Rules::new(stored(snapshot)?, Arc::clone(&self.token_levels)));
        let mut known = self.known.write();
        if known.as_ref().is_none_or(|(known, _)| *known < version) {
            *known = Some((version, Arc::clone(&rules)));
        }
        Ok(rules)
    }

    /// Validates rules that replace the stored ones for one request, and shares the token levels.
    pub(crate) fn replacement(&self, code: Value) -> Result<Arc<Rules>, Failure> {
        let rules = Rules::new(Some(code), Arc::clone(&self.token_levels));
        validate(&rules)?;
        Ok(Arc::new(rules))
    }
}

/// Validates a rules document.
pub(crate) fn validate_code(code: &Object) -> Result<(), Failure> {
    validate(&Rules::new(Some(code.clone().into()), Arc::default()))
}

/// Writes the first rules of an app.
pub(crate) fn write_initial(transaction: &mut Transaction, code: &Object) {
    write(transaction, &code.clone().into(), 0);
}

/// Replaces the rules, which must be valid.
pub(crate) fn replace(transaction: &mut Transaction, code: &Object) -> Result<(), Failure> {
    let version = version(transaction)? + 1;
    write(transaction, &code.clone().into(), version);
    Ok(())
}

/// Replaces the rules of an app. Returns their version; `None` if they are the stored ones.
///
/// # Errors
///
/// Returns an error if the rules are invalid. The stored ones stay.
pub(crate) fn push(app: &App, code: &Object) -> Result<Option<i64>, Failure> {
    validate_code(code)?;
    let code = Value::from(code.clone());
    let (_, pushed) = app.write(|transaction| {
        let before = stored(transaction)?;
        if before.as_ref() == Some(&code) {
            return Ok(None);
        }
        let version = version(transaction)? + 1;
        if let Some(before) = before {
            let mut edits = Vec::new();
            collect_edits(&mut Vec::new(), &code, &before, &mut edits);
            let mut all = versions(transaction)?;
            all.insert(0, entry(version, edits));
            all.truncate(MAX_VERSIONS);
            let all = Value::Array(all).to_string();
            transaction.insert(&layout::meta(MetaKey::RuleVersions), all.as_bytes());
        }
        write(transaction, &code, version);
        Ok(Some(version))
    })?;
    Ok(pushed)
}

/// Returns the rules as they were pushed; `None` if they never were.
pub(crate) fn stored(snapshot: &Snapshot) -> Result<Option<Value>, Failure> {
    json(snapshot, MetaKey::Rules)
}

/// Returns the edits that restore earlier rules, the newest version first.
pub(crate) fn versions(snapshot: &Snapshot) -> Result<Vec<Value>, Failure> {
    match json(snapshot, MetaKey::RuleVersions)? {
        Some(Value::Array(versions)) => Ok(versions),
        _ => Ok(Vec::new()),
    }
}

fn version(snapshot: &Snapshot) -> Result<i64, Failure> {
    let bytes = snapshot.get(&layout::meta(MetaKey::RulesVersion))?;
    Ok(bytes.and_then(|bytes| (*bytes).try_into().ok()).map_or(NO_VERSION, i64::from_be_bytes))
}

fn json(snapshot: &Snapshot, key: MetaKey) -> Result<Option<Value>, Failure> {
    let Some(bytes) = snapshot.get(&layout::meta(key))? else { return Ok(None) };
    let value = std::str::from_utf8(&bytes).ok().and_then(|text| Value::parse(text).ok());
    value.map(Some).ok_or_else(|| Failure::damaged(format!("{} that are not JSON", key.as_str())))
}

fn write(transaction: &mut Transaction, code: &Value, version: i64) {
    transaction.insert(&layout::meta(MetaKey::Rules), code.to_string().as_bytes());
    transaction.insert(&layout::meta(MetaKey::RulesVersion), &version.to_be_bytes());
}

fn entry(version: i64, edits: Vec<Value>) -> Value {
    let mut entry = Object::new();
    entry.insert("version", version);
    entry.insert("edits", Value::Array(edits));
    entry.insert("created_at", Timestamp::now().to_string());
    entry.into()
}

/// Collects the edits from `now` to `before`: paths to remove (`-`), to add (`+`) and to replace
/// (`r`).
fn collect_edits(path: &mut Vec<Value>, now: &Value, before: &Value, edits: &mut Vec<Value>) {
    if now == before {
        return;
    }
    let (Value::Object(new), Value::Object(old)) = (now, before) else {
        edits.push([Value::Array(path.clone()), "r".into(), before.clone()].into());
        return;
    };
    let keys: BTreeSet<&str> = old.keys().collect();
    let added = new.keys().filter(|key| !keys.contains(key));
    for key in old.keys().chain(added) {
        path.push(key.into());
        match (new.get(key), old.get(key)) {
            (Some(now), Some(before)) => collect_edits(path, now, before, edits),
            (Some(_), None) => edits.push([Value::Array(path.clone()), "-".into()].into()),
            (None, Some(before)) => {
                edits.push([Value::Array(path.clone()), "+".into(), before.clone()].into());
            }
            (None, None) => {}
        }
        path.pop();
    }
}
