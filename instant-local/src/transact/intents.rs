//! What a transaction is about to do, for whoever has to allow it (`transactions.md` B.5).
//!
//! Nothing here decides anything, and requests that nobody has to allow do without it.

use std::{collections::HashMap, sync::Arc};

use instant_core::{Object, Uuid, Value};

use super::{
    apply::Resolved,
    merge::merge,
    plan::{Fact, FactValue, Group, Plan, Ref},
    writer::Writer,
};
use crate::{
    catalog::{Attribute, Catalog, NamespaceNo},
    failure::Failure,
    store::Snapshot,
};

/// Allows transactions, or refuses them.
pub(crate) trait Guard {
    /// Asked before anything is written; `state` is that before the transaction.
    ///
    /// # Errors
    ///
    /// The refusal.
    fn before(&mut self, intents: &Intents<'_>, state: (&Snapshot, &Catalog)) -> Result<(), Failure>;

    /// Asked when everything is written and nothing is wrong with it; `state` is that after the transaction.
    ///
    /// # Errors
    ///
    /// The refusal, which undoes everything.
    fn after(&mut self, intents: &Intents<'_>, state: (&Snapshot, &Catalog)) -> Result<(), Failure>;
}

/// Everything that one transaction does.
pub(crate) struct Intents<'p> {
    plan: &'p Plan,
    /// In the order of the steps within each kind of operation.
    pub(crate) all: Vec<Intent>,
    /// The entities of lookups; those that the transaction makes are known only after it.
    lookups: HashMap<usize, Uuid>,
    existed: HashMap<(NamespaceNo, Uuid), bool>,
}

/// One operation.
#[derive(Debug, Clone)]
pub(crate) enum Intent {
    /// A plain value, the `id` included, is set or merged.
    Write { entity: Named, attribute: Arc<Attribute> },
    /// An edge is added, from the side that stores it.
    Link { attribute: Arc<Attribute>, from: Named, to: Named },
    /// An edge is removed, from the side that stores it.
    Unlink { attribute: Arc<Attribute>, from: Named, to: Named },
    /// An entity is deleted, by a step or because another one is.
    Delete { entity: Named },
    /// An attribute is created, by a step or because another step needs it.
    AddAttr { attr: Value },
    /// An attribute is deleted.
    DeleteAttr { id: Uuid },
}

/// An entity of a namespace, in whatever way the step names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Named {
    pub(crate) namespace: NamespaceNo,
    pub(super) reference: Ref,
}

impl<'p> Intents<'p> {
    pub(super) fn new(
        plan: &'p Plan,
        deleted: &[(NamespaceNo, Uuid)],
        writer: &mut Writer<'_>,
    ) -> Result<Self, Failure> {
        let mut lookups = HashMap::new();
        for (at, lookup) in plan.lookups.iter().enumerate() {
            if let Some(id) = writer.find(&lookup.attribute, &lookup.value)? {
                lookups.insert(at, id);
            }
        }
        let mut intents = Self { plan, all: Vec::new(), lookups, existed: HashMap::new() };
        for attribute in &plan.created {
            intents.all.push(Intent::AddAttr { attr: attribute.attr.to_json() });
        }
        for group in &plan.groups {
            intents.group(group, deleted);
        }
        intents.look(writer)?;
        Ok(intents)
    }

    fn group(&mut self, group: &Group, deleted: &[(NamespaceNo, Uuid)]) {
        match group {
            Group::AddAttrs(attrs) => {
                self.all.extend(attrs.iter().map(|attr| Intent::AddAttr { attr: attr.to_json() }));
            }
            Group::DeleteAttrs(ids) => self.all.extend(ids.iter().map(|id| Intent::DeleteAttr { id: *id })),
            Group::Delete(_) => self.all.extend(deleted.iter().map(|(namespace, id)| Intent::Delete {
                entity: Named { namespace: *namespace, reference: Ref::Id(*id) },
            })),
            Group::Add(facts) | Group::Merge(facts) => {
                self.all.extend(facts.iter().map(|fact| intent(fact, false)));
            }
            Group::Retract(facts) => self.all.extend(facts.iter().map(|fact| intent(fact, true))),
        }
    }

    /// Notes which of the entities are there.
    fn look(&mut self, writer: &mut Writer<'_>) -> Result<(), Failure> {
        let mut seen = Vec::new();
        for intent in &self.all {
            match intent {
                Intent::Write { entity, .. } | Intent::Delete { entity } => seen.push(*entity),
                Intent::Link { from, to, .. } | Intent::Unlink { from, to, .. } => seen.extend([*from, *to]),
                Intent::AddAttr { .. } | Intent::DeleteAttr { .. } => {}
            }
        }
        for entity in seen {
            if let Some(id) = self.id(entity)
                && !self.existed.contains_key(&(entity.namespace, id))
            {
                self.existed.insert((entity.namespace, id), writer.has_values(entity.namespace, &id)?);
            }
        }
        Ok(())
    }

    /// Learns the ids of the entities that lookups made.
    pub(super) fn learn(&mut self, resolved: &Resolved) {
        for (at, id) in resolved.all() {
            self.lookups.entry(at).or_insert(id);
        }
    }

    /// The id of an entity; none of one that a lookup does not find or has yet to make.
    pub(crate) fn id(&self, entity: Named) -> Option<Uuid> {
        match entity.reference {
            Ref::Id(id) => Some(id),
            Ref::Lookup(at) => self.lookups.get(&at).copied(),
        }
    }

    /// Whether the entity had any value, to-many links left out, before the transaction.
    pub(crate) fn existed(&self, entity: Named) -> bool {
        let id = self.id(entity);
        id.is_some_and(|id| self.existed.get(&(entity.namespace, id)).copied().unwrap_or_default())
    }

    /// The lookup by which a step names the entity, as errors show it.
    pub(crate) fn lookup(&self, entity: Named) -> Option<Value> {
        match entity.reference {
            Ref::Id(_) => None,
            Ref::Lookup(at) => Some(self.plan.lookups[at].to_json()),
        }
    }

    /// The rule params that steps give for an entity; later ones win.
    pub(crate) fn rule_params(&self, entity: Named) -> Object {
        let id = self.id(entity);
        let same = |given: Ref| {
            given == entity.reference
                || id.is_some_and(|id| self.id(Named { reference: given, ..entity }) == Some(id))
        };
        let mut out = Object::new();
        for (namespace, reference, params) in &self.plan.rule_params {
            if *namespace == entity.namespace && same(*reference) {
                out.extend(params.clone());
            }
        }
        out
    }

    /// The labels that the transaction writes of an entity, links included, in the order of their first appearance; not its
    /// `id`, and not the attribute of its lookup.
    pub(crate) fn modified(&self, entity: Named) -> Vec<&str> {
        let mut labels = Vec::new();
        for fact in self.facts(entity, true) {
            let label = fact.attribute.label();
            if label != "id" && !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    /// The values of an entity as the transaction wants them, whatever becomes of it: `before` with all its steps applied.
    /// A link that the transaction adds shows under its label, also that of a to-many one.
    pub(crate) fn applied(&self, entity: Named, before: Object) -> Object {
        let mut row = before;
        for group in &self.plan.groups {
            match group {
                Group::Delete(_) => {
                    let gone = |intent: &Intent| matches!(intent, Intent::Delete { entity: other } if self.is_same(*other, entity));
                    if self.all.iter().any(gone) {
                        row = Object::new();
                    }
                }
                Group::Add(facts) => {
                    for fact in facts.iter().filter(|fact| self.is_about(fact, entity)) {
                        if let Some(value) = self.value(fact) {
                            row.insert(fact.attribute.label(), value);
                        }
                    }
                }
                Group::Merge(facts) => {
                    for fact in facts.iter().filter(|fact| self.is_about(fact, entity)) {
                        let label = fact.attribute.label();
                        if let Some(patch) = self.value(fact) {
                            let stored = row.get(label).cloned();
                            row.insert(label, merge(stored, patch));
                        }
                    }
                }
                Group::Retract(facts) => {
                    for fact in facts.iter().filter(|fact| self.is_about(fact, entity)) {
                        let label = fact.attribute.label();
                        if row.get(label).is_some() && row.get(label) == self.value(fact).as_ref() {
                            row.remove(label);
                        }
                    }
                }
                Group::AddAttrs(_) | Group::DeleteAttrs(_) => {}
            }
        }
        row
    }

    fn value(&self, fact: &Fact) -> Option<Value> {
        match &fact.value {
            FactValue::Own => self.id(Named::of(fact)).map(Value::from),
            FactValue::Plain(plain) => Some(plain.value.clone()),
            FactValue::To(to) => {
                let namespace = fact.attribute.reverse.unwrap_or(fact.attribute.forward);
                self.id(Named { namespace, reference: *to }).map(Value::from)
            }
            FactValue::NoLink(value) => Some(value.clone()),
        }
    }

    fn facts(&self, entity: Named, written: bool) -> impl Iterator<Item = &Fact> {
        let facts = self.plan.groups.iter().filter_map(move |group| match group {
            Group::Add(facts) | Group::Merge(facts) if written => Some(facts),
            _ => None,
        });
        facts.flatten().filter(move |fact| self.is_about(fact, entity))
    }

    fn is_about(&self, fact: &Fact, entity: Named) -> bool {
        self.is_same(Named::of(fact), entity)
    }

    fn is_same(&self, a: Named, b: Named) -> bool {
        a == b || (a.namespace == b.namespace && self.id(a).is_some() && self.id(a) == self.id(b))
    }
}

impl Named {
    fn of(fact: &Fact) -> Self {
        Self { namespace: fact.attribute.forward, reference: fact.entity }
    }
}

fn intent(fact: &Fact, retract: bool) -> Intent {
    let (attribute, from) = (Arc::clone(&fact.attribute), Named::of(fact));
    match (&fact.value, fact.attribute.reverse) {
        (FactValue::To(to), Some(reverse)) if attribute.attr.is_link() => {
            let to = Named { namespace: reverse, reference: *to };
            if retract {
                Intent::Unlink { attribute, from, to }
            } else {
                Intent::Link { attribute, from, to }
            }
        }
        _ => Intent::Write { entity: from, attribute },
    }
}
