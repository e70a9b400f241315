//! Plans the steps that add what a declared schema contains and the catalog lacks, and that change
//! what differs. Nothing is deleted or renamed (`docs/protocol/schema-and-platform.md`,
//! "3.6 Additive plan and apply").

use instant_core::{
    Issue, ValidationError,
    schema::{Attr, Cardinality, Identity, Schema},
};

use super::{
    compare::{PushOptions, compare},
    step::Step,
};
use crate::{
    catalog::{Attribute, Catalog, Side, attrs_of},
    failure::Failure,
};

/// The plan of a schema push.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PushPlan {
    /// New `id` attributes, then attributes, then links.
    pub(crate) steps: Vec<Step>,
    /// The attributes that the schema declares, without `id` and system attributes.
    pub(crate) wanted: Vec<Attr>,
}

/// Compares a schema with the catalog.
///
/// # Errors
///
/// Returns all conflicting names and invalid cascades together.
pub(crate) fn plan(catalog: &Catalog, schema: &Schema, options: PushOptions) -> Result<PushPlan, Failure> {
    let (mut ids, mut rest) = (Vec::new(), Vec::new());
    for mut attr in attrs_of(schema).into_iter().filter(|attr| !is_system(catalog, attr)) {
        if !options.types {
            attr.checked_type = None;
        }
        match attr.forward.label.as_str() {
            "id" if !attr.is_link() => ids.push(attr),
            _ => rest.push(attr),
        }
    }
    check(catalog, &rest)?;
    let mut steps = Vec::new();
    for id in ids {
        if catalog.resolve(&id.forward.namespace, "id").is_none() {
            steps.push(Step::add(id));
        }
    }
    for attr in &rest {
        match known(catalog, attr) {
            None => steps.push(Step::add(attr.clone())),
            Some(known) => steps.extend(compare(&known.attr, attr, options)),
        }
    }
    Ok(PushPlan { steps, wanted: rest })
}

fn is_same_link(a: &Attr, b: &Attr) -> bool {
    let names = |attr: &Attr| {
        let names = [Some(&attr.forward), attr.reverse.as_ref()];
        names.map(|name| name.map(|name| (name.namespace.clone(), name.label.clone())))
    };
    a.is_link() && b.is_link() && names(a) == names(b)
}

/// Returns the attribute with the names of `attr`.
fn known<'c>(catalog: &'c Catalog, attr: &Attr) -> Option<&'c Attribute> {
    let label = catalog.resolve(&attr.forward.namespace, &attr.forward.label)?;
    let known = &label.attribute;
    let same = match attr.is_link() {
        true => is_same_link(&known.attr, attr),
        false => !known.attr.is_link(),
    };
    (same && label.side == Side::Forward).then_some(known)
}

/// Returns whether an attribute is a system attribute, which plans omit. A system link that is
/// declared with other names is not.
fn is_system(catalog: &Catalog, attr: &Attr) -> bool {
    let name = &attr.forward;
    let Some(label) = catalog.resolve(&name.namespace, &name.label) else { return false };
    if !label.attribute.system {
        return false;
    }
    match known(catalog, attr).filter(|_| attr.is_link()) {
        None => !attr.is_link(),
        Some(known) => {
            let plain = !attr.required && !attr.on_delete && !attr.on_delete_reverse;
            plain && known.attr.cardinality == attr.cardinality && known.attr.unique == attr.unique
        }
    }
}

fn check(catalog: &Catalog, attrs: &[Attr]) -> Result<(), Failure> {
    let (mut taken, mut turned, mut cascades) = (Vec::new(), Vec::new(), Vec::new());
    for attr in attrs {
        let forward = &attr.forward;
        if let Some(reverse) = &attr.reverse {
            if attr.on_delete && attr.cardinality == Cardinality::Many {
                cascades.push(cascade(forward));
            }
            if attr.on_delete_reverse && !attr.unique {
                cascades.push(cascade(reverse));
            }
        }
        if known(catalog, attr).is_some() {
            continue;
        }
        if is_reversed(catalog, attr) {
            turned.push(issue(
                forward,
                "a link with these two labels exists in the other direction; swap `forward` and `reverse` here, or delete the \
                 existing link",
            ));
            continue;
        }
        let is_link = |name: &&Identity| {
            catalog.resolve(&name.namespace, &name.label).is_some_and(|label| label.attribute.attr.is_link())
        };
        let in_use = |name: &&Identity| catalog.resolve(&name.namespace, &name.label).is_some();
        let names = [Some(forward).filter(in_use), attr.reverse.as_ref().filter(is_link)];
        if let Some(name) = names.into_iter().flatten().next() {
            taken.push(issue(
                name,
                "the name is in use; rename this end, or the attribute or link that has it",
            ));
        }
    }
    let issues = Vec::from_iter(taken.into_iter().chain(turned).chain(cascades));
    match issues.is_empty() {
        true => Ok(()),
        false => {
            let mut invalid = ValidationError::new("schema", Issue::default());
            invalid.issues = issues;
            Err(Failure::invalid(&invalid, "plan".into()))
        }
    }
}

/// Returns whether a link with the same ends exists in the other direction.
fn is_reversed(catalog: &Catalog, attr: &Attr) -> bool {
    let Some(reverse) = &attr.reverse else { return false };
    let Some(label) = catalog.resolve(&reverse.namespace, &reverse.label) else { return false };
    let known = &label.attribute.attr;
    label.side == Side::Forward
        && known.reverse.as_ref().is_some_and(|name| {
            (&name.namespace, &name.label) == (&attr.forward.namespace, &attr.forward.label)
        })
}

fn cascade(name: &Identity) -> Issue {
    issue(name, "a cascade needs an end that has one: declare it `has: one`, or leave the cascade out")
}

fn issue(name: &Identity, text: &str) -> Issue {
    let message = format!("{}->{}: {text}", name.namespace, name.label);
    Issue::message(message).at(vec!["schema".into()])
}
