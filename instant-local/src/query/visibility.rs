//! Visibility of rows, and of the entities that made a row match (`docs/protocol/instaql.md`,
//! "13.2 Evaluation").
//!
//! A row that matches only because of entities that the caller must not see is not returned:
//! otherwise its presence would reveal them. The visible entities that make a row match are its
//! witness.

use instant_core::Uuid;

use super::{
    eval::{Entity, Eval},
    filter::{Filter, Hop, Test, Variable},
    resolve::{OrderBy, Rows},
    value_test::ValueTest,
};
use crate::{
    catalog::{Attribute, Side},
    failure::Failure,
    rules::{PermissionCheck, QueryGuard},
};

impl<'v> Eval<'v, '_> {
    pub(super) fn with_guard(mut self, guard: Option<QueryGuard<'v>>) -> Self {
        self.guard = guard;
        self
    }

    /// Returns the recorded permission checks.
    pub(super) fn checks(&mut self) -> Vec<PermissionCheck> {
        self.guard.as_mut().map(|guard| std::mem::take(&mut guard.records)).unwrap_or_default()
    }

    /// Filters the rows at the top level. Returns none if no match has a witness, otherwise all
    /// visible rows.
    pub(super) fn filter_visible(
        &mut self,
        form: &Rows,
        rows: Vec<Entity<'v>>,
    ) -> Result<Vec<Entity<'v>>, Failure> {
        if self.guard.is_none() {
            return Ok(rows);
        }
        let mut witnessed = false;
        for row in &rows {
            let visible = self.is_row_visible(row)?;
            let by_filter = match &form.filter {
                Some(filter) => self.witness(filter, row)?,
                None => visible,
            };
            let by_order = match &form.order.by {
                OrderBy::Attribute(attribute) if form.order.explicit => {
                    self.is_value_visible(attribute, row)?
                }
                _ => true,
            };
            witnessed |= by_filter && by_order;
            self.check_fields(form, row)?;
        }
        if witnessed { self.visible_rows(rows) } else { Ok(Vec::new()) }
    }

    /// Filters the rows at the end of a link. Returns `None`, so that the link is omitted, if all
    /// were reached by something hidden.
    pub(super) fn filter_visible_linked(
        &mut self,
        form: &Rows,
        hop: &Hop,
        parent: &Entity<'v>,
        rows: Vec<Entity<'v>>,
    ) -> Result<Option<Vec<Entity<'v>>>, Failure> {
        if self.guard.is_none() {
            return Ok(Some(rows));
        }
        let mut witnessed = false;
        for row in &rows {
            let by_link = self.is_link_visible(hop, parent, row)?;
            let by_filter = match &form.filter {
                Some(filter) => self.witness(filter, row)?,
                None => true,
            };
            witnessed |= by_link && by_filter;
            self.is_row_visible(row)?;
            self.check_fields(form, row)?;
        }
        if witnessed { self.visible_rows(rows).map(Some) } else { Ok(None) }
    }

    /// Returns whether an attribute of a visible row is visible.
    pub(super) fn shows_field(
        &mut self,
        attribute: &Attribute,
        entity: &Entity<'v>,
    ) -> Result<bool, Failure> {
        if self.guard.is_none() {
            return Ok(true);
        }
        let document = self.document(entity)?;
        self.guard.as_mut().map_or(Ok(true), |guard| guard.field(attribute, &entity.id, document))
    }

    /// Returns whether all attributes are visible whenever the row is.
    pub(super) fn shows_all_fields(&mut self, entity: &Entity<'v>) -> Result<bool, Failure> {
        self.guard.as_mut().map_or(Ok(true), |guard| Ok(!guard.has_fields(entity.namespace)?))
    }

    /// Checks the permissions for everything that the form reads of a row. All rows are checked,
    /// because an error in a rule fails the query.
    fn check_fields(&mut self, form: &Rows, entity: &Entity<'v>) -> Result<(), Failure> {
        if self.shows_all_fields(entity)? {
            return Ok(());
        }
        let Some(document) = self.document(entity)? else { return Ok(()) };
        let catalog = &self.state.catalog;
        let Some(guard) = &mut self.guard else { return Ok(()) };
        match &form.shape.fields {
            Some(fields) => {
                let mut attributes = fields.iter().map(|(attribute, _)| &**attribute);
                guard.fields(&mut attributes, &entity.id, Some(document))
            }
            None => {
                let shown = document.values().filter(|(no, _)| !form.shape.hidden.contains(no));
                let mut attributes =
                    shown.filter_map(|(no, _)| catalog.attribute(no)).map(|attribute| &**attribute);
                guard.fields(&mut attributes, &entity.id, Some(document))
            }
        }
    }

    fn visible_rows(&mut self, rows: Vec<Entity<'v>>) -> Result<Vec<Entity<'v>>, Failure> {
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            if self.is_row_visible(&row)? {
                out.push(row);
            }
        }
        Ok(out)
    }

    fn is_row_visible(&mut self, entity: &Entity<'v>) -> Result<bool, Failure> {
        let document = self.document(entity)?;
        self.guard.as_mut().map_or(Ok(true), |guard| guard.row(entity.namespace, &entity.id, document))
    }

    /// Returns whether a value is visible: both its row and its attribute.
    fn is_value_visible(&mut self, attribute: &Attribute, entity: &Entity<'v>) -> Result<bool, Failure> {
        let document = self.document(entity)?;
        let Some(guard) = &mut self.guard else { return Ok(true) };
        let row = guard.row(entity.namespace, &entity.id, document)?;
        Ok(guard.field(attribute, &entity.id, document)? && row)
    }

    /// Returns whether a link is visible. It belongs to the entity that stores it.
    fn is_link_visible(&mut self, hop: &Hop, from: &Entity<'v>, to: &Entity<'v>) -> Result<bool, Failure> {
        let Some(attribute) = self.state.catalog.attribute(hop.attribute) else { return Ok(false) };
        match hop.side {
            Side::Forward => self.is_value_visible(attribute, from),
            Side::Reverse => self.is_value_visible(attribute, to),
        }
    }

    /// Returns whether a matching entity has a witness. All participating entities are checked,
    /// because an error in a rule fails the query.
    fn witness(&mut self, filter: &Filter, entity: &Entity<'v>) -> Result<bool, Failure> {
        match filter {
            Filter::All(filters) => {
                let mut seen = true;
                for filter in filters {
                    seen &= self.witness(filter, entity)?;
                }
                Ok(seen)
            }
            Filter::Any(filters) => {
                let mut seen = false;
                for filter in filters {
                    if self.passes(filter, entity)? {
                        seen |= self.witness(filter, entity)?;
                    }
                }
                Ok(seen)
            }
            Filter::Join(join) => {
                let Some((first, others)) = join.hops.split_first() else { return Ok(false) };
                let mut seen = false;
                for id in self.targets(first, entity)? {
                    let target = Entity::new(first.to, id);
                    let mut linked = true;
                    for hop in others {
                        linked &= self.is_linked(hop, &entity.id, &id)?;
                    }
                    if !linked || !self.passes(&join.filter, &target)? {
                        continue;
                    }
                    let mut links = true;
                    for hop in &join.hops {
                        links &= self.is_link_visible(hop, entity, &target)?;
                    }
                    seen |= self.witness(&join.filter, &target)? && links;
                }
                Ok(seen)
            }
            Filter::Graph(variables) => {
                let Some(root) = variables.first() else { return Ok(false) };
                let mut seen = true;
                for test in &root.tests {
                    seen &= self.test_witness(test, entity)?;
                }
                Ok(self.graph_witness(variables, &mut vec![(entity.id, seen)])?)
            }
            Filter::Test(test) => self.test_witness(test, entity),
        }
    }

    /// As [`Eval::witness`], for the variables that have no entity yet.
    fn graph_witness(
        &mut self,
        variables: &[Variable],
        chosen: &mut Vec<(Uuid, bool)>,
    ) -> Result<bool, Failure> {
        let Some(variable) = variables.get(chosen.len()) else {
            return Ok(chosen.iter().all(|(_, seen)| *seen));
        };
        let Some(((from, first), _)) = variable.hops.split_first() else { return Ok(false) };
        let start = Entity::new(variables[*from].namespace, chosen[*from].0);
        let mut any = false;
        'targets: for id in self.targets(first, &start)? {
            let target = Entity::new(variable.namespace, id);
            for (from, hop) in &variable.hops {
                if !self.is_linked(hop, &chosen[*from].0, &id)? {
                    continue 'targets;
                }
            }
            for test in &variable.tests {
                if self.test(test, &target)? == 0 {
                    continue 'targets;
                }
            }
            let mut seen = true;
            for (from, hop) in &variable.hops {
                let start = Entity::new(variables[*from].namespace, chosen[*from].0);
                seen &= self.is_link_visible(hop, &start, &target)?;
            }
            for test in &variable.tests {
                seen &= self.test_witness(test, &target)?;
            }
            chosen.push((id, seen));
            any |= self.graph_witness(variables, chosen)?;
            chosen.pop();
        }
        Ok(any)
    }

    fn test_witness(&mut self, test: &Test, entity: &Entity<'v>) -> Result<bool, Failure> {
        match test {
            // A missing or different value reveals nothing.
            Test::Value { check: ValueTest::Differs(..), .. }
            | Test::Missing(_)
            | Test::Present(_)
            | Test::OtherId(_)
            | Test::LinkedElse(..)
            | Test::HasLink(_)
            | Test::NoLink(_) => Ok(true),
            Test::Value { attribute, .. } => self.is_value_visible(attribute, entity),
            Test::Ids(_) | Test::Prefix(..) => self.is_row_visible(entity),
            Test::Linked(hop, ids) => {
                let mut seen = false;
                for id in ids {
                    if self.is_linked(hop, &entity.id, id)? {
                        seen |= self.is_link_visible(hop, entity, &Entity::new(hop.to, *id))?;
                    }
                }
                Ok(seen)
            }
            Test::Never => Ok(false),
        }
    }

    fn targets(&mut self, hop: &Hop, entity: &Entity<'v>) -> Result<Vec<Uuid>, Failure> {
        let mut targets = Vec::new();
        self.each_target(hop, entity, &mut |_, id| {
            targets.push(id);
            Ok(true)
        })?;
        Ok(targets)
    }
}
