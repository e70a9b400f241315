//! What the links lead to that rules follow, as in `data.ref('team.members.id')`: the server's checks do not say it, so it is asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use instant_cel::MentionPath;
use instant_core::{Object, Value};

use super::{mentions::mentions, rule_check::RuleCheck};
use crate::{
    Error,
    client::{Client, response},
};

/// What is asked of one namespace: entities, and paths from them.
type Asked<'a> = BTreeMap<&'a str, (BTreeSet<&'a str>, BTreeSet<String>)>;

/// Tells each check what its rule's links lead to, as an admin sees it now. Of an entity that does not exist, such as one that a transaction would
/// create, nothing is told.
pub(super) async fn fetch(admin: &Client, checks: &mut [RuleCheck]) -> Result<(), Error> {
    let mut asked = Asked::new();
    for (start, path) in checks.iter().flat_map(followed) {
        let (ids, paths) = asked.entry(start.namespace).or_default();
        ids.insert(start.id);
        paths.insert(path);
    }
    if asked.is_empty() {
        return Ok(());
    }
    let query = asked.into_iter().map(|(namespace, (ids, paths))| (namespace.to_owned(), form(&ids, &paths)));
    let query = query.collect::<Object>().into();
    let answer = response::object(&admin.post_query(&query).await?)?;
    let mut rows = HashMap::new();
    for (namespace, list) in answer.iter() {
        for row in list.as_array().unwrap_or_default() {
            if let Some(id) = row.get("id").and_then(Value::as_str) {
                rows.insert((namespace, id), row);
            }
        }
    }
    for check in checks {
        let found = followed(check).filter_map(|(start, path)| {
            let row = rows.get(&(start.namespace, start.id))?;
            Some((start.name, reached(row, &path)))
        });
        check.refs = found.collect();
    }
    Ok(())
}

/// Where a path begins.
struct Start<'a> {
    /// As the rule has it.
    name: String,
    namespace: &'a str,
    id: &'a str,
}

/// Returns the paths that a rule follows, each with its start.
fn followed(check: &RuleCheck) -> impl Iterator<Item = (Start<'_>, String)> {
    let mentions = mentions(check.expanded.as_deref().unwrap_or_default());
    mentions.into_iter().filter_map(|mention| {
        let MentionPath::Links(path) = &mention.path else { return None };
        let (namespace, path) = match mention.variable {
            "data" => (check.namespace.as_str(), &**path),
            "linkedData" => (check.linked_namespace.as_deref()?, &**path),
            "auth" => ("$users", path.strip_prefix("$user.")?),
            _ => return None,
        };
        let id = check.input.get(mention.variable)?.get("id")?.as_str()?;
        Some((Start { name: mention.to_string(), namespace, id }, path.to_owned()))
    })
}

/// A query for entities with what paths from them lead to.
fn form(ids: &BTreeSet<&str>, paths: &BTreeSet<String>) -> Value {
    let mut out = Object::new();
    let ids = Value::from_iter(ids.iter().copied());
    out.object_entry("$").object_entry("where").object_entry("id").insert("$in", ids);
    for path in paths {
        let links = path.rsplit_once('.').into_iter().flat_map(|(links, _)| links.split('.'));
        links.fold(&mut out, |form, link| form.object_entry(link));
    }
    out.into()
}

/// The values at the end of a path from a row.
fn reached(row: &Value, path: &str) -> Value {
    let (links, attribute) = path.rsplit_once('.').unwrap_or(("", path));
    let mut entities = vec![row];
    for link in links.split('.').filter(|link| !link.is_empty()) {
        let linked = entities.into_iter().filter_map(|entity| entity.get(link));
        entities = linked
            .flat_map(|linked| match linked {
                Value::Array(entities) => entities.iter().collect(),
                entity => vec![entity],
            })
            .collect();
    }
    let values = entities.into_iter().filter_map(|entity| entity.get(attribute));
    Value::from_iter(values.filter(|value| !value.is_null()).cloned())
}
