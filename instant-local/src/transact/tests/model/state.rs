//! The model: maps of values and links, and a direct implementation of the documented rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use instant_core::{Object, Uuid, Value};

use super::{
    Documents,
    links::{LINKS, edges, link},
    steps::{Action, EntityKey},
};
use crate::transact::merge::Merged;

type Entity = (String, Uuid);

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct State {
    values: BTreeMap<Entity, BTreeMap<&'static str, Value>>,
    links: BTreeSet<(&'static str, Uuid, Uuid)>,
}

/// A write: entity, namespace, label, and a value or the target of a link.
type Write = (Uuid, &'static str, &'static str, Option<Value>, Option<Uuid>);

enum Fact {
    Id(&'static str, EntityKey),
    Value(&'static str, EntityKey, &'static str, Value),
    Link(&'static str, EntityKey, EntityKey),
}

impl State {
    pub(super) fn documents(&self) -> Documents {
        let mut out = Documents::new();
        let mut put = |key: Entity, label: &str, value: Value| {
            let row = out.entry(key).or_insert_with(|| Value::Object(Object::new()));
            if let Value::Object(members) = row {
                members.insert(label, value);
            }
        };
        for (key, values) in &self.values {
            for (label, value) in values {
                put(key.clone(), label, value.clone());
            }
        }
        for (label, from, to) in &self.links {
            let link = link(label);
            if link.to_one {
                put((link.from.to_owned(), *from), label, (*to).into());
            }
        }
        out
    }

    pub(super) fn links(&self) -> Vec<(String, Uuid, Uuid)> {
        self.links.iter().map(|(label, from, to)| ((*label).to_owned(), *from, *to)).collect()
    }

    /// Returns the state after a transaction, or the reason for its rejection. `created` holds the
    /// ids of entities that lookups create.
    pub(super) fn after(
        &self,
        actions: &[Action],
        created: &HashMap<(String, String), Uuid>,
    ) -> Result<Self, String> {
        for action in actions.iter().filter(|action| action.kind == "create" || action.strict) {
            let id = self.find(action.namespace, &action.entity);
            let exists = id.is_some_and(|id| self.exists(action.namespace, id));
            if exists != action.strict {
                return Err(format!("{} asks for another state", action.kind));
            }
        }
        let deleted = self.deleted(actions);
        let mut kinds = Vec::new();
        let mut add = |kind| {
            if !kinds.contains(&kind) {
                kinds.push(kind)
            }
        };
        for action in actions {
            match action.kind {
                "merge" => {
                    add("add");
                    if !action.values.is_empty() {
                        add("merge");
                    }
                }
                "unlink" => {
                    if matches!(action.entity, EntityKey::Code(_)) {
                        add("add");
                    }
                    add("unlink");
                }
                "delete" => {
                    if self.find(action.namespace, &action.entity).is_some()
                        || matches!(action.entity, EntityKey::Code(_))
                    {
                        add("delete");
                    }
                }
                _ => add("add"),
            }
        }
        let mut next = self.clone();
        let mut found = HashMap::new();
        for kind in kinds {
            match kind {
                "add" => next.add(actions, created, &mut found)?,
                "merge" => next.merge(actions, &found)?,
                "unlink" => next.unlink(actions),
                _ => deleted.iter().for_each(|entity| next.remove(entity)),
            }
        }
        for namespace in ["goals", "people"] {
            next.check_required(self, namespace)?;
        }
        Ok(next)
    }

    fn find(&self, namespace: &str, who: &EntityKey) -> Option<Uuid> {
        match who {
            EntityKey::Id(id) => Some(*id),
            EntityKey::Code(code) => self
                .values
                .iter()
                .find(|((of, _), values)| {
                    of == namespace && values.get("code").and_then(Value::as_str) == Some(code)
                })
                .map(|((_, id), _)| *id),
        }
    }

    fn exists(&self, namespace: &str, id: Uuid) -> bool {
        let stores = |label: &str| LINKS.iter().any(|link| link.label == label && link.from == namespace);
        self.values.get(&(namespace.to_owned(), id)).is_some_and(|values| !values.is_empty())
            || self.links.iter().any(|(label, from, _)| stores(label) && *from == id)
    }

    fn deleted(&self, actions: &[Action]) -> Vec<Entity> {
        let mut all = Vec::new();
        for action in actions.iter().filter(|action| action.kind == "delete") {
            all.extend(
                self.find(action.namespace, &action.entity).map(|id| (action.namespace.to_owned(), id)),
            );
        }
        let mut at = 0;
        while at < all.len() {
            let (namespace, id) = all[at].clone();
            at += 1;
            for (label, from, to) in &self.links {
                let link = link(label);
                let with_target = link.goes_with_target && link.to == namespace && *to == id;
                let with_entity = link.target_goes && link.from == namespace && *from == id;
                for (goes, entity) in [(with_target, (link.from, from)), (with_entity, (link.to, to))] {
                    let entity = (entity.0.to_owned(), *entity.1);
                    if goes && !all.contains(&entity) {
                        all.push(entity);
                    }
                }
            }
        }
        all
    }

    fn remove(&mut self, entity: &Entity) {
        self.values.remove(entity);
        self.links.retain(|(label, from, to)| {
            let link = link(label);
            !(link.from == entity.0 && *from == entity.1 || link.to == entity.0 && *to == entity.1)
        });
    }

    /// Performs the additions. Stores the entities of lookups in `found`, for the merges that
    /// follow.
    fn add(
        &mut self,
        actions: &[Action],
        created: &HashMap<(String, String), Uuid>,
        found: &mut HashMap<(String, String), Uuid>,
    ) -> Result<(), String> {
        let mut facts = Vec::new();
        for action in actions {
            let (namespace, who) = (action.namespace, &action.entity);
            let writes = matches!(action.kind, "create" | "update" | "merge");
            let by_code = matches!(action.kind, "link" | "unlink") && matches!(who, EntityKey::Code(_));
            if writes || by_code {
                facts.push(Fact::Id(namespace, who.clone()));
            }
            if writes && action.kind != "merge" {
                facts.extend(
                    action
                        .values
                        .iter()
                        .map(|(label, value)| Fact::Value(namespace, who.clone(), label, value.clone())),
                );
            }
            if action.kind == "link" {
                facts.extend(edges(action).map(|(label, from, to)| Fact::Link(label, from, to)));
            }
        }
        // Lookups create their entities before anything is written.
        let before = self.clone();
        let mut new = HashMap::<(String, String), Uuid>::new();
        for fact in &facts {
            let (namespace, who) = match fact {
                Fact::Id(namespace, who) | Fact::Value(namespace, who, ..) => (*namespace, who),
                Fact::Link(label, from, _) => (link(label).from, from),
            };
            let EntityKey::Code(code) = who else { continue };
            let key = (namespace.to_owned(), code.clone());
            if before.find(namespace, who).is_none() && !new.contains_key(&key) {
                let sets_code = facts.iter().any(
                    |fact| matches!(fact, Fact::Value(of, entity, "code", _) if *of == namespace && entity == who),
                );
                if sets_code {
                    return Err("the lookup attribute is set".to_owned());
                }
                let id = created.get(&key).copied().unwrap_or_else(Uuid::new_v4);
                new.insert(key, id);
                self.put(namespace, id, "code", code.as_str().into())?;
            }
        }
        let resolve = |namespace: &str, who: &EntityKey| match who {
            EntityKey::Id(id) => Some(*id),
            EntityKey::Code(code) => new
                .get(&(namespace.to_owned(), code.clone()))
                .copied()
                .or_else(|| before.find(namespace, who)),
        };
        for fact in &facts {
            if let Fact::Id(namespace, who @ EntityKey::Code(code)) = fact
                && let Some(id) = resolve(namespace, who)
            {
                found.insert(((*namespace).to_owned(), code.clone()), id);
            }
        }
        let mut writes = Vec::new();
        for fact in &facts {
            writes.push(match fact {
                Fact::Id(namespace, who) => (resolve(namespace, who).unwrap(), *namespace, "id", None, None),
                Fact::Value(namespace, who, label, value) => {
                    (resolve(namespace, who).unwrap(), *namespace, *label, Some(value.clone()), None)
                }
                Fact::Link(label, from, to) => {
                    let link = link(label);
                    let to = resolve(link.to, to).ok_or("the target of a lookup is missing")?;
                    (resolve(link.from, from).unwrap(), link.from, *label, None, Some(to))
                }
            });
        }
        // The last write of a value wins.
        let mut kept = Vec::<Write>::new();
        for write in writes {
            let many = LINKS.iter().any(|link| link.label == write.2 && !link.to_one);
            if !many {
                kept.retain(|known| (known.0, known.1, known.2) != (write.0, write.1, write.2));
            }
            kept.push(write);
        }
        kept.sort_by_key(|write| write.0);
        let mut new_rows = Vec::new();
        for (id, namespace, label, value, to) in kept {
            match (value, to) {
                (Some(value), _) => self.put(namespace, id, label, value)?,
                (None, Some(to)) => self.link(label, id, to)?,
                (None, None) => {
                    let values = self.values.entry((namespace.to_owned(), id)).or_default();
                    if values.insert("id", id.into()).is_none() {
                        new_rows.push((namespace.to_owned(), id));
                    }
                }
            }
        }
        for (namespace, id) in new_rows {
            let label = if namespace == "goals" { "rank" } else { "code" };
            self.values.entry((namespace, id)).or_default().entry(label).or_insert(Value::Null);
        }
        Ok(())
    }

    fn merge(&mut self, actions: &[Action], found: &HashMap<(String, String), Uuid>) -> Result<(), String> {
        for action in actions.iter().filter(|action| action.kind == "merge") {
            for (label, patch) in &action.values {
                let id = match &action.entity {
                    EntityKey::Id(id) => *id,
                    EntityKey::Code(code) => found[&(action.namespace.to_owned(), code.clone())],
                };
                let key = (action.namespace.to_owned(), id);
                let stored = self.values.get(&key).and_then(|values| values.get(label)).cloned();
                let mut merged = Merged::Value(stored.unwrap_or_default());
                merged.merge(patch.clone());
                self.put(action.namespace, id, label, merged.into_value())?;
            }
        }
        Ok(())
    }

    fn unlink(&mut self, actions: &[Action]) {
        for action in actions.iter().filter(|action| action.kind == "unlink") {
            for (label, from, to) in edges(action) {
                let link = link(label);
                if let (Some(from), Some(to)) = (self.find(link.from, &from), self.find(link.to, &to)) {
                    self.links.remove(&(label, from, to));
                }
            }
        }
    }

    fn put(&mut self, namespace: &str, id: Uuid, label: &'static str, value: Value) -> Result<(), String> {
        let fits = match (label, &value) {
            (_, Value::Null) => true,
            ("title" | "code", value) => value.as_str().is_some(),
            ("rank", value) => matches!(value, Value::Number(_)),
            _ => true,
        };
        if !fits {
            return Err(format!("{label} takes no {value}"));
        }
        let taken = self.values.iter().any(|((of, other), values)| {
            of == namespace && *other != id && values.get("code") == Some(&value)
        });
        if label == "code" && !value.is_null() && taken {
            return Err(format!("{value} is taken"));
        }
        self.values.entry((namespace.to_owned(), id)).or_default().insert(label, value);
        Ok(())
    }

    fn link(&mut self, label: &'static str, from: Uuid, to: Uuid) -> Result<(), String> {
        let link = link(label);
        if link.unique && self.links.iter().any(|known| known.0 == label && known.2 == to && known.1 != from)
        {
            return Err(format!("the target of {label} is taken"));
        }
        if link.to_one {
            self.links.retain(|known| known.0 != label || known.1 != from);
        }
        self.links.insert((label, from, to));
        Ok(())
    }

    fn check_required(&self, before: &Self, namespace: &str) -> Result<(), String> {
        if namespace == "goals" {
            return Ok(());
        }
        let of = |state: &Self, id: Uuid| {
            let values = state.values.get(&(namespace.to_owned(), id)).cloned().unwrap_or_default();
            let links = state.links.iter().filter(|link| link.0 == "fans" && link.1 == id).copied();
            (values, Vec::from_iter(links))
        };
        let ids = BTreeSet::from_iter(
            self.values.keys().map(|key| key.1).chain(self.links.iter().map(|link| link.1)),
        );
        for id in ids {
            let (values, links) = of(self, id);
            let something = !links.is_empty() || values.values().any(|value| !value.is_null());
            let lacks = |label| values.get(label).is_none_or(Value::is_null);
            if of(before, id) != (values.clone(), links.clone())
                && something
                && (lacks("title") || lacks("id"))
            {
                return Err(format!("{id} lacks a required attribute"));
            }
        }
        Ok(())
    }
}
