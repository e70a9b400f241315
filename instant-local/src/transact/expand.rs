//! Expands steps into facts without reading the store (`docs/protocol/transactions.md`,
//! "5. Step semantics").

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use instant_core::{
    Number, Object, Uuid, Value,
    schema::Attr,
    steps::{self, EntityRef, LinkTargets, Step, StepTarget, UpdateMode},
};

use super::{
    lookups,
    missing::{Names, other_end, size},
    plan::{DeletedEntity, Expectation, Fact, FactValue, Groups, Lookup, Plan, Ref},
    values::StoredValue,
};
use crate::{
    budget::Budget,
    catalog::{AttrNo, Attribute, Catalog, NamespaceNo, Side},
    failure::Failure,
};

/// The number of parameters in a real server's statement, per value and for an id.
const PARAMETERS: usize = 5;

/// Expands steps.
pub(super) fn expand(names: Names, steps: &[Step], budget: &Budget) -> Result<Plan, Failure> {
    let mut expansion = Expansion {
        catalog: Arc::clone(&names.catalog),
        groups: Groups::default(),
        lookups: Vec::new(),
        known_lookups: HashMap::new(),
        expectations: Vec::new(),
        rule_params: Vec::new(),
        kinds: Vec::new(),
        known_kinds: HashSet::new(),
        budget,
        parameters: 0,
        longest_text: 0,
        unreadable: None,
    };
    if !names.created.is_empty() {
        expansion.groups.add_attrs();
    }
    for step in steps {
        budget.spend(size(step))?;
        expansion.step(step)?;
    }
    names.reject_blank()?;
    if let Some(failure) = expansion.unreadable {
        return Err(failure);
    }
    for lookup in &expansion.lookups {
        lookup.check_id()?;
    }
    Ok(Plan {
        admin: false,
        catalog: names.catalog,
        created: names.created,
        uncreatable: names.uncreatable,
        groups: expansion.groups.into_inner(),
        lookups: expansion.lookups,
        expectations: expansion.expectations,
        rule_params: expansion.rule_params,
        kinds: expansion.kinds,
        parameters: expansion.parameters,
        longest_text: expansion.longest_text,
    })
}

struct Expansion<'b> {
    catalog: Arc<Catalog>,
    groups: Groups,
    lookups: Vec<Lookup>,
    known_lookups: HashMap<(AttrNo, Box<str>), usize>,
    expectations: Vec<Expectation>,
    rule_params: Vec<(NamespaceNo, Ref, Object)>,
    kinds: Vec<(AttrNo, &'static str)>,
    known_kinds: HashSet<(AttrNo, &'static str)>,
    budget: &'b Budget,
    parameters: usize,
    longest_text: usize,
    /// The error of the first malformed reference. Rejections of lookups precede it.
    unreadable: Option<Failure>,
}

impl Expansion<'_> {
    fn step(&mut self, step: &Step) -> Result<(), Failure> {
        match step {
            Step::AddAttr(attr) => self.groups.add_attrs().push(Attr::clone(attr)),
            Step::DeleteAttr(id) => self.groups.delete_attrs().push(*id),
            Step::RuleParams(target, params) => {
                let entity = self.reference(&target.namespace, &target.entity, false)?;
                let namespace = self.catalog.namespace(&target.namespace).map(|namespace| namespace.no);
                if let (Some(entity), Some(namespace)) = (entity, namespace) {
                    self.rule_params.push((namespace, entity, params.clone()));
                }
            }
            Step::Delete(target) => self.delete(target)?,
            Step::Create(target, values) => self.values(target, values, Some(false), false)?,
            Step::Update(target, values, mode) => {
                self.values(target, values, (*mode == UpdateMode::Strict).then_some(true), false)?;
            }
            Step::Merge(target, values, mode) => {
                self.values(target, values, (*mode == UpdateMode::Strict).then_some(true), true)?;
            }
            Step::Link(target, edges) => self.edges(target, edges, true)?,
            Step::Unlink(target, edges) => self.edges(target, edges, false)?,
        }
        Ok(())
    }

    fn delete(&mut self, target: &StepTarget) -> Result<(), Failure> {
        let entity = self.reference(&target.namespace, &target.entity, true)?;
        if let (Some(entity), Some(namespace)) = (entity, self.catalog.namespace(&target.namespace)) {
            self.groups.delete().push(DeletedEntity { namespace: namespace.no, entity });
        }
        Ok(())
    }

    /// Expands the values of a step. `exists` is the required existence of the entity before the
    /// transaction, if any.
    fn values(
        &mut self,
        target: &StepTarget,
        values: &Object,
        exists: Option<bool>,
        merge: bool,
    ) -> Result<(), Failure> {
        let Some(entity) = self.reference(&target.namespace, &target.entity, true)? else { return Ok(()) };
        let facts = values.len() + 1;
        self.own_id(&target.namespace, entity);
        for (label, value) in values.iter() {
            let Some(attribute) = self.forward(&target.namespace, label) else { continue };
            let value = if attribute.attr.is_link() {
                link_value(value)
            } else {
                let plain = StoredValue::new(value.clone());
                self.budget.spend_bytes(plain.json.len())?;
                FactValue::Value(plain)
            };
            self.remember_kind(&attribute, &value);
            self.parameters += PARAMETERS;
            let group = if merge { self.groups.merge() } else { self.groups.add() };
            group.push(Fact { entity, attribute, value });
        }
        if let (Some(exists), Some(namespace)) = (exists, self.catalog.namespace(&target.namespace)) {
            self.expectations.push(Expectation { namespace: namespace.no, entity, exists, facts });
        }
        Ok(())
    }

    fn edges(&mut self, target: &StepTarget, edges: &[LinkTargets], link: bool) -> Result<(), Failure> {
        let Some(entity) = self.reference(&target.namespace, &target.entity, true)? else { return Ok(()) };
        if matches!(entity, Ref::Lookup(_)) {
            self.own_id(&target.namespace, entity);
        }
        for LinkTargets { label, targets } in edges {
            let Some(found) = self.catalog.resolve(&target.namespace, label).cloned() else { continue };
            let there = other_end(&self.catalog, &target.namespace, label).unwrap_or_else(|| label.clone());
            for to in targets {
                let fact = match (found.side, to) {
                    (Side::Forward, EntityRef::Malformed(value)) => {
                        let value = FactValue::NoLink(value.clone());
                        Some(Fact { entity, attribute: Arc::clone(&found.attribute), value })
                    }
                    (side, to) => self.reference(&there, to, true)?.map(|to| {
                        let (entity, to) = if side == Side::Forward { (entity, to) } else { (to, entity) };
                        let value = match to {
                            Ref::Id(id) if !found.attribute.attr.is_link() => {
                                FactValue::Value(StoredValue::id(&id))
                            }
                            to => FactValue::To(to),
                        };
                        Fact { entity, attribute: Arc::clone(&found.attribute), value }
                    }),
                };
                let Some(fact) = fact else { continue };
                self.parameters += PARAMETERS;
                if link {
                    self.remember_kind(&fact.attribute, &fact.value);
                    self.groups.add().push(fact);
                } else {
                    self.groups.retract().push(fact);
                }
            }
        }
        Ok(())
    }

    fn own_id(&mut self, namespace: &str, entity: Ref) {
        let Some(attribute) = self.forward(namespace, "id") else { return };
        let kind = if matches!(entity, Ref::Id(_)) { "string" } else { "json" };
        self.kind(&attribute, kind);
        self.parameters += PARAMETERS;
        self.groups.add().push(Fact { entity, attribute, value: FactValue::Own });
    }

    fn forward(&self, namespace: &str, label: &str) -> Option<Arc<Attribute>> {
        let label = self.catalog.resolve(namespace, label).filter(|label| label.side == Side::Forward)?;
        Some(Arc::clone(&label.attribute))
    }

    /// Parses a reference. Returns `None` if it is not an id, and records the error.
    fn reference(
        &mut self,
        namespace: &str,
        entity: &EntityRef,
        with_message: bool,
    ) -> Result<Option<Ref>, Failure> {
        match entity {
            EntityRef::Id(id) => Ok(Some(Ref::Id(*id))),
            EntityRef::Lookup(lookup) => self.lookup(namespace, lookup).map(Some),
            EntityRef::Malformed(found) => {
                let failure = lookups::not_an_id(found, with_message);
                self.unreadable.get_or_insert(failure);
                Ok(None)
            }
        }
    }

    fn lookup(&mut self, namespace: &str, lookup: &steps::Lookup) -> Result<Ref, Failure> {
        let lookup = lookups::resolve(&self.catalog, namespace, lookup)?;
        let key = (lookup.attribute.no, identity(&lookup.value));
        if let Some(at) = self.known_lookups.get(&key) {
            return Ok(Ref::Lookup(*at));
        }
        let at = self.lookups.len();
        self.known_lookups.insert(key, at);
        self.lookups.push(lookup);
        Ok(Ref::Lookup(at))
    }

    fn remember_kind(&mut self, attribute: &Arc<Attribute>, value: &FactValue) {
        match value {
            FactValue::Value(plain) => {
                self.longest_text = self.longest_text.max(plain.longest_text);
                if let Some(kind) = plain.kind() {
                    self.kind(attribute, kind);
                }
            }
            FactValue::To(Ref::Id(_)) => self.kind(attribute, "string"),
            FactValue::To(Ref::Lookup(_)) => self.kind(attribute, "json"),
            FactValue::Own | FactValue::NoLink(_) => {}
        }
    }

    fn kind(&mut self, attribute: &Arc<Attribute>, kind: &'static str) {
        let known = attribute.attr.inferred_types.as_ref();
        if !attribute.system
            && !known.is_some_and(|known| known.iter().any(|known| known == kind))
            && self.known_kinds.insert((attribute.no, kind))
        {
            self.kinds.push((attribute.no, kind));
        }
    }
}

/// Formats a value so that equal numbers have equal texts: a lookup by `7` equals one by `7.0`.
fn identity(plain: &StoredValue) -> Box<str> {
    match &plain.value {
        Value::Number(Number::Float(number)) if number.fract() == 0.0 && number.abs() < WHOLE => {
            format!("{:.0}", number + 0.0).into()
        }
        _ => plain.json.clone(),
    }
}

/// Below this limit different integers are different doubles.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// Returns the target of a link in `create` and `update`, which is an id as a string.
fn link_value(value: &Value) -> FactValue {
    match value.as_str().and_then(steps::parse_uuid) {
        Some(id) => FactValue::To(Ref::Id(id)),
        None => FactValue::NoLink(value.clone()),
    }
}

/// Returns whether the server interprets a value as an internal lookup: a pair that starts with an
/// id.
pub(super) fn is_internal_lookup(value: &Value) -> bool {
    let first = match value.as_array() {
        Some([Value::String(first), _]) => steps::parse_uuid(first),
        _ => None,
    };
    first.is_some_and(|id: Uuid| !id.is_nil())
}
