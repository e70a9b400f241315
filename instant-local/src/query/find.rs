//! Finding the rows of a form: everything that passes, or a walk through an order that stops early.

use super::{
    eval::{Entity, Eval},
    filter::{Filter, Seek, Test},
    list,
    observer::Fact,
    resolve::{By, Rows},
    source::{Chosen, MANY, Source},
};
use crate::{
    catalog::{AttrNo, Attribute, Catalog},
    failure::Failure,
    layout,
    store::Direction,
};

/// Everything that passes, in the order of creation; what is no row comes first.
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
            eval.touched(Fact::Namespace { namespace });
            let mut rows = Vec::new();
            for entry in eval.state.snapshot.scan(&walk.prefix, Direction::Ascending)? {
                let (key, _) = entry?;
                eval.budget.tick()?;
                rows.push(Entity::new(namespace, layout::last_id(&key)));
            }
            Ok(rows)
        }
    }
}

/// In how many ways the form is matched (`instaql.md` 9).
pub(super) fn count(eval: &mut Eval<'_, '_>, form: &Rows, plan: &Plan<'_>) -> Result<u64, Failure> {
    let entities = all(eval, form, plan)?;
    let Some(filter) = &form.filter else { return Ok(entities.len() as u64) };
    entities
        .iter()
        .try_fold(0_u64, |sum, entity| Ok(sum.saturating_add(eval.count(filter, entity, u64::MAX)?)))
}

/// Where the rows of a form come from.
pub(super) enum Plan<'f> {
    /// One after the other in their order, until there are enough.
    Walk(Walk),
    /// All that pass, then sorted.
    Sort(Option<Chosen<'f>>),
}

/// Keys in the order asked for, each ending in the id of a row.
pub(super) struct Walk {
    /// What stands in front of the position.
    prefix: Vec<u8>,
    /// The positions that can pass at all.
    from: Vec<u8>,
    to: Vec<u8>,
    attribute: Option<AttrNo>,
    /// Whether all of these pass.
    exact: bool,
}

/// Which rows of a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Take {
    /// From its end.
    pub(super) backwards: bool,
    pub(super) skip: usize,
    pub(super) most: usize,
    /// With the positions of the rows.
    pub(super) positions: bool,
}

/// Between which positions rows are looked for.
#[derive(Clone, Default)]
pub(super) struct Window {
    pub(super) from: Option<Vec<u8>>,
    pub(super) to: Option<Vec<u8>>,
}

/// A row that was found.
#[derive(Debug)]
pub(super) struct Row<'v> {
    pub(super) entity: Entity<'v>,
    /// Where it stands in the order in which the store keeps rows, if somebody asked: the order value, then the id.
    pub(super) position: Vec<u8>,
}

const ALL: [u8; 1] = [u8::MAX];

/// The entities that pass, of what was chosen or else of all, in the order of their ids.
pub(super) fn matching<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    chosen: Option<&Chosen<'_>>,
) -> Result<Vec<Entity<'v>>, Failure> {
    let Some(chosen) = chosen else { return scan(eval, form) };
    let mut found = Vec::new();
    for id in chosen.source.ids(eval)? {
        let entity = Entity::new(form.namespace, id);
        if chosen.exact || passes(eval, form, &entity)? {
            found.push(entity);
        }
    }
    Ok(found)
}

/// The stored entities that pass, in the order of their ids.
fn scan<'v>(eval: &mut Eval<'v, '_>, form: &Rows) -> Result<Vec<Entity<'v>>, Failure> {
    let namespace = form.namespace;
    eval.touched(Fact::Namespace { namespace });
    let mut found = Vec::new();
    for entry in eval.state.snapshot.scan(&layout::entities(namespace), Direction::Ascending)? {
        let (key, document) = entry?;
        eval.budget.tick()?;
        let entity = Entity::read(namespace, layout::last_id(&key), document);
        if passes(eval, form, &entity)? {
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

/// How the rows of a form are found best.
pub(super) fn plan<'f>(eval: &mut Eval<'_, '_>, form: &'f Rows) -> Result<Plan<'f>, Failure> {
    let chosen = match &form.filter {
        Some(filter) => Chosen::new(eval, filter)?,
        None => None,
    };
    let limited = form.page.limit.is_some();
    let ordering = match &form.order.by {
        By::Attribute(attribute) => Some(attribute),
        _ => None,
    };
    let walks = match &chosen {
        None => form.filter.is_none() || limited || ordering.is_some(),
        Some(Chosen { source: Source::Values(attribute, Seek::Range(..)), .. })
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
    /// How the rows are found, in words.
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

    /// How many entities are looked at, up to `most`; the store is not asked for more.
    pub(super) fn size(&self, eval: &mut Eval<'_, '_>, form: &Rows, most: usize) -> Result<usize, Failure> {
        match self {
            Self::Sort(Some(chosen)) => chosen.source.size(eval, most),
            Self::Sort(None) => count_keys(eval, &layout::entities(form.namespace), &[], &ALL, most),
            Self::Walk(walk) => {
                let (skip, rows) = form.cut();
                let reached = skip.saturating_add(rows);
                // It stops when it has seen enough, if it may take what it sees.
                if walk.exact && reached <= most {
                    return Ok(reached);
                }
                count_keys(eval, &walk.prefix, &walk.from, &walk.to, most)
            }
        }
    }
}

/// How many keys there are, up to `most`.
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

/// The index of an attribute, as far as conditions on the attribute itself let rows pass.
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

/// Whether the keys that the filter seeks are all that it asks of the attribute.
fn is_range(attribute: &Attribute, filter: &Filter) -> bool {
    match filter {
        Filter::Test(Test::Value { attribute: tested, check, seek: Some(Seek::Range(..)) }) => {
            tested.no == attribute.no && check.is_told_by_index()
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

    /// The rows of the window that pass, in the order of the walk.
    pub(super) fn rows<'v>(
        &self,
        eval: &mut Eval<'v, '_>,
        form: &Rows,
        window: &Window,
        take: Take,
    ) -> Result<Vec<Row<'v>>, Failure> {
        let Take { backwards, mut skip, most, positions } = take;
        let from = window.from.as_ref().map_or(&self.from, |from| from.max(&self.from));
        let to = window.to.as_ref().map_or(&self.to, |to| to.min(&self.to));
        match self.attribute {
            Some(attribute) => eval.touched(Fact::Values { attribute, from, to }),
            None => eval.touched(Fact::Namespace { namespace: form.namespace }),
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
            // What is no row is not part of pages.
            if (!self.exact && !passes(eval, form, &entity)?) || !eval.is_row(&entity)? {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let position = if positions { key[self.prefix.len()..].to_vec() } else { Vec::new() };
            found.push(Row { entity, position });
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }
}
