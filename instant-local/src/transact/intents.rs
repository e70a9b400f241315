//! What a transaction is about to do, for whoever has to allow it (`transactions.md` B.5).
//!
//! Nothing here decides anything, and requests that nobody has to allow do without it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use instant_core::{Object, Uuid, Value};

use super::{
    apply::Resolved,
    merge::merge,
    plan::{Fact, FactValue, Group, Plan, Ref},
    writer::Writer,
};
use crate::{
    catalog::{Attribute, NamespaceNo},
    failure::Failure,
};

/// Everything that one transaction does.
pub(super) struct Intents<'p> {
    plan: &'p Plan,
    /// In the order of the steps within each kind of operation.
    pub(super) all: Vec<Intent>,
    /// The entities of lookups; those that the transaction makes are known only after it.
    lookups: HashMap<usize, Uuid>,
    /// For each entity the places of its facts: group, and fact in the group.
    facts: HashMap<Named, Vec<(usize, usize)>>,
    deleted: HashSet<Named>,
    /// The entities that lookups found before the transaction.
    found: HashMap<usize, Uuid>,
}

/// One operation.
#[derive(Debug, Clone)]
pub(super) enum Intent {
    /// A plain value, the `id` included, is set or merged.
    Write { entity: Named },
    /// An edge is added, from the side that stores it.
    Link { attribute: Arc<Attribute>, from: Named, to: Named },
    /// An edge is removed, from the side that stores it.
    Unlink { attribute: Arc<Attribute>, from: Named, to: Named },
    /// An entity is deleted, by a step or because another one is.
    Delete { entity: Named },
    /// An attribute is created, by a step or because another step needs it.
    AddAttr { attr: Value },
    /// An attribute is deleted.
    DeleteAttr,
}

/// An entity of a namespace, in whatever way the step names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Named {
    pub(super) namespace: NamespaceNo,
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
        let mut intents = Self {
            plan,
            all: Vec::new(),
            found: lookups.clone(),
            lookups,
            facts: HashMap::new(),
            deleted: HashSet::new(),
        };
        intents.sort_facts();
        for attribute in &plan.created {
            intents.all.push(Intent::AddAttr { attr: attribute.attr.to_json() });
        }
        for group in &plan.groups {
            intents.group(group, deleted);
        }
        Ok(intents)
    }

    /// Notes which facts are about which entity.
    fn sort_facts(&mut self) {
        for (at, group) in self.plan.groups.iter().enumerate() {
            let (Group::Add(facts) | Group::Merge(facts) | Group::Retract(facts)) = group else { continue };
            for (place, fact) in facts.iter().enumerate() {
                let entity = self.same(Named::of(fact));
                self.facts.entry(entity).or_default().push((at, place));
            }
        }
    }

    /// One name for each entity, however steps name it.
    pub(super) fn same(&self, entity: Named) -> Named {
        match entity.reference {
            Ref::Lookup(at) => match self.found.get(&at) {
                Some(id) => Named { reference: Ref::Id(*id), ..entity },
                None => entity,
            },
            Ref::Id(_) => entity,
        }
    }

    fn group(&mut self, group: &Group, deleted: &[(NamespaceNo, Uuid)]) {
        match group {
            Group::AddAttrs(attrs) => {
                self.all.extend(attrs.iter().map(|attr| Intent::AddAttr { attr: attr.to_json() }));
            }
            Group::DeleteAttrs(ids) => self.all.extend(ids.iter().map(|_| Intent::DeleteAttr)),
            Group::Delete(_) => {
                for (namespace, id) in deleted {
                    let entity = Named { namespace: *namespace, reference: Ref::Id(*id) };
                    self.deleted.insert(entity);
                    self.all.push(Intent::Delete { entity });
                }
            }
            Group::Add(facts) | Group::Merge(facts) => {
                self.all.extend(facts.iter().map(|fact| intent(fact, false)));
            }
            Group::Retract(facts) => self.all.extend(facts.iter().map(|fact| intent(fact, true))),
        }
    }

    /// Learns the ids of the entities that lookups made.
    pub(super) fn learn(&mut self, resolved: &Resolved) {
        for (at, id) in resolved.all() {
            self.lookups.entry(at).or_insert(id);
        }
    }

    /// The id of an entity; none of one that a lookup does not find or has yet to make.
    pub(super) fn id(&self, entity: Named) -> Option<Uuid> {
        match entity.reference {
            Ref::Id(id) => Some(id),
            Ref::Lookup(at) => self.lookups.get(&at).copied(),
        }
    }

    #[cfg(test)]
    pub(super) fn namespace_name(&self, entity: Named) -> &str {
        self.plan.catalog.namespace_name(entity.namespace).unwrap_or_default()
    }

    /// The lookup by which steps name an entity that is there, as they write it; none if they name
    /// it by its id.
    pub(super) fn lookup_of(&self, entity: Named) -> Option<Value> {
        let (_, fact) = self.facts(entity).find(|(_, fact)| matches!(fact.value, FactValue::Own))?;
        match fact.entity {
            Ref::Id(_) => None,
            Ref::Lookup(at) => Some(self.plan.lookups[at].to_json()),
        }
    }

    /// The rule params that steps give for an entity; later ones win.
    pub(super) fn rule_params(&self, entity: Named) -> Object {
        let mut out = Object::new();
        for (namespace, reference, params) in &self.plan.rule_params {
            let given = Named { namespace: *namespace, reference: *reference };
            if self.same(given) == self.same(entity) {
                out.extend(params.clone());
            }
        }
        out
    }

    /// The labels that the transaction writes of an entity, links included, in the order of their
    /// first appearance; not its `id`, and not the attribute of its lookup.
    pub(super) fn modified(&self, entity: Named) -> Vec<&str> {
        let mut labels = Vec::new();
        for (at, fact) in self.facts(entity) {
            if matches!(self.plan.groups[at], Group::Retract(_)) {
                continue;
            }
            let label = fact.attribute.label();
            if label != "id" && !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    /// The values of an entity as the transaction wants them, whatever becomes of it: `before` with
    /// all its steps applied. A link that the transaction adds shows under its label, also that of
    /// a to-many one.
    pub(super) fn applied(&self, entity: Named, before: Object) -> Object {
        let mut row = before;
        for (at, group) in self.plan.groups.iter().enumerate() {
            if matches!(group, Group::Delete(_)) && self.deleted.contains(&self.same(entity)) {
                row = Object::new();
            }
            for fact in self.facts(entity).filter(|(place, _)| *place == at).map(|(_, fact)| fact) {
                let label = fact.attribute.label();
                let Some(value) = self.value(fact) else { continue };
                match group {
                    Group::Add(_) => drop(row.insert(label, value)),
                    Group::Merge(_) => {
                        let stored = row.get(label).cloned();
                        row.insert(label, merge(stored, value));
                    }
                    _ if row.get(label) == Some(&value) => drop(row.remove(label)),
                    _ => {}
                }
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

    /// The facts about an entity, each with the place of its group.
    fn facts(&self, entity: Named) -> impl Iterator<Item = (usize, &Fact)> {
        let places = self.facts.get(&self.same(entity)).into_iter().flatten();
        places.filter_map(|(at, place)| match &self.plan.groups[*at] {
            Group::Add(facts) | Group::Merge(facts) | Group::Retract(facts) => Some((*at, &facts[*place])),
            _ => None,
        })
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
        _ => Intent::Write { entity: from },
    }
}
