//! Creates the attributes that steps refer to and the app does not have
//! (`docs/protocol/transactions.md`, "7. Attributes that do not exist yet").

use std::sync::Arc;

use instant_core::{
    Issue, Object, ValidationError, Value,
    schema::{Attr, Cardinality, Identity, is_valid_name},
    steps::{EntityRef, LinkTargets, Step, StepTarget},
};

use super::{
    attrs,
    lookups::{Found, find_attribute},
};
use crate::{
    budget::Budget,
    catalog::{Attribute, Catalog, Side, id_attr},
    failure::Failure,
};

/// The catalog with the attributes that the steps of a transaction need.
pub(super) struct Names {
    pub(super) catalog: Arc<Catalog>,
    pub(super) created: Vec<Arc<Attribute>>,
    /// The error of an attribute whose name is taken or reserved.
    pub(super) uncreatable: Option<Failure>,
}

/// Adds the missing attributes, in the order of the steps that need them.
pub(super) fn complete(catalog: Arc<Catalog>, steps: &[Step], budget: &Budget) -> Result<Names, Failure> {
    let mut names = Names { catalog, created: Vec::new(), uncreatable: None };
    for step in steps {
        budget.spend(size(step))?;
        names.complete(step);
    }
    Ok(names)
}

/// Returns the number of values and links of a step, and one for itself.
pub(super) fn size(step: &Step) -> u32 {
    let size = match step {
        Step::Create(_, values) | Step::Update(_, values, _) | Step::Merge(_, values, _) => values.len(),
        Step::Link(_, edges) | Step::Unlink(_, edges) => edges.iter().map(|edges| edges.targets.len()).sum(),
        _ => 0,
    };
    u32::try_from(size).unwrap_or(u32::MAX).saturating_add(1)
}

impl Names {
    fn complete(&mut self, step: &Step) {
        let Some(target) = step.target() else { return };
        match step {
            Step::RuleParams(..) => {}
            Step::Delete(_) => self.lookup(target),
            Step::Create(_, values) | Step::Update(_, values, _) | Step::Merge(_, values, _) => {
                self.entity(target);
                for label in values.keys() {
                    self.value(&target.namespace, label);
                }
            }
            Step::Link(_, edges) | Step::Unlink(_, edges) => {
                self.entity(target);
                for edges in edges {
                    self.link(&target.namespace, edges, matches!(step, Step::Link(..)));
                }
            }
            _ => {}
        }
    }

    /// Adds the attribute of a lookup. It comes first because it can be `id`, which is then
    /// indexed.
    fn entity(&mut self, target: &StepTarget) {
        let by_id = matches!(&target.entity, EntityRef::Lookup(lookup) if lookup.attr == "id");
        if by_id {
            self.lookup(target);
        }
        if !self.has_forward(&target.namespace, "id") {
            self.create(id_attr(&target.namespace));
        }
        if !by_id {
            self.lookup(target);
        }
    }

    fn lookup(&mut self, target: &StepTarget) {
        if let EntityRef::Lookup(lookup) = &target.entity {
            self.lookup_attribute(&target.namespace, &lookup.attr);
        }
    }

    fn lookup_attribute(&mut self, namespace: &str, name: &str) {
        match find_attribute(&self.catalog, namespace, name) {
            Found::Missing => {
                let mut attr = Attr::blob(namespace, name);
                (attr.unique, attr.index) = (true, true);
                self.create(attr);
            }
            Found::MissingLink(label) => self.create(one_to_one(namespace, label)),
            Found::Unique(_) | Found::NotUnique | Found::NotValid => {}
        }
    }

    fn value(&mut self, namespace: &str, label: &str) {
        if !self.has_forward(namespace, label) {
            self.create(Attr::blob(namespace, label));
        }
    }

    fn link(&mut self, namespace: &str, edges: &LinkTargets, create_lookups: bool) {
        let lookups = || {
            edges.targets.iter().filter_map(|to| match to {
                EntityRef::Lookup(lookup) => Some(lookup.attr.as_str()),
                _ => None,
            })
        };
        if self.catalog.resolve(namespace, &edges.label).is_none() {
            let by_lookup = create_lookups && lookups().next().is_some();
            self.create(if by_lookup {
                one_to_one(namespace, &edges.label)
            } else {
                Attr::link(Identity::new(namespace, &edges.label), Identity::new(&edges.label, namespace))
            });
        }
        if create_lookups && let Some(there) = other_end(&self.catalog, namespace, &edges.label) {
            for name in lookups() {
                self.lookup_attribute(&there, name);
            }
        }
    }

    fn has_forward(&self, namespace: &str, label: &str) -> bool {
        self.catalog.resolve(namespace, label).is_some_and(|label| label.side == Side::Forward)
    }

    fn create(&mut self, attr: Attr) {
        if self.uncreatable.is_none() {
            self.uncreatable = attrs::check_names(&self.catalog, &attr).err();
        }
        let created = Arc::make_mut(&mut self.catalog).add(attr);
        self.created.push(created);
    }

    /// Rejects the added attributes, for requests that do not allow new ones.
    pub(super) fn reject_created(&self) -> Result<(), Failure> {
        if self.created.is_empty() {
            return Ok(());
        }
        let names = Value::from_iter(self.created.iter().map(|attribute| attribute.name()));
        let mut issue = Issue::message("Attributes are missing in your schema");
        issue.hint = Some(Object::from_iter([("attributes".to_owned(), names)]));
        Err(Failure::invalid_request(&ValidationError::new("steps", issue)))
    }

    /// Rejects names that are blank or look like ids.
    pub(super) fn reject_blank(&self) -> Result<(), Failure> {
        for (index, attribute) in self.created.iter().enumerate() {
            let name = &attribute.attr.forward;
            let at = match (is_valid_name(&name.namespace), is_valid_name(&name.label)) {
                (true, true) => continue,
                (false, _) => 1usize,
                (true, false) => 2,
            };
            let check = Value::from_iter(["complement", "clojure.string/blank?"]);
            let place = [index.into(), 1.into(), "forward-identity".into(), at.into()];
            let invalid = ValidationError::new("tx-steps", Issue::expected(check).at(place));
            return Err(Failure::invalid_request(&invalid));
        }
        Ok(())
    }
}

/// Returns the namespace that a label leads to, if it is a link.
pub(super) fn other_end(catalog: &Catalog, namespace: &str, label: &str) -> Option<String> {
    let label = catalog.resolve(namespace, label)?;
    let name = match label.side {
        Side::Forward => label.attribute.attr.reverse.as_ref().filter(|_| label.attribute.attr.is_link())?,
        Side::Reverse => &label.attribute.attr.forward,
    };
    Some(name.namespace.clone())
}

fn one_to_one(namespace: &str, label: &str) -> Attr {
    let mut attr = Attr::link(Identity::new(namespace, label), Identity::new(label, namespace));
    attr.cardinality = Cardinality::One;
    (attr.unique, attr.index) = (true, true);
    attr
}
