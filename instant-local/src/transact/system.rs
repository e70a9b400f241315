//! Restrictions of writes to the platform's namespaces (`docs/protocol/transactions.md`,
//! "10. System namespaces").

use instant_core::{Issue, Uuid, ValidationError, Value};

use super::plan::{Fact, FactValue, Group, Plan, Ref};
use crate::{
    catalog::{Attribute, Catalog},
    failure::Failure,
};

/// Rejects writes of system attributes and deletes of system entities.
pub(super) fn check(plan: &Plan) -> Result<(), Failure> {
    let admin = plan.admin;
    for group in &plan.groups {
        match group {
            Group::Add(facts) | Group::Merge(facts) | Group::Retract(facts) => {
                facts.iter().try_for_each(|fact| check_fact(fact, plan, admin))?;
            }
            Group::Delete(gone) if !admin => {
                for gone in gone {
                    let name = plan.catalog.namespace_name(gone.namespace);
                    if let Some(name) = name.filter(|name| name.starts_with('$') && *name != "$files") {
                        let operation = ["delete-entity".into(), reference(gone.entity, plan), name.into()];
                        let rule = "is a system entity. You aren't allowed to delete this directly.";
                        return Err(rejected(format!("{name} {rule}"), operation.into()));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Rejects a new row of `$users`, which only the admin and sign-in may create. `id` is the `id`
/// attribute of the namespace.
pub(super) fn check_new_row(plan: &Plan, attribute: &Attribute, entity: &Uuid) -> Result<(), Failure> {
    if plan.admin || attribute.attr.forward.namespace != "$users" {
        return Ok(());
    }
    let id = Value::from(*entity);
    let operation = ["add-triple".into(), id.clone(), attribute.attr.id.into(), id, Value::Null];
    let rule = "$users is a system entity. You aren't allowed to create this directly.";
    Err(rejected(rule, operation.into()))
}

fn check_fact(fact: &Fact, plan: &Plan, admin: bool) -> Result<(), Failure> {
    let attribute = &fact.attribute;
    let namespace = attribute.attr.forward.namespace.as_str();
    if !attribute.system || !namespace.starts_with('$') {
        return Ok(());
    }
    let operation = || {
        let value = match &fact.value {
            FactValue::Own => reference(fact.entity, plan),
            FactValue::Value(plain) => plain.value.clone(),
            FactValue::To(to) => reference(*to, plan),
            FactValue::NoLink(value) => value.clone(),
        };
        let id = attribute.attr.id.into();
        ["add-triple".into(), reference(fact.entity, plan), id, value, Value::Null].into()
    };
    let allowed = match (namespace, attribute.label()) {
        ("$users" | "$files" | "$streams", "id") => true,
        ("$files", "path") => {
            if let FactValue::Value(plain) = &fact.value
                && plain.value.as_str().is_some_and(|path| path.starts_with("$stream/"))
            {
                return Err(rejected("The path for stream files can't be edited.", operation()));
            }
            true
        }
        ("$files" | "$streams", _) => false,
        _ => admin,
    };
    if allowed {
        return Ok(());
    }
    let rule = "is a system column. You aren't allowed to change this directly.";
    Err(rejected(format!("{} {rule}", attribute.name()), operation()))
}

fn reference(entity: Ref, plan: &Plan) -> Value {
    match entity {
        Ref::Id(id) => id.into(),
        Ref::Lookup(at) => plan.lookups[at].to_json(),
    }
}

fn rejected(message: impl Into<String>, operation: Value) -> Failure {
    Failure::invalid(&ValidationError::new("tx-step", Issue::message(message)), operation)
}

/// Rejects a new attribute in a namespace of the platform.
pub(super) fn check_namespace(catalog: &Catalog, namespace: &str, label: &str) -> Result<(), Failure> {
    if !namespace.starts_with('$') {
        return Ok(());
    }
    let invalid = |message: String| {
        let input = Value::from_iter([Value::from(namespace), label.into()]);
        Failure::invalid(&ValidationError::new("attributes", Issue::message(message)), input)
    };
    if !["$users", "$files", "$streams"].contains(&namespace) {
        return Err(invalid(format!("$ is reserved for system tables. You can't create {namespace}")));
    }
    match catalog.resolve(namespace, label) {
        Some(known) if known.attribute.system => {
            Err(invalid(format!("{namespace}.{label} is a system column and it already exists.")))
        }
        _ => Ok(()),
    }
}
