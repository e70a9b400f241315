//! Changes the names, properties and types of existing attributes, and the data that they have.
//!
//! Values are removed under the old rules and added again under the new ones, so that documents and
//! index entries agree with the attribute at every commit.

use std::{collections::BTreeSet, sync::Arc};

use instant_core::{
    Issue, Uuid, ValidationError, Value,
    schema::{Attr, Cardinality, Identity},
};

use super::{attrs, constraints, values::StoredValue, writer::Writer};
use crate::{catalog::Attribute, failure::Failure, layout, store::Direction};

/// Changes an attribute to `after`. Attributes of the platform do not change.
///
/// # Errors
///
/// If a new name is taken, or the data does not allow a property.
pub(crate) fn alter(writer: &mut Writer<'_>, before: &Attribute, after: Attr) -> Result<(), Failure> {
    if before.system || before.attr == after {
        return Ok(());
    }
    check_names(writer, &before.attr, &after)?;
    if after.required && !before.attr.required && !without(writer, before)?.is_empty() {
        let name = &before.attr.forward;
        let message = format!(
            "Can't update attribute `{}` to required because `{}` already have entities without it",
            name.label, name.namespace
        );
        return Err(Failure::invalid(
            &ValidationError::new("attributes", Issue::message(message)),
            after.to_json(),
        ));
    }
    match after.is_link() {
        true => alter_link(writer, before, after),
        false => alter_plain(writer, before, after),
    }
}

/// Returns the rows in which an attribute is null or missing.
pub(crate) fn without(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<Vec<Uuid>, Failure> {
    let mut missing = Vec::new();
    for id in attrs::rows(writer, attribute.forward)? {
        let has = match attribute.attr.is_link() {
            true => writer.has_link_from(attribute, &id)?,
            false => writer.value(attribute, &id)?.is_some_and(|json| json != "null"),
        };
        if !has {
            missing.push(id);
        }
    }
    missing.sort();
    Ok(missing)
}

/// Returns the plain values of an attribute with their entities.
pub(crate) fn values(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<Vec<(Uuid, Value)>, Failure> {
    writer.flush();
    let mut values = Vec::new();
    for id in writer.ids(&layout::entities(attribute.forward))? {
        if let Some(json) = writer.value(attribute, &id)? {
            let value = Value::parse(json)
                .map_err(|error| Failure::damaged(format!("a value of {}: {error}", attribute.name())))?;
            values.push((id, value));
        }
    }
    Ok(values)
}

/// Returns both ends of all links of an attribute.
pub(crate) fn links(writer: &Writer<'_>, attribute: &Attribute) -> Result<Vec<(Uuid, Uuid)>, Failure> {
    let mut links = Vec::new();
    for entry in writer.transaction.scan(&layout::links(attribute.no), Direction::Ascending)? {
        let (key, _) = entry?;
        links.push((layout::first_id(&key), layout::last_id(&key)));
    }
    Ok(links)
}

/// Returns the error if the changed attribute does not accept the value of an entity.
pub(crate) fn rejection(attribute: &Attribute, entity: &Uuid, value: &Value) -> Option<Failure> {
    constraints::check_value(attribute, entity, &StoredValue::from_normalized(value.clone())).err()
}

fn check_names(writer: &Writer<'_>, before: &Attr, after: &Attr) -> Result<(), Failure> {
    let changed =
        [(Some(&before.forward), Some(&after.forward)), (before.reverse.as_ref(), after.reverse.as_ref())];
    for (before, after) in changed {
        let (Some(before), Some(after)) = (before, after) else { continue };
        let same = |a: &Identity, b: &Identity| (&a.namespace, &a.label) == (&b.namespace, &b.label);
        if same(before, after) {
            continue;
        }
        attrs::check_name(&writer.catalog, after)?;
        if writer.catalog.resolve(&after.namespace, &after.label).is_some() {
            return Err(Failure::rejected("record-not-unique", "Record not unique: attr")
                .with_hint([("record-type", "attr".into())]));
        }
    }
    if after.required && after.forward.namespace.starts_with('$') {
        return Err(attrs::required_in_system());
    }
    Ok(())
}

fn alter_plain(writer: &mut Writer<'_>, before: &Attribute, after: Attr) -> Result<(), Failure> {
    if after.cardinality == Cardinality::Many && before.is_to_one() {
        let name = &after.forward;
        let message = format!("`{}.{}` is not a link, so it has one value", name.namespace, name.label);
        let invalid = ValidationError::new("attributes", Issue::message(message));
        return Err(Failure::invalid(&invalid, after.to_json()));
    }
    let rules =
        |attr: &Attr| (attr.index, attr.unique, attr.checked_type, attr.cardinality, attr.forward.clone());
    if rules(&before.attr) == rules(&after) {
        replace(writer, before, after);
        return Ok(());
    }
    let mut taken = Vec::new();
    for (id, value) in values(writer, before)? {
        taken.push((id, value, writer.created(before.forward, &id)?));
        writer.unset(before, &id)?;
    }
    let Some(attribute) = replace(writer, before, after) else { return Ok(()) };
    for (id, value, created) in taken {
        let plain = StoredValue::from_normalized(value);
        constraints::check_value(&attribute, &id, &plain)?;
        match created.filter(|_| attribute.label() == "id") {
            Some(created) => writer.put_id(&attribute, &id, created)?,
            None => writer.set(&attribute, &id, &plain)?,
        }
    }
    attrs::fill(writer, &attribute)
}

fn alter_link(writer: &mut Writer<'_>, before: &Attribute, after: Attr) -> Result<(), Failure> {
    let links = links(writer, before)?;
    let to_one = after.cardinality == Cardinality::One;
    let mut seen = BTreeSet::new();
    if to_one && !before.is_to_one() && !links.iter().all(|(from, _)| seen.insert(*from)) {
        return Err(Failure::rejected("record-not-unique", "Record not unique: triple")
            .with_hint([("record-type", "triple".into())]));
    }
    seen.clear();
    if after.unique
        && !before.attr.unique
        && let Some((_, to)) = links.iter().find(|(_, to)| !seen.insert(*to))
    {
        return Err(constraints::not_unique(before, &Value::from(*to)));
    }
    for (from, _) in &links {
        writer.hide_link(before, from)?;
    }
    let Some(attribute) = replace(writer, before, after) else { return Ok(()) };
    if to_one {
        for (from, to) in &links {
            writer.show_link(&attribute, from, to)?;
        }
    }
    Ok(())
}

fn replace(writer: &mut Writer<'_>, before: &Attribute, after: Attr) -> Option<Arc<Attribute>> {
    // Documents that only lose values are encoded with the old names.
    writer.flush();
    Arc::make_mut(&mut writer.catalog).replace(before.no, |attr| *attr = after)
}
