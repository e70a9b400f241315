//! Fetches the values of links that rules follow, as in `data.ref('team.members.id')`, which are
//! missing from the server's response.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use instant_cel::MentionPath;
use instant_core::{Object, Value};

use super::{mentions::mentions, rule_check::RuleCheck};
use crate::{
    Error,
    client::{Client, response},
};

/// The entities of one namespace and the paths to follow from them.
type LinkQueries<'a> = BTreeMap<&'a str, (BTreeSet<&'a str>, BTreeSet<String>)>;

/// Adds to each check the values of the links that its rule follows, as an admin sees them now.
/// Entities that do not exist, such as those that a transaction would create, have none.
pub(super) async fn fetch(admin: &Client, checks: &mut [RuleCheck]) -> Result<(), Error> {
    let mut queries = LinkQueries::new();
    for (start, path) in checks.iter().flat_map(followed_paths) {
        let (ids, paths) = queries.entry(start.namespace).or_default();
        ids.insert(start.id);
        paths.insert(path);
    }
    if queries.is_empty() {
        return Ok(());
    }
    let query =
        queries.into_iter().map(|(namespace, (ids, paths))| (namespace.to_owned(), query_form(&ids, &paths)));
    let query = query.collect::<Object>().into();
    let response = response::object(&admin.post_query(&query).await?)?;
    let mut rows = HashMap::new();
    for (namespace, list) in response.iter() {
        for row in list.as_array().unwrap_or_default() {
            if let Some(id) = row.get("id").and_then(Value::as_str) {
                rows.insert((namespace, id), row);
            }
        }
    }
    for check in checks {
        let found = followed_paths(check).filter_map(|(start, path)| {
            let row = rows.get(&(start.namespace, start.id))?;
            Some((start.name, values_at(row, &path)))
        });
        check.refs = found.collect();
    }
    Ok(())
}

/// The start of a path.
struct Start<'a> {
    /// The name in the rule.
    name: String,
    namespace: &'a str,
    id: &'a str,
}

/// Returns the paths that a rule follows, each with its start.
fn followed_paths(check: &RuleCheck) -> impl Iterator<Item = (Start<'_>, String)> {
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

/// Returns a query for entities with the values at the end of their paths.
fn query_form(ids: &BTreeSet<&str>, paths: &BTreeSet<String>) -> Value {
    let mut out = Object::new();
    let ids = Value::from_iter(ids.iter().copied());
    out.object_entry("$").object_entry("where").object_entry("id").insert("$in", ids);
    for path in paths {
        let links = path.rsplit_once('.').into_iter().flat_map(|(links, _)| links.split('.'));
        links.fold(&mut out, |form, link| form.object_entry(link));
    }
    out.into()
}

/// Returns the values at the end of a path from a row.
fn values_at(row: &Value, path: &str) -> Value {
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
