//! Writes the lines of an export: entities with their ids and times of creation.
//!
//! The constraints of all writes apply: types, uniqueness, required attributes. Permission rules do
//! not apply.

use std::sync::Arc;

use instant_core::{
    export::{CreatedAt, EntityLine, Line, LinkLine, is_exported},
    schema::Attr,
};

use super::{apply, attrs, constraints, values::StoredValue, writer::Writer};
use crate::{
    app::App,
    catalog::{self, AttrNo, Attribute, Catalog, Label, Side},
    clock::Clock,
    failure::Failure,
    rules,
};

/// Writes lines of an export, all or none. An error has the number of its line, unless it concerns
/// the whole batch.
pub(crate) fn load(app: &App, lines: &[(u64, Line)]) -> Result<(), (Option<u64>, Failure)> {
    let mut at = None;
    let loaded = app.write(|transaction| {
        let known = app.catalog_of(transaction)?;
        let mut writer = Writer::new(transaction, Arc::clone(&known), app.clock().tick());
        let mut kinds = Vec::new();
        for (number, line) in lines {
            at = Some(*number);
            match line {
                Line::Attr(attr) => add(&mut writer, attr)?,
                Line::Entity(entity) => put(&mut writer, entity, app.clock(), &mut kinds)?,
                Line::Link(link) => connect(&mut writer, link)?,
                Line::Rules(code) => {
                    rules::validate_code(code)?;
                    rules::replace(writer.transaction, code)?;
                }
                _ => return Err(rejected("the header must be the first line of an export")),
            }
        }
        at = None;
        let changes = writer.changes();
        apply::check_required(&changes, &mut writer)?;
        attrs::remember_kinds(&mut writer, &kinds);
        writer.flush();
        let mut catalog = writer.catalog();
        if !Arc::ptr_eq(&catalog, &known) {
            catalog::save(transaction, Arc::make_mut(&mut catalog))?;
        }
        Ok(catalog)
    });
    let (_, catalog) = loaded.map_err(|failure| (at, failure))?;
    app.publish(catalog);
    Ok(())
}

/// Adds an attribute. An existing one with its name must be equal, except for ids and inferred
/// types.
fn add(writer: &mut Writer<'_>, attr: &Attr) -> Result<(), Failure> {
    let name = &attr.forward;
    let Some(Label { attribute, .. }) = writer.catalog.resolve(&name.namespace, &name.label) else {
        return attrs::add(writer, std::slice::from_ref(attr));
    };
    let named = |attr: &Attr| {
        let names = [Some(&attr.forward), attr.reverse.as_ref()];
        names.map(|name| name.map(|name| (name.namespace.clone(), name.label.clone())))
    };
    let mut wanted = attribute.attr.clone();
    (wanted.id, wanted.inferred_types) = (attr.id, attr.inferred_types.clone());
    let same_names = named(&wanted) == named(attr);
    (wanted.forward, wanted.reverse) = (attr.forward.clone(), attr.reverse.clone());
    if same_names && wanted == *attr {
        return Ok(());
    }
    let (namespace, label) = (&name.namespace, &name.label);
    Err(rejected(format!(
        "the app has an attribute `{namespace}.{label}` with other properties; change it, or import elsewhere"
    )))
}

fn put(
    writer: &mut Writer<'_>,
    entity: &EntityLine,
    clock: &Clock,
    kinds: &mut Vec<(AttrNo, &'static str)>,
) -> Result<(), Failure> {
    let EntityLine { namespace, id, created, values, links } = entity;
    if !is_exported(namespace) {
        return Err(rejected(format!(
            "entities of `{namespace}` belong to one server, and cannot be imported"
        )));
    }
    if *created != CreatedAt::Never {
        let attribute = attribute(&writer.catalog, namespace, "id")?;
        let is_row = writer.value(&attribute, id)?.is_some();
        match created {
            CreatedAt::Micros(micros) => {
                // Rows that are created from now on come after the imported ones.
                clock.continue_after(*micros);
                writer.put_id(&attribute, id, *micros)?;
            }
            _ if is_row => {}
            _ => writer.put_id(&attribute, id, clock.tick().order)?,
        }
    }
    for (label, value) in values.iter() {
        let attribute = attribute(&writer.catalog, namespace, label)?;
        if attribute.attr.is_link() {
            return Err(rejected(format!("`{namespace}.{label}` is a link; list it in `links`")));
        }
        let plain = StoredValue::new(value.clone());
        if plain.has_nul {
            return Err(constraints::null_bytes());
        }
        constraints::check_value(&attribute, id, &plain)?;
        writer.set(&attribute, id, &plain)?;
        kinds.extend(plain.kind().filter(|_| !attribute.system).map(|kind| (attribute.no, kind)));
    }
    for (label, to) in links {
        let attribute = link(&writer.catalog, namespace, label)?;
        if !attribute.is_to_one() {
            return Err(rejected(format!(
                "`{namespace}.{label}` allows many links; they have lines of their own"
            )));
        }
        writer.link(&attribute, id, to)?;
    }
    if *created == CreatedAt::Unknown
        && let Some(number) = writer.catalog.namespace(namespace).map(|known| known.no)
    {
        // An export with the time of creation contains the nulls of the row as well.
        writer.fill_with_nulls(number, id)?;
    }
    Ok(())
}

fn connect(writer: &mut Writer<'_>, line: &LinkLine) -> Result<(), Failure> {
    let LinkLine { namespace, label, from, to } = line;
    let attribute = link(&writer.catalog, namespace, label)?;
    writer.link(&attribute, from, to)
}

fn link(catalog: &Catalog, namespace: &str, label: &str) -> Result<Arc<Attribute>, Failure> {
    let attribute = attribute(catalog, namespace, label)?;
    let reverse = attribute.attr.reverse.as_ref();
    let stays = [Some(&attribute.attr.forward), reverse]
        .into_iter()
        .flatten()
        .find(|name| !is_exported(&name.namespace));
    match stays {
        _ if !attribute.attr.is_link() => Err(rejected(format!("`{namespace}.{label}` is not a link"))),
        Some(name) => Err(rejected(format!(
            "links with `{}` belong to one server, and cannot be imported",
            name.namespace
        ))),
        None => Ok(attribute),
    }
}

fn attribute(catalog: &Catalog, namespace: &str, label: &str) -> Result<Arc<Attribute>, Failure> {
    let known = catalog.resolve(namespace, label).filter(|known| known.side == Side::Forward);
    known.map(|known| Arc::clone(&known.attribute)).ok_or_else(|| {
        rejected(format!(
            "the attribute `{namespace}.{label}` does not exist; an export has attributes before their values"
        ))
    })
}

fn rejected(message: impl Into<String>) -> Failure {
    Failure::rejected("validation-failed", message)
}
