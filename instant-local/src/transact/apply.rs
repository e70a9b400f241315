//! Performs a plan on the store, group by group (`docs/protocol/transactions.md`,
//! "4. Processing pipeline", "8. Order of execution and atomicity").

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use instant_core::{Issue, Object, Uuid, ValidationError, Value};

use super::{
    attrs, cascade,
    constraints::{self, Missing},
    expand::is_internal_lookup,
    guard::TransactionGuard,
    intents::Intents,
    lookups,
    merge::Merged,
    plan::{DeletedEntity, Fact, FactValue, Group, Plan, Ref},
    resolved::Resolved,
    system,
    values::StoredValue,
    writer::{Change, Writer},
};
use crate::{
    catalog::{AttrNo, Attribute, NamespaceNo},
    failure::Failure,
};

/// Performs all groups and returns the changes.
pub(super) fn apply(
    plan: &Plan,
    writer: &mut Writer<'_>,
    mut guard: Option<&mut TransactionGuard<'_>>,
) -> Result<Vec<Change>, Failure> {
    let deleted = deletions(plan, writer)?;
    let mut intents = None;
    if let Some(guard) = &mut guard {
        let asked = intents.insert(Intents::new(plan, &deleted, writer)?);
        guard.check_before(asked, writer.state())?;
    }
    check_expectations(plan, writer)?;
    let mut attrs_deleted = false;
    // A merge applies to the entity whose id the same step added.
    let mut added = Resolved::default();
    for group in &plan.groups {
        match group {
            Group::AddAttrs(explicit) => {
                if let Some(failure) = &plan.uncreatable {
                    return Err(failure.clone());
                }
                attrs::created(writer, &plan.created)?;
                attrs::add(writer, explicit)?;
            }
            Group::DeleteAttrs(ids) => {
                attrs::delete(writer, ids)?;
                attrs_deleted = true;
            }
            Group::Delete(_) => {
                for (namespace, id) in &deleted {
                    writer.delete(*namespace, id)?;
                }
            }
            Group::Add(facts) | Group::Merge(facts) | Group::Retract(facts) => {
                if attrs_deleted && let Some(fact) = facts.iter().find(|fact| is_gone(fact, writer)) {
                    let id = fact.attribute.attr.id;
                    let message = format!("We could not find an attribute with id = '{id}'");
                    return Err(constraints::raised(message));
                }
                match group {
                    Group::Add(_) => add(plan, facts, &mut added, writer)?,
                    Group::Merge(_) => deep_merge(plan, facts, &mut added, writer)?,
                    _ => retract(plan, facts, writer)?,
                }
            }
        }
    }
    let changes = writer.changes();
    check_required(&changes, writer)?;
    attrs::remember_kinds(writer, &plan.kinds);
    writer.flush();
    if let (Some(guard), Some(intents)) = (guard, &mut intents) {
        intents.add_created(added.all());
        guard.check_after(intents, writer.state())?;
    }
    Ok(changes)
}

fn is_gone(fact: &Fact, writer: &Writer<'_>) -> bool {
    writer.catalog.attribute(fact.attribute.no).is_none()
}

/// Returns the entities to delete, with those that cascades add, in the data before the
/// transaction.
pub(super) fn deletions(plan: &Plan, writer: &mut Writer<'_>) -> Result<Vec<(NamespaceNo, Uuid)>, Failure> {
    let mut roots = Vec::new();
    for group in &plan.groups {
        let Group::Delete(deleted) = group else { continue };
        for DeletedEntity { namespace, entity } in deleted {
            if let Some(id) = existing_entity(plan, *entity, writer)? {
                roots.push((*namespace, id));
            }
        }
    }
    cascade::expand(writer, roots)
}

/// Returns the entity of a delete, a `create` or a strict `update`, if it exists before the
/// transaction.
pub(super) fn existing_entity(
    plan: &Plan,
    entity: Ref,
    writer: &mut Writer<'_>,
) -> Result<Option<Uuid>, Failure> {
    match entity {
        Ref::Id(id) => Ok(Some(id)),
        Ref::Lookup(at) if plan.lookups[at].is_overlooked() => Ok(None),
        Ref::Lookup(at) => writer.find(&plan.lookups[at].attribute, &plan.lookups[at].value),
    }
}

fn check_expectations(plan: &Plan, writer: &mut Writer<'_>) -> Result<(), Failure> {
    for exists in [false, true] {
        let mut failing = Vec::new();
        for expectation in plan.expectations.iter().filter(|expectation| expectation.exists == exists) {
            let there = match existing_entity(plan, expectation.entity, writer)? {
                Some(id) => writer.exists(expectation.namespace, &id)?,
                None => false,
            };
            if there != exists {
                failing.push(expectation);
            }
        }
        if failing.is_empty() {
            continue;
        }
        let (mut names, mut operations) = (Vec::new(), Vec::new());
        for expectation in failing {
            let (name, json) = match expectation.entity {
                Ref::Id(id) => (id.to_string(), Value::from(id)),
                Ref::Lookup(at) => (plan.lookups[at].notation(), plan.lookups[at].to_json()),
            };
            let namespace = plan.catalog.namespace_name(expectation.namespace).unwrap_or_default();
            let operation = Object::from_iter([
                ("op".to_owned(), "add-triple".into()),
                ("eid".to_owned(), json),
                ("etype".to_owned(), namespace.into()),
            ]);
            for _ in 0..expectation.facts {
                names.push(name.clone());
                operations.push(Value::from(operation.clone()));
            }
        }
        let rule = if exists { "Updating entities that don't exist" } else { "Creating entities that exist" };
        let issue = Issue::message(format!("{rule}: {}", names.join(", ")));
        return Err(Failure::invalid(&ValidationError::new("tx-step", issue), Value::Array(operations)));
    }
    Ok(())
}

/// Adds values and links, in the order of the entities' ids. The last value of a to-one attribute
/// wins.
fn add(plan: &Plan, facts: &[Fact], resolved: &mut Resolved, writer: &mut Writer<'_>) -> Result<(), Failure> {
    if facts.iter().any(|fact| matches!(&fact.value, FactValue::Value(plain) if plain.has_nul)) {
        return Err(constraints::null_bytes());
    }
    let mut entities = Vec::with_capacity(facts.len());
    for fact in facts {
        entities.push(resolved.entity(plan, fact, facts, writer)?);
    }
    let mut written = HashSet::with_capacity(facts.len());
    let mut ordered = Vec::with_capacity(facts.len());
    for (fact, id) in facts.iter().zip(entities).rev() {
        let to = match fact.value {
            FactValue::To(to) => {
                let found = resolved.target(plan, to, writer)?;
                Some(found.ok_or_else(|| match to {
                    Ref::Lookup(at) => plan.lookups[at].not_found(),
                    Ref::Id(id) => lookups::not_found(&fact.attribute, id.into()),
                })?)
            }
            _ => None,
        };
        if !fact.attribute.is_to_one() || written.insert((id, fact.attribute.no)) {
            ordered.push((id, fact, to));
        }
    }
    ordered.reverse();
    ordered.sort_by_key(|(id, ..)| *id);
    let mut new_rows = Vec::new();
    for (id, fact, to) in ordered {
        let attribute = &fact.attribute;
        match (&fact.value, to) {
            (FactValue::Own, _) => {
                if writer.set_id(attribute, &id)? {
                    system::check_new_row(plan, attribute, &id)?;
                    new_rows.push((attribute.forward, id));
                }
            }
            (FactValue::Value(plain), _) => {
                constraints::check_value(attribute, &id, plain)?;
                writer.set(attribute, &id, plain)?;
            }
            (FactValue::NoLink(value), _) if is_internal_lookup(value) => {
                return Err(lookups::not_found(attribute, value.clone()));
            }
            (FactValue::NoLink(value), _) => return Err(constraints::no_link(attribute, &id, value)),
            (FactValue::To(_), to) => match to {
                Some(to) if attribute.attr.is_link() => writer.link(attribute, &id, &to)?,
                Some(to) => writer.set(attribute, &id, &StoredValue::id(&to))?,
                None => {}
            },
        }
    }
    for (namespace, id) in new_rows {
        writer.fill_with_nulls(namespace, &id)?;
    }
    Ok(())
}

/// Merges values in the order of the steps.
fn deep_merge(
    plan: &Plan,
    facts: &[Fact],
    resolved: &mut Resolved,
    writer: &mut Writer<'_>,
) -> Result<(), Failure> {
    // Many patches of one value are written once. Only values with an index or a type have
    // constraints that each patch must meet.
    let mut merging = HashMap::<(AttrNo, Uuid), usize>::new();
    let mut deferred: Vec<(&Attribute, Uuid, Merged)> = Vec::new();
    for fact in facts {
        let attribute = &fact.attribute;
        let FactValue::Value(patch) = &fact.value else {
            return Err(constraints::raised("merge operation is not supported for links"));
        };
        if patch.has_nul {
            return Err(constraints::null_bytes());
        }
        let id = resolved.entity(plan, fact, &[], writer)?;
        let constrained = attribute.has_index() || attribute.attr.checked_type.is_some();
        if !constrained && let Some(at) = merging.get(&(attribute.no, id)) {
            writer.spend_bytes(patch.json.len())?;
            deferred[*at].2.merge(patch.value.clone());
            continue;
        }
        let mut parsed = 0;
        let merged = match (&patch.value, writer.value(attribute, &id)?) {
            (Value::Object(_), Some(stored)) => {
                parsed = stored.len();
                let stored = Value::parse(stored)
                    .map_err(|error| Failure::damaged(format!("a value of {}: {error}", attribute.name())))?;
                let mut merged = Merged::Value(stored);
                merged.merge(patch.value.clone());
                merged
            }
            _ => Merged::Value(patch.value.clone()),
        };
        writer.spend_bytes(parsed + patch.json.len())?;
        if constrained {
            let plain = StoredValue::from_normalized(merged.into_value());
            constraints::check_value(attribute, &id, &plain)?;
            writer.set(attribute, &id, &plain)?;
        } else {
            merging.insert((attribute.no, id), deferred.len());
            deferred.push((attribute, id, merged));
        }
    }
    for (attribute, id, merged) in deferred {
        writer.set(attribute, &id, &StoredValue::from_normalized(merged.into_value()))?;
    }
    Ok(())
}

/// Removes links, and plain values that equal the id in an `unlink`.
fn retract(plan: &Plan, facts: &[Fact], writer: &mut Writer<'_>) -> Result<(), Failure> {
    let mut resolved = Resolved::default();
    for fact in facts {
        let Some(id) = resolved.target(plan, fact.entity, writer)? else { continue };
        let attribute: &Attribute = &fact.attribute;
        match &fact.value {
            FactValue::To(to) => {
                let Some(to) = resolved.target(plan, *to, writer)? else { continue };
                if attribute.attr.is_link() {
                    writer.unlink(attribute, &id, &to)?;
                }
            }
            FactValue::Value(plain) if writer.value(attribute, &id)? == Some(&*plain.json) => {
                writer.unset(attribute, &id)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks that every changed entity that still has values has those that its namespace requires.
pub(super) fn check_required(changes: &[Change], writer: &mut Writer<'_>) -> Result<(), Failure> {
    let catalog = Arc::clone(&writer.catalog);
    let mut required = HashMap::new();
    let mut missing = Vec::new();
    for change in changes.iter().filter(|change| change.touched) {
        let wanted = required.entry(change.namespace).or_insert_with(|| {
            let name = catalog.namespace_name(change.namespace).unwrap_or_default();
            constraints::required(&catalog, name)
        });
        if wanted.is_empty() || !has_value(change, writer)? {
            continue;
        }
        for &attribute in &*wanted {
            let there = if attribute.attr.is_link() && !attribute.is_to_one() {
                writer.has_link_from(attribute, &change.entity)?
            } else {
                writer.value(attribute, &change.entity)?.is_some_and(|json| json != "null")
            };
            if !there {
                missing.push(Missing { entity: change.entity, attribute });
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(constraints::missing_required(&missing)) }
}

fn has_value(change: &Change, writer: &mut Writer<'_>) -> Result<bool, Failure> {
    let catalog = Arc::clone(&writer.catalog);
    let Some(namespace) = catalog.namespace_by_no(change.namespace) else { return Ok(false) };
    for attribute in &namespace.stored {
        let there = if attribute.attr.is_link() && !attribute.is_to_one() {
            writer.has_link_from(attribute, &change.entity)?
        } else {
            writer.value(attribute, &change.entity)?.is_some_and(|json| json != "null")
        };
        if there {
            return Ok(true);
        }
    }
    Ok(false)
}
