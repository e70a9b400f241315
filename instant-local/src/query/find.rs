//! Finds the rows of a form, either all at once or in order until there are enough.

use super::{
    eval::{Entity, Eval},
    filter::{Filter, Seek, Test},
    list,
    observer::Dependency,
    resolve::{OrderBy, Rows},
    source::{Candidates, MANY, Source},
};
use crate::{
    catalog::{AttrNo, Attribute, Catalog},
    failure::Failure,
    layout,
    store::Direction,
};

/// Returns all matching entities in the order of their creation. Entities that are not rows come
/// first.
pub(super) fn all<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    plan: &Plan<'_>,
) -> Result<Vec<Entity<'v>>, Failure> {
    let namespace = form.namespace;
    match plan {
        Plan::Sort(chosen) => {
            let found = matching(eval, form, chosen.as_ref())?;
            list::by_creation(eval, found)
        }
        Plan::Walk(walk) => {
            eval.record(Dependency::Namespace { namespace });
            let mut rows = Vec::new();
            for entry in eval.state.snapshot.scan(&walk.prefix, Direction::Ascending)? {
                let (key, _) = entry?;
                eval.budget.tick()?;
                eval.budget.hold(size_of::<Entity<'_>>())?;
                rows.push(Entity::new(namespace, layout::last_id(&key)));
            }
            Ok(rows)
        }
    }
}

/// Returns the number of matches of the form (`docs/protocol/instaql.md`, "9. `aggregate`").
pub(super) fn count(eval: &mut Eval<'_, '_>, form: &Rows, plan: &Plan<'_>) -> Result<u64, Failure> {
    let entities = all(eval, form, plan)?;
    let Some(filter) = &form.filter else { return Ok(entities.len() as u64) };
    entities
        .iter()
        .try_fold(0_u64, |sum, entity| Ok(sum.saturating_add(eval.count(filter, entity, u64::MAX)?)))
}

/// A plan to find the rows of a form.
pub(super) enum Plan<'f> {
    /// Read the rows in order until there are enough.
    Walk(Walk),
    /// Find all matching rows, then sort them.
    Sort(Option<Candidates<'f>>),
}

/// A range of keys in the order of the query. Each ends with the id of a row.
pub(super) struct Walk {
    /// The prefix of the keys, before the position.
    prefix: Vec<u8>,
    /// The range of positions that can match.
    from: Vec<u8>,
    to: Vec<u8>,
    attribute: Option<AttrNo>,
    /// `true` if all rows in the range match.
    exact: bool,
}

/// The rows of a window to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Take {
    /// Reads from the end of the window.
    pub(super) backwards: bool,
    pub(super) skip: usize,
    pub(super) most: usize,
    /// Returns the positions of the rows.
    pub(super) positions: bool,
}

/// A range of positions.
#[derive(Clone, Default)]
pub(super) struct Window {
    pub(super) from: Option<Vec<u8>>,
    pub(super) to: Option<Vec<u8>>,
}

/// A row that was found.
#[derive(Debug)]
pub(super) struct PageRow<'v> {
    pub(super) entity: Entity<'v>,
    /// The position in the order of the store, if requested: the order key, then the id.
    pub(super) position: Vec<u8>,
}

const ALL: [u8; 1] = [u8::MAX];

/// Returns the matching entities of a source, or of the whole namespace, in the order of their ids.
pub(super) fn matching<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    chosen: Option<&Candidates<'_>>,
) -> Result<Vec<Entity<'v>>, Failure> {
    let Some(chosen) = chosen else { return scan(eval, form) };
    let mut found = Vec::new();
    for id in chosen.source.ids(eval)? {
        let entity = Entity::new(form.namespace, id);
        if chosen.exact || passes(eval, form, &entity)? {
            eval.budget.hold(entity.bytes())?;
            found.push(entity);
        }
    }
    Ok(found)
}

/// Returns the matching entities of a namespace in the order of their ids.
fn scan<'v>(eval: &mut Eval<'v, '_>, form: &Rows) -> Result<Vec<Entity<'v>>, Failure> {
    let namespace = form.namespace;
    eval.record(Dependency::Namespace { namespace });
    let mut found = Vec::new();
    for entry in eval.state.snapshot.scan(&layout::entities(namespace), Direction::Ascending)? {
        let (key, document) = entry?;
        eval.budget.tick()?;
        let entity = Entity::read(namespace, layout::last_id(&key), document);
        if passes(eval, form, &entity)? {
            eval.budget.hold(entity.bytes())?;
            found.push(entity);
        }
    }
    Ok(found)
}

fn passes<'v>(eval: &mut Eval<'v, '_>, form: &Rows, entity: &Entity<'v>) -> Result<bool, Failure> {
    match &form.filter {
        None => eval.is_row(entity),
        Some(filter) => eval.passes(filter, entity),
    }
}

/// Chooses the best plan for a form.
pub(super) fn plan<'f>(eval: &mut Eval<'_, '_>, form: &'f Rows) -> Result<Plan<'f>, Failure> {
    let chosen = match &form.filter {
        Some(filter) => Candidates::new(eval, filter)?,
        None => None,
    };
    let limited = form.page.limit.is_some();
    let ordering = match &form.order.by {
        OrderBy::Attribute(attribute) => Some(attribute),
        _ => None,
    };
    let walks = match &chosen {
        None => form.filter.is_none() || limited || ordering.is_some(),
        Some(Candidates { source: Source::Values(attribute, Seek::Range(..)), .. })
            if ordering.is_some_and(|ordering| ordering.no == *attribute) =>
        {
            true
        }
        Some(chosen) => limited && chosen.source.size(eval, MANY)? == MANY,
    };
    if !walks {
        return Ok(Plan::Sort(chosen));
    }
    Ok(Plan::Walk(match ordering {
        Some(attribute) => walk_index(attribute, form.filter.as_ref()),
        None => Walk {
            prefix: layout::creations(form.namespace),
            from: Vec::new(),
            to: ALL.to_vec(),
            attribute: None,
            exact: form.filter.is_none(),
        },
    }))
}

impl Plan<'_> {
    /// Describes the plan.
    pub(super) fn describe(&self, form: &Rows, catalog: &Catalog) -> String {
        let sorted = if form.is_paged() { ", sorted" } else { "" };
        match self {
            Self::Sort(Some(chosen)) => format!("{}{sorted}", chosen.source.describe(catalog)),
            Self::Sort(None) => format!("scan{sorted}"),
            Self::Walk(Walk { attribute: None, .. }) if !form.is_paged() => "rows as created".to_owned(),
            Self::Walk(Walk { attribute: None, .. }) => "walk rows as created".to_owned(),
            Self::Walk(Walk { attribute: Some(no), from, to, .. }) => {
                let name = catalog.attribute(*no).map_or_else(String::new, |attribute| attribute.name());
                let part = if from.is_empty() && *to == ALL { "" } else { " range" };
                format!("walk index {name}{part}")
            }
        }
    }

    /// Returns the number of entities that it reads, up to `most`.
    pub(super) fn size(&self, eval: &mut Eval<'_, '_>, form: &Rows, most: usize) -> Result<usize, Failure> {
        match self {
            Self::Sort(Some(chosen)) => chosen.source.size(eval, most),
            Self::Sort(None) => count_keys(eval, &layout::entities(form.namespace), &[], &ALL, most),
            Self::Walk(walk) => {
                let (skip, rows) = form.cut();
                let reached = skip.saturating_add(rows);
                // Without a filter it stops as soon as there are enough.
                if walk.exact && reached <= most {
                    return Ok(reached);
                }
                count_keys(eval, &walk.prefix, &walk.from, &walk.to, most)
            }
        }
    }
}

/// Counts keys, up to `most`.
fn count_keys(
    eval: &mut Eval<'_, '_>,
    prefix: &[u8],
    from: &[u8],
    to: &[u8],
    most: usize,
) -> Result<usize, Failure> {
    let key = |position: &[u8]| [prefix, position].concat();
    let range = eval.state.snapshot.range(&key(from), Some(&key(to)), Direction::Ascending)?;
    range.take(most).try_fold(0, |count, entry| {
        entry?;
        eval.budget.tick()?;
        Ok(count + 1)
    })
}

/// Returns the range of an attribute's index that conditions on the attribute allow.
fn walk_index(attribute: &Attribute, filter: Option<&Filter>) -> Walk {
    let mut walk = Walk {
        prefix: layout::index(attribute.no),
        from: Vec::new(),
        to: ALL.to_vec(),
        attribute: Some(attribute.no),
        exact: filter.is_none(),
    };
    let filters = match filter {
        Some(Filter::All(filters)) => filters.as_slice(),
        Some(filter) => std::slice::from_ref(filter),
        None => &[],
    };
    for filter in filters {
        if let Filter::All(filters) = filter {
            filters.iter().for_each(|filter| walk.narrow(attribute, filter));
        }
        walk.narrow(attribute, filter);
        walk.exact = filters.len() == 1 && is_range(attribute, filter);
    }
    walk
}

/// Returns whether the range of keys is equivalent to the filter on the attribute.
fn is_range(attribute: &Attribute, filter: &Filter) -> bool {
    match filter {
        Filter::Test(Test::Value { attribute: tested, check, seek: Some(Seek::Range(..)) }) => {
            tested.no == attribute.no && check.is_index_exact()
        }
        _ => false,
    }
}

impl Walk {
    fn narrow(&mut self, attribute: &Attribute, filter: &Filter) {
        if let Filter::Test(Test::Value { attribute: tested, seek: Some(Seek::Range(from, to)), .. }) = filter
            && tested.no == attribute.no
        {
            if *from > self.from {
                self.from.clone_from(from);
            }
            if *to < self.to {
                self.to.clone_from(to);
            }
        }
    }

    /// Returns the matching rows of the window, in the order in which it reads them.
    pub(super) fn rows<'v>(
        &self,
        eval: &mut Eval<'v, '_>,
        form: &Rows,
        window: &Window,
        take: Take,
    ) -> Result<Vec<PageRow<'v>>, Failure> {
        let Take { backwards, mut skip, most, positions } = take;
        let from = window.from.as_ref().map_or(&self.from, |from| from.max(&self.from));
        let to = window.to.as_ref().map_or(&self.to, |to| to.min(&self.to));
        match self.attribute {
            Some(attribute) => eval.record(Dependency::Values { attribute, from, to }),
            None => eval.record(Dependency::Namespace { namespace: form.namespace }),
        }
        if most == 0 {
            return Ok(Vec::new());
        }
        let mut found = Vec::with_capacity(most.min(100));
        let direction = if backwards { Direction::Descending } else { Direction::Ascending };
        let key = |position: &[u8]| [&self.prefix, position].concat();
        for entry in eval.state.snapshot.range(&key(from), Some(&key(to)), direction)? {
            let (key, _) = entry?;
            eval.budget.tick()?;
            let entity = Entity::new(form.namespace, layout::last_id(&key));
            // Pages contain only rows.
            if (!self.exact && !passes(eval, form, &entity)?) || !eval.is_row(&entity)? {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let position = if positions { key[self.prefix.len()..].to_vec() } else { Vec::new() };
            eval.budget.hold(entity.bytes() + position.len())?;
            found.push(PageRow { entity, position });
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }
}
