//! Describes what a transaction is about to do, for permission checks
//! (`docs/protocol/transactions.md`, "B.5 Writes").
//!
//! Requests of the admin skip this module.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use instant_core::{Object, Uuid, Value};

use super::{
    merge::Merged,
    plan::{Fact, FactValue, Group, Plan, Ref},
    writer::Writer,
};
use crate::{
    catalog::{Attribute, NamespaceNo},
    failure::Failure,
};

/// All operations of a transaction.
pub(super) struct Intents<'p> {
    plan: &'p Plan,
    /// The operations, in the order of the steps within each kind.
    pub(super) all: Vec<Intent>,
    /// The entities of lookups. Entities that the transaction creates are added afterwards.
    lookups: HashMap<usize, Uuid>,
    /// The positions of each entity's facts: the group, and the fact in the group.
    facts: HashMap<NamedEntity, Vec<(usize, usize)>>,
    /// The positions of each entity's rule params in the plan.
    rule_params: HashMap<NamedEntity, Vec<usize>>,
    deleted: HashSet<NamedEntity>,
    /// The entities that lookups found before the transaction.
    found: HashMap<usize, Uuid>,
}

/// One operation.
#[derive(Debug, Clone)]
pub(super) enum Intent {
    /// A plain value, the `id` included, is set or merged.
    Write { entity: NamedEntity },
    /// An edge is added, from the side that stores it.
    Link { attribute: Arc<Attribute>, from: NamedEntity, to: NamedEntity },
    /// An edge is removed, from the side that stores it.
    Unlink { attribute: Arc<Attribute>, from: NamedEntity, to: NamedEntity },
    /// An entity is deleted, by a step or because another one is.
    Delete { entity: NamedEntity },
    /// An attribute is created, by a step or because another step needs it.
    AddAttr { attr: Value },
    /// An attribute is deleted.
    DeleteAttr,
}

/// An entity of a namespace, by the reference of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NamedEntity {
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
            rule_params: HashMap::new(),
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

    /// Indexes the facts and the rule params by entity.
    fn sort_facts(&mut self) {
        for (at, group) in self.plan.groups.iter().enumerate() {
            let (Group::Add(facts) | Group::Merge(facts) | Group::Retract(facts)) = group else { continue };
            for (place, fact) in facts.iter().enumerate() {
                let entity = self.canonical(NamedEntity::of(fact));
                self.facts.entry(entity).or_default().push((at, place));
            }
        }
        for (at, (namespace, reference, _)) in self.plan.rule_params.iter().enumerate() {
            let entity = self.canonical(NamedEntity { namespace: *namespace, reference: *reference });
            self.rule_params.entry(entity).or_default().push(at);
        }
    }

    /// Returns the canonical reference to an entity: its id, if it is known.
    pub(super) fn canonical(&self, entity: NamedEntity) -> NamedEntity {
        match entity.reference {
            Ref::Lookup(at) => match self.found.get(&at) {
                Some(id) => NamedEntity { reference: Ref::Id(*id), ..entity },
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
                    let entity = NamedEntity { namespace: *namespace, reference: Ref::Id(*id) };
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

    /// Adds the ids of entities that lookups created.
    pub(super) fn add_created(&mut self, created: impl Iterator<Item = (usize, Uuid)>) {
        for (at, id) in created {
            self.lookups.entry(at).or_insert(id);
        }
    }

    /// Returns the id of an entity; `None` if its lookup finds nothing before the writes.
    pub(super) fn id(&self, entity: NamedEntity) -> Option<Uuid> {
        match entity.reference {
            Ref::Id(id) => Some(id),
            Ref::Lookup(at) => self.lookups.get(&at).copied(),
        }
    }

    #[cfg(test)]
    pub(super) fn namespace_name(&self, entity: NamedEntity) -> &str {
        self.plan.catalog.namespace_name(entity.namespace).unwrap_or_default()
    }

    /// Returns the lookup by which steps refer to an existing entity, as JSON; `None` if they use
    /// its id.
    pub(super) fn lookup_of(&self, entity: NamedEntity) -> Option<Value> {
        let (_, fact) = self.facts(entity).find(|(_, fact)| matches!(fact.value, FactValue::Own))?;
        match fact.entity {
            Ref::Id(_) => None,
            Ref::Lookup(at) => Some(self.plan.lookups[at].to_json()),
        }
    }

    /// Returns the rule params of an entity. Later steps override earlier ones.
    pub(super) fn rule_params(&self, entity: NamedEntity) -> Object {
        let mut out = Object::new();
        for at in self.rule_params.get(&self.canonical(entity)).into_iter().flatten() {
            out.extend(self.plan.rule_params[*at].2.clone());
        }
        out
    }

    /// Returns the labels that the transaction writes on an entity, links included, in the order of
    /// their first appearance. `id` and the attribute of the entity's lookup are omitted.
    pub(super) fn modified(&self, entity: NamedEntity) -> Vec<&str> {
        let (mut labels, mut known) = (Vec::new(), HashSet::new());
        for (at, fact) in self.facts(entity) {
            if matches!(self.plan.groups[at], Group::Retract(_)) {
                continue;
            }
            let label = fact.attribute.label();
            if label != "id" && known.insert(label) {
                labels.push(label);
            }
        }
        labels
    }

    /// Returns the values of an entity after all its steps are applied to `before`. An added link
    /// appears under its label, even if it is to-many.
    pub(super) fn values_after(&self, entity: NamedEntity, before: Object) -> Object {
        let mut row = RowValues::from(before);
        for (at, group) in self.plan.groups.iter().enumerate() {
            if matches!(group, Group::Delete(_)) && self.deleted.contains(&self.canonical(entity)) {
                row = RowValues::default();
            }
            for fact in self.facts(entity).filter(|(place, _)| *place == at).map(|(_, fact)| fact) {
                let Some(value) = self.value(fact) else { continue };
                let member = row.member(fact.attribute.label());
                match (group, &mut *member) {
                    (Group::Merge(_), Some(merged)) => merged.merge(value),
                    (Group::Add(_) | Group::Merge(_), _) => *member = Some(Merged::Value(value)),
                    (_, Some(Merged::Value(before))) if *before == value => *member = None,
                    _ => {}
                }
            }
        }
        row.into_object()
    }

    fn value(&self, fact: &Fact) -> Option<Value> {
        match &fact.value {
            FactValue::Own => self.id(NamedEntity::of(fact)).map(Value::from),
            FactValue::Value(plain) => Some(plain.value.clone()),
            FactValue::To(to) => {
                let namespace = fact.attribute.reverse.unwrap_or(fact.attribute.forward);
                self.id(NamedEntity { namespace, reference: *to }).map(Value::from)
            }
            FactValue::NoLink(value) => Some(value.clone()),
        }
    }

    /// Returns the facts about an entity, each with the position of its group.
    fn facts(&self, entity: NamedEntity) -> impl Iterator<Item = (usize, &Fact)> {
        let places = self.facts.get(&self.canonical(entity)).into_iter().flatten();
        places.filter_map(|(at, place)| match &self.plan.groups[*at] {
            Group::Add(facts) | Group::Merge(facts) | Group::Retract(facts) => Some((*at, &facts[*place])),
            _ => None,
        })
    }
}

/// The values of a row, found by their labels in constant time.
#[derive(Default)]
struct RowValues {
    members: Vec<(String, Option<Merged>)>,
    positions: HashMap<String, usize>,
}

impl RowValues {
    /// Returns the value of a label, `None` if the row does not have it.
    fn member(&mut self, label: &str) -> &mut Option<Merged> {
        let at = match self.positions.get(label) {
            // A label that was removed and set again moves to the end.
            Some(at) if self.members[*at].1.is_some() => *at,
            _ => {
                self.positions.insert(label.to_owned(), self.members.len());
                self.members.push((label.to_owned(), None));
                self.members.len() - 1
            }
        };
        &mut self.members[at].1
    }

    fn into_object(self) -> Object {
        let members = self.members.into_iter();
        members.filter_map(|(label, merged)| Some((label, merged?.into_value()))).collect()
    }
}

impl From<Object> for RowValues {
    fn from(row: Object) -> Self {
        let members: Vec<_> =
            row.into_iter().map(|(label, value)| (label, Some(Merged::Value(value)))).collect();
        let positions = members.iter().enumerate().map(|(at, (label, _))| (label.clone(), at)).collect();
        Self { members, positions }
    }
}

impl NamedEntity {
    fn of(fact: &Fact) -> Self {
        Self { namespace: fact.attribute.forward, reference: fact.entity }
    }
}

fn intent(fact: &Fact, retract: bool) -> Intent {
    let (attribute, from) = (Arc::clone(&fact.attribute), NamedEntity::of(fact));
    match (&fact.value, fact.attribute.reverse) {
        (FactValue::To(to), Some(reverse)) if attribute.attr.is_link() => {
            let to = NamedEntity { namespace: reverse, reference: *to };
            if retract {
                Intent::Unlink { attribute, from, to }
            } else {
                Intent::Link { attribute, from, to }
            }
        }
        _ => Intent::Write { entity: from },
    }
}
