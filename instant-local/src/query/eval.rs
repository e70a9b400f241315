//! Evaluates conditions on entities.

use std::{cell::OnceCell, rc::Rc};

use instant_core::Uuid;

use super::{
    filter::{Filter, Hop, Test, Variable},
    observer::{Dependency, Observer},
};
use crate::{
    budget::Budget,
    catalog::{NamespaceNo, Side},
    document::Document,
    failure::Failure,
    layout,
    request::RequestContext,
    rules::QueryGuard,
    state::State,
    store::{Bytes, Direction},
};

/// One query being evaluated on one snapshot.
pub(super) struct Eval<'v, 'o> {
    pub(super) state: &'v State,
    pub(super) context: &'v RequestContext,
    pub(super) budget: Rc<Budget>,
    observer: Option<&'o mut dyn Observer>,
    /// The permission checks, or `None` if rules do not apply to the caller.
    pub(super) guard: Option<QueryGuard<'v>>,
}

/// An entity, with its document once it has been read.
#[derive(Debug)]
pub(super) struct Entity<'v> {
    pub(super) namespace: NamespaceNo,
    pub(super) id: Uuid,
    document: OnceCell<Option<Bytes<'v>>>,
}

impl<'v> Entity<'v> {
    pub(super) fn new(namespace: NamespaceNo, id: Uuid) -> Self {
        Self { namespace, id, document: OnceCell::new() }
    }

    pub(super) fn read(namespace: NamespaceNo, id: Uuid, document: Bytes<'v>) -> Self {
        Self { namespace, id, document: OnceCell::from(Some(document)) }
    }

    /// Returns the approximate size in memory. The document counts, because a page of a file is
    /// kept in memory while it is in use.
    pub(super) fn bytes(&self) -> usize {
        let document = self.document.get().and_then(Option::as_ref);
        size_of::<Self>() + document.map_or(0, |document| document.len())
    }
}

impl<'v, 'o> Eval<'v, 'o> {
    pub(super) fn new(state: &'v State, context: &'v RequestContext, budget: Rc<Budget>) -> Self {
        Self { state, context, budget, observer: None, guard: None }
    }

    /// Reports what is read to an observer.
    pub(super) fn with_observer(mut self, observer: Option<&'o mut dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Returns whether the entity matches.
    pub(super) fn passes(&mut self, filter: &Filter, entity: &Entity<'v>) -> Result<bool, Failure> {
        Ok(self.count(filter, entity, 1)? > 0)
    }

    /// Returns the number of ways in which the entity matches, up to `most`. As on a real server,
    /// an entity counts once for each combination of linked entities that makes it match.
    pub(super) fn count(&mut self, filter: &Filter, entity: &Entity<'v>, most: u64) -> Result<u64, Failure> {
        match filter {
            Filter::All(filters) => {
                self.budget.tick()?;
                let mut ways = 1_u64;
                for filter in filters {
                    match self.count(filter, entity, most)? {
                        0 => return Ok(0),
                        count => ways = ways.saturating_mul(count).min(most),
                    }
                }
                Ok(ways)
            }
            Filter::Any(filters) => {
                self.budget.tick()?;
                let mut ways = 0_u64;
                for filter in filters {
                    ways = ways.saturating_add(self.count(filter, entity, most - ways)?);
                    if ways >= most {
                        break;
                    }
                }
                Ok(ways)
            }
            Filter::Join(join) => {
                let Some((first, others)) = join.hops.split_first() else { return Ok(0) };
                let mut ways = 0_u64;
                self.each_target(first, entity, &mut |eval, id| {
                    for hop in others {
                        if !eval.is_linked(hop, &entity.id, &id)? {
                            return Ok(true);
                        }
                    }
                    let target = Entity::new(first.to, id);
                    ways = ways.saturating_add(eval.count(&join.filter, &target, most - ways)?);
                    Ok(ways < most)
                })?;
                Ok(ways)
            }
            Filter::Graph(variables) => {
                let Some(root) = variables.first() else { return Ok(0) };
                for test in &root.tests {
                    if self.test(test, entity)? == 0 {
                        return Ok(0);
                    }
                }
                self.count_graph(variables, &mut vec![entity.id], most)
            }
            Filter::Test(test) => self.test(test, entity),
        }
    }

    /// Counts the combinations of entities for the variables that have none yet.
    fn count_graph(
        &mut self,
        variables: &[Variable],
        chosen: &mut Vec<Uuid>,
        most: u64,
    ) -> Result<u64, Failure> {
        let Some(variable) = variables.get(chosen.len()) else { return Ok(1) };
        let Some(((from, first), others)) = variable.hops.split_first() else { return Ok(0) };
        let start = Entity::new(variables[*from].namespace, chosen[*from]);
        let mut targets = Vec::new();
        self.each_target(first, &start, &mut |_, id| {
            targets.push(id);
            Ok(true)
        })?;
        let mut ways = 0_u64;
        'targets: for id in targets {
            for (from, hop) in others {
                if !self.is_linked(hop, &chosen[*from], &id)? {
                    continue 'targets;
                }
            }
            let target = Entity::new(variable.namespace, id);
            for test in &variable.tests {
                if self.test(test, &target)? == 0 {
                    continue 'targets;
                }
            }
            chosen.push(id);
            let found = self.count_graph(variables, chosen, most - ways);
            chosen.pop();
            ways = ways.saturating_add(found?);
            if ways >= most {
                break;
            }
        }
        Ok(ways)
    }

    pub(super) fn test(&mut self, test: &Test, entity: &Entity<'v>) -> Result<u64, Failure> {
        self.budget.tick()?;
        let passes = match test {
            Test::Value { attribute, check, .. } => {
                let document = self.document(entity)?;
                match document.and_then(|document| document.get(attribute.no)) {
                    Some(raw) => check.passes(raw, &self.budget)?,
                    None => false,
                }
            }
            Test::Missing(attribute) => {
                let document = self.document(entity)?;
                document.is_some_and(|document| {
                    document.created().is_some() && document.get(*attribute).is_none_or(|raw| raw == "null")
                })
            }
            Test::Present(attribute) => {
                let document = self.document(entity)?;
                document.is_some_and(|document| {
                    document.created().is_some() && document.get(*attribute).is_some_and(|raw| raw != "null")
                })
            }
            Test::Ids(ids) => ids.binary_search(&entity.id).is_ok() && self.is_row(entity)?,
            Test::OtherId(id) => *id != Some(entity.id) && self.is_row(entity)?,
            Test::Prefix(_, low, high) => (*low..=*high).contains(&entity.id) && self.is_row(entity)?,
            Test::Linked(hop, ids) => {
                let mut ways = 0;
                for id in ids {
                    ways += u64::from(self.is_linked(hop, &entity.id, id)?);
                }
                return Ok(ways);
            }
            Test::LinkedElse(hop, id) => return self.count_others(hop, entity, id),
            Test::HasLink(hop) => self.is_row(entity)? && self.has_target(hop, entity)?,
            Test::NoLink(hop) => self.is_row(entity)? && !self.has_target(hop, entity)?,
            Test::Never => false,
        };
        Ok(passes.into())
    }

    /// Calls `each` with the entities that `hop` leads to, in the order of their ids, until it
    /// returns false.
    pub(super) fn each_target(
        &mut self,
        hop: &Hop,
        entity: &Entity<'v>,
        each: &mut dyn FnMut(&mut Self, Uuid) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        self.budget.tick()?;
        self.record(Dependency::Links { attribute: hop.attribute, side: hop.side, id: entity.id });
        if hop.is_stored() {
            let document = self.document(entity)?;
            let target = document.and_then(|document| document.get(hop.attribute)).and_then(id_of);
            return target.map_or(Ok(()), |id| each(self, id).map(drop));
        }
        let prefix = links(hop, &entity.id);
        for entry in self.state.snapshot.scan(&prefix, Direction::Ascending)? {
            let (key, _) = entry?;
            self.budget.tick()?;
            if !each(self, layout::last_id(&key))? {
                break;
            }
        }
        Ok(())
    }

    fn count_others(&mut self, hop: &Hop, entity: &Entity<'v>, but: &Uuid) -> Result<u64, Failure> {
        let mut count = 0;
        self.each_target(hop, entity, &mut |_, id| {
            count += u64::from(id != *but);
            Ok(true)
        })?;
        Ok(count)
    }

    fn has_target(&mut self, hop: &Hop, entity: &Entity<'v>) -> Result<bool, Failure> {
        let mut found = false;
        self.each_target(hop, entity, &mut |_, _| {
            found = true;
            Ok(false)
        })?;
        Ok(found)
    }

    pub(super) fn is_linked(&mut self, hop: &Hop, from: &Uuid, to: &Uuid) -> Result<bool, Failure> {
        self.budget.tick()?;
        self.record(Dependency::Links { attribute: hop.attribute, side: hop.side, id: *from });
        let key = match hop.side {
            Side::Forward => layout::link(hop.attribute, from, to),
            Side::Reverse => layout::link(hop.attribute, to, from),
        };
        Ok(self.state.snapshot.get(&key)?.is_some())
    }

    pub(super) fn is_row(&mut self, entity: &Entity<'v>) -> Result<bool, Failure> {
        Ok(self.document(entity)?.is_some_and(|document| document.created().is_some()))
    }

    /// Returns the document of the entity, or `None` if only links refer to it.
    pub(super) fn document<'e>(&mut self, entity: &'e Entity<'v>) -> Result<Option<Document<'e>>, Failure> {
        if entity.document.get().is_none() {
            self.budget.tick()?;
            let bytes = self.state.document(entity.namespace, &entity.id)?;
            // The cell is empty, so that this cannot fail.
            let _ = entity.document.set(bytes);
        }
        self.record(Dependency::Entity { namespace: entity.namespace, id: entity.id });
        Ok(entity.document.get().and_then(Option::as_ref).map(|bytes| Document::new(bytes)))
    }

    pub(super) fn record(&mut self, dependency: Dependency<'_>) {
        if let Some(observer) = &mut self.observer {
            observer.record(dependency);
        }
    }
}

/// Returns the prefix of the links of an entity in the direction of `hop`.
pub(super) fn links(hop: &Hop, id: &Uuid) -> [u8; layout::ONE_ID] {
    match hop.side {
        Side::Forward => layout::links_from(hop.attribute, id),
        Side::Reverse => layout::links_to(hop.attribute, id),
    }
}

/// Parses the id in the value of a to-one link.
fn id_of(raw: &str) -> Option<Uuid> {
    Uuid::try_parse(raw.strip_prefix('"')?.strip_suffix('"')?).ok()
}
