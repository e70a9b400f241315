//! Exports from and imports to a server, with the endpoints that every Instant server has: schema,
//! queries and transactions.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    future::Future,
    io::Write,
};

use instant_client::{BatchOptions, BuildError, Client, IntoSteps, Rules};
use instant_core::{
    Object, Uuid, Value,
    export::{CreatedAt, EntityLine, Line, LinkLine, is_exported},
    schema::{Attr, Cardinality, Schema},
    steps::{self, Step},
};
use instant_local::ExportSummary;

/// The number of entities per query.
const PAGE_ROWS: i64 = 500;

/// Runs a future to completion.
pub(crate) fn run<F: Future>(future: F) -> Result<F::Output, std::io::Error> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}

/// Writes an app, namespace by namespace and page by page. Entities that others write at the same
/// time may be missing or appear twice.
pub(crate) async fn export(client: &Client, out: &mut impl Write) -> Result<ExportSummary, Box<dyn Error>> {
    let mut done = ExportSummary::default();
    writeln!(out, "{}", Line::Header)?;
    let attrs = client.schema().attributes().await?;
    let system = client.schema().system_attributes().await?;
    let mut namespaces = BTreeSet::from(["$users"]);
    for attr in &attrs {
        done.attributes += 1;
        writeln!(out, "{}", Line::Attr(Box::new(attr.clone())))?;
        namespaces.insert(&attr.forward.namespace);
    }
    if let Some(rules) = client.rules().pull().await? {
        writeln!(out, "{}", Line::Rules(rules.into_object()))?;
    }
    for namespace in namespaces.into_iter().filter(|namespace| is_exported(namespace)) {
        let links = links_of(attrs.iter().chain(&system), namespace);
        for page in 0.. {
            let result = client.query_raw(page_query(namespace, &links, page * PAGE_ROWS)).await?;
            let rows = result.get(namespace).and_then(Value::as_array).unwrap_or_default();
            for row in rows {
                let (entity, many) =
                    entity(namespace, row, &links).ok_or("the server returned an entity without an id")?;
                done.entities += 1;
                done.links += (entity.links.len() + many.len()) as u64;
                writeln!(out, "{}", Line::Entity(entity))?;
                for link in many {
                    writeln!(out, "{}", Line::Link(link))?;
                }
            }
            if (rows.len() as i64) < PAGE_ROWS {
                break;
            }
        }
    }
    Ok(done)
}

/// How a link is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinkKind {
    /// A link to one, as part of its entity.
    One,
    /// A link to many, as lines of their own.
    Many,
    /// A link to a namespace that is not exported.
    Omitted,
}

/// Returns the forward links of a namespace by label. Rows contain to-one links like values, so
/// omitted links are listed as well.
fn links_of<'a>(attrs: impl Iterator<Item = &'a Attr>, namespace: &str) -> BTreeMap<&'a str, LinkKind> {
    let stored = attrs.filter(|attr| attr.is_link() && attr.forward.namespace == namespace);
    let kind = |attr: &Attr| match (attr.reverse.as_ref(), attr.cardinality) {
        (Some(reverse), Cardinality::One) if is_exported(&reverse.namespace) => LinkKind::One,
        (Some(reverse), Cardinality::Many) if is_exported(&reverse.namespace) => LinkKind::Many,
        _ => LinkKind::Omitted,
    };
    stored.map(|attr| (&*attr.forward.label, kind(attr))).collect()
}

fn page_query(namespace: &str, links: &BTreeMap<&str, LinkKind>, offset: i64) -> Value {
    let object = |members: Vec<(&str, Value)>| -> Value {
        Object::from_iter(members.into_iter().map(|(key, value)| (key.to_owned(), value))).into()
    };
    let order = object(vec![("serverCreatedAt", "asc".into())]);
    let options = object(vec![("order", order), ("limit", PAGE_ROWS.into()), ("offset", offset.into())]);
    let id_only = || object(vec![("$", object(vec![("fields", ["id"].into())]))]);
    let mut form = vec![("$", options)];
    let exported = links.iter().filter(|(_, kind)| **kind != LinkKind::Omitted);
    form.extend(exported.map(|(label, _)| (*label, id_only())));
    object(vec![(namespace, object(form))])
}

/// Converts a row of a query result to an entity, and returns its to-many links.
fn entity(
    namespace: &str,
    row: &Value,
    links: &BTreeMap<&str, LinkKind>,
) -> Option<(EntityLine, Vec<LinkLine>)> {
    let id_of = |value: &Value| -> Option<Uuid> { value.get("id")?.as_str()?.parse().ok() };
    let id = id_of(row)?;
    let (mut values, mut one, mut many) = (Object::new(), Vec::new(), Vec::new());
    for (label, value) in row.as_object()?.iter() {
        // Some servers return a to-one link as a list.
        let targets = || match value {
            Value::Array(items) => items.iter().filter_map(id_of).collect(),
            value => Vec::from_iter(id_of(value)),
        };
        match links.get(label) {
            Some(LinkKind::One) => one.extend(targets().into_iter().map(|to| (label.to_owned(), to))),
            Some(LinkKind::Many) => many.extend(targets().into_iter().map(|to| LinkLine {
                namespace: namespace.to_owned(),
                label: label.to_owned(),
                from: id,
                to,
            })),
            Some(LinkKind::Omitted) => {}
            None if label == "id" => {}
            None => drop(values.insert(label, value.clone())),
        }
    }
    let namespace = namespace.to_owned();
    Some((EntityLine { namespace, id, created: CreatedAt::Unknown, values, links: one }, many))
}

/// Imports lines into an app: pushes attributes as a schema, pushes rules, then writes entities and
/// links in transactions.
pub(crate) async fn import(client: &Client, lines: &[(u64, Line)]) -> Result<(), Box<dyn Error>> {
    let attrs = lines.iter().filter_map(|(_, line)| match line {
        Line::Attr(attr) => Some(Attr::clone(attr)),
        _ => None,
    });
    let attrs = Vec::from_iter(attrs);
    if !attrs.is_empty() {
        client.schema().push(&Schema::from_attrs(attrs)).await?;
    }
    for (number, line) in lines {
        if let Line::Rules(rules) = line {
            let pushed = client.rules().push(Rules::unchecked(rules.clone())).await;
            pushed.map_err(|error| format!("line {number} of the export is invalid: {error}"))?;
        }
    }
    let (mut numbers, mut items) = (Vec::new(), Vec::new());
    for (number, line) in lines {
        if let Some(json) = steps_of(line) {
            numbers.push(*number);
            let invalid = |invalid| format!("line {number} of the export is invalid: {invalid}");
            items.push(Item(steps::parse(&json).map_err(invalid)?));
        }
    }
    client.transact_batched(items, BatchOptions::new()).await.map(drop).map_err(|error| {
        let number = |item: u64| usize::try_from(item).ok().and_then(|item| numbers.get(item));
        let range = error.items();
        let place =
            match (error.item().and_then(number), number(range.start), number(range.end.saturating_sub(1))) {
                (Some(line), ..) => format!("line {line}"),
                (None, Some(first), Some(last)) => format!("a line from {first} to {last}"),
                _ => "a line".to_owned(),
            };
        format!("{place} of the export is invalid: {}", error.error()).into()
    })
}

/// Returns the steps that write the entity or the link of a line, or `None` for other lines.
fn steps_of(line: &Line) -> Option<Value> {
    let step = |verb: &str, namespace: &str, id: Uuid, arguments: Object| -> Value {
        [verb.into(), namespace.into(), id.into(), Value::from(arguments)].into()
    };
    match line {
        Line::Entity(EntityLine { namespace, id, created, values, links }) => {
            let mut steps = Vec::new();
            if *created != CreatedAt::Never {
                let mut values = values.clone();
                if namespace == "$users" {
                    // Servers reject null for the system attributes of users.
                    values = values.into_iter().filter(|(_, value)| !value.is_null()).collect();
                }
                steps.push(step("update", namespace, *id, values));
            }
            if !links.is_empty() {
                let links = links.iter().map(|(label, to)| (label.clone(), (*to).into())).collect();
                steps.push(step("link", namespace, *id, links));
            }
            (!steps.is_empty()).then_some(Value::Array(steps))
        }
        Line::Link(LinkLine { namespace, label, from, to }) => {
            let links = Object::from_iter([(label.clone(), (*to).into())]);
            Some(Value::Array(vec![step("link", namespace, *from, links)]))
        }
        _ => None,
    }
}

/// Steps that belong to one transaction.
struct Item(Vec<Step>);

impl IntoSteps for Item {
    fn into_steps(self, out: &mut Vec<Step>) -> Result<(), BuildError> {
        out.extend(self.0);
        Ok(())
    }
}
