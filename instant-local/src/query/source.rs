//! Candidate sources: find the entities that can match a condition without reading all entities.
//!
//! A source returns every matching entity and possibly others, so that the condition still has to
//! be tested. Conditions that entities without stored data match, such as `$not` and
//! `$isNull: true`, have no source.

use std::{fmt, ops::ControlFlow};

use instant_core::{Uuid, schema::CheckedType};

use super::{
    eval::{Entity, Eval, links},
    filter::{Filter, Hop, Seek, Test, Variable},
    observer::Dependency,
};
use crate::{
    catalog::{AttrNo, Catalog, NamespaceNo, Side},
    failure::Failure,
    layout,
    store::{Direction, Range},
};

/// A source of entities of one namespace.
#[derive(Debug)]
pub(super) enum Source<'f> {
    /// These.
    Ids(&'f [Uuid]),
    /// Those with an id between these, both included.
    Prefix(NamespaceNo, Uuid, Uuid),
    /// Those with these values.
    Values(AttrNo, &'f Seek),
    /// Those linked to these.
    Linked(Hop, &'f [Uuid]),
    /// Those linked to the entities of a source.
    Walk(Hop, Box<Source<'f>>),
    /// Those that have a link.
    Links(Hop),
    /// Those of several sources.
    Union(Vec<Source<'f>>),
}

/// The entities that can match a filter.
#[derive(Debug)]
pub(super) struct Candidates<'f> {
    pub(super) source: Source<'f>,
    pub(super) exact: bool,
}

/// The number of entities from which on sources count as equal.
pub(super) const MANY: usize = 1000;

impl<'f> Candidates<'f> {
    /// Chooses the best source for `filter`, if there is one.
    pub(super) fn new(eval: &mut Eval<'_, '_>, filter: &'f Filter) -> Result<Option<Self>, Failure> {
        Ok(match filter {
            Filter::All(filters) => {
                let mut choices = Vec::new();
                for filter in filters {
                    choices.extend(Self::new(eval, filter)?);
                }
                let alone = filters.len() == 1;
                Self::cheapest(eval, choices)?.map(|chosen| Self { exact: chosen.exact && alone, ..chosen })
            }
            Filter::Any(filters) => {
                let mut sources = Vec::with_capacity(filters.len());
                let mut exact = true;
                for filter in filters {
                    match Self::new(eval, filter)? {
                        Some(chosen) => {
                            exact &= chosen.exact;
                            sources.push(chosen.source);
                        }
                        None => return Ok(None),
                    }
                }
                Some(Self { source: Source::Union(sources), exact })
            }
            Filter::Join(join) => match join.hops.first() {
                Some(hop) => Some(Self::through(hop, Self::new(eval, &join.filter)?, join.hops.len() == 1)),
                None => None,
            },
            Filter::Graph(variables) => {
                let choices = (0..variables.len()).filter_map(|at| Self::of_variable(variables, at));
                Self::cheapest(eval, choices.collect())?
            }
            Filter::Test(test) => Self::of_test(test),
        })
    }

    /// Converts a source of linked entities into one of the entities that link to them.
    fn through(hop: &Hop, chosen: Option<Self>, alone: bool) -> Self {
        match chosen {
            // These rows may not exist.
            Some(Self { source: Source::Ids(ids), .. }) => {
                Self { source: Source::Linked(*hop, ids), exact: false }
            }
            Some(Self { source, exact }) => {
                Self { source: Source::Walk(*hop, Box::new(source)), exact: exact && alone }
            }
            None => Self { source: Source::Links(*hop), exact: false },
        }
    }

    fn of_test(test: &'f Test) -> Option<Self> {
        let inexact = |source| Self { source, exact: false };
        Some(match test {
            Test::Value { attribute, check, seek: Some(seek) } => {
                // The index contains dates as instants, even if they are compared as they were
                // written.
                let as_kept = attribute.attr.index || attribute.attr.checked_type != Some(CheckedType::Date);
                let exact = as_kept && check.is_index_exact();
                Self { source: Source::Values(attribute.no, seek), exact }
            }
            Test::Ids(ids) => inexact(Source::Ids(ids)),
            Test::Prefix(namespace, low, high) => inexact(Source::Prefix(*namespace, *low, *high)),
            Test::Linked(hop, ids) => Self { source: Source::Linked(*hop, ids), exact: true },
            Test::LinkedElse(hop, _) | Test::HasLink(hop) => inexact(Source::Links(*hop)),
            Test::Never => Self { source: Source::Ids(&[]), exact: true },
            Test::Value { .. } | Test::Missing(_) | Test::Present(_) | Test::OtherId(_) | Test::NoLink(_) => {
                return None;
            }
        })
    }

    /// Converts a source of one variable into a source of the entity to test.
    fn of_variable(variables: &'f [Variable], mut at: usize) -> Option<Self> {
        let mut chosen = variables[at].tests.iter().find_map(Self::of_test);
        if at > 0 {
            while let Some((from, hop)) = variables[at].hops.first() {
                chosen = Some(Self::through(hop, chosen, false));
                at = *from;
            }
        }
        chosen.map(|chosen| Self { exact: false, ..chosen })
    }

    fn cheapest(eval: &mut Eval<'_, '_>, mut choices: Vec<Self>) -> Result<Option<Self>, Failure> {
        if choices.len() < 2 {
            return Ok(choices.pop());
        }
        let mut best = None;
        let mut least = MANY;
        for chosen in choices {
            let size = chosen.source.size(eval, least)?;
            if best.is_none() || size < least {
                (best, least) = (Some(chosen), size);
            }
            if least <= 1 {
                break;
            }
        }
        Ok(best)
    }
}

impl Source<'_> {
    /// Counts its entities, up to `most`.
    pub(super) fn size(&self, eval: &mut Eval<'_, '_>, most: usize) -> Result<usize, Failure> {
        if let Self::Ids(ids) = self {
            return Ok(ids.len().min(most));
        }
        let mut size = 0;
        let _ = self.each(eval, &mut |_, _| {
            size += 1;
            Ok(if size < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        Ok(size)
    }

    /// Returns its entities without duplicates, in the order of their ids.
    pub(super) fn ids(&self, eval: &mut Eval<'_, '_>) -> Result<Vec<Uuid>, Failure> {
        let mut ids = Vec::new();
        let _ = self.each(eval, &mut |eval, id| {
            eval.budget.hold(size_of::<Uuid>())?;
            ids.push(id);
            Ok(ControlFlow::Continue(()))
        })?;
        eval.budget.clone().sort_by(&mut ids, &mut Uuid::cmp)?;
        ids.dedup();
        Ok(ids)
    }

    /// Calls `each` with its entities, possibly more than once with the same.
    fn each<'v, 'o>(
        &self,
        eval: &mut Eval<'v, 'o>,
        each: &mut Each<'_, 'v, 'o>,
    ) -> Result<ControlFlow<()>, Failure> {
        match self {
            Self::Ids(ids) => until_break(*ids, |id| {
                eval.budget.tick()?;
                each(eval, *id)
            }),
            Self::Prefix(namespace, low, high) => prefix(eval, *namespace, low, high, each),
            Self::Values(attribute, Seek::Points(points)) => {
                until_break(points, |point| range(eval, *attribute, point, &after(point), each))
            }
            Self::Values(attribute, Seek::Range(from, to)) => range(eval, *attribute, from, to, each),
            Self::Linked(hop, ids) => until_break(*ids, |id| back(eval, hop, id, each)),
            Self::Walk(hop, source) => source.each(eval, &mut |eval, id| back(eval, hop, &id, each)),
            Self::Links(hop) => all_links(eval, hop, each),
            Self::Union(sources) => until_break(sources, |source| source.each(eval, each)),
        }
    }

    /// Describes the source for `explain`.
    pub(super) fn describe(&self, catalog: &Catalog) -> String {
        let name =
            |attribute: &AttrNo| catalog.attribute(*attribute).map_or_else(String::new, |known| known.name());
        match self {
            Self::Ids(ids) => format!("ids({})", ids.len()),
            Self::Prefix(..) => "ids that begin alike".to_owned(),
            Self::Values(attribute, Seek::Points(points)) => {
                format!("index {} = {}", name(attribute), Count(points.len(), "value"))
            }
            Self::Values(attribute, Seek::Range(..)) => format!("index {} range", name(attribute)),
            Self::Linked(hop, ids) => format!("links {} of {}", name(&hop.attribute), Count(ids.len(), "id")),
            Self::Walk(hop, source) => {
                format!("{} > links {}", source.describe(catalog), name(&hop.attribute))
            }
            Self::Links(hop) => format!("all links {}", name(&hop.attribute)),
            Self::Union(sources) => {
                let parts = Vec::from_iter(sources.iter().map(|source| source.describe(catalog)));
                format!("union({})", parts.join("; "))
            }
        }
    }
}

type Each<'a, 'v, 'o> = dyn FnMut(&mut Eval<'v, 'o>, Uuid) -> Result<ControlFlow<()>, Failure> + 'a;

/// Visits the items until a visit returns `Break`.
fn until_break<T>(
    all: impl IntoIterator<Item = T>,
    mut visit: impl FnMut(T) -> Result<ControlFlow<()>, Failure>,
) -> Result<ControlFlow<()>, Failure> {
    for one in all {
        if visit(one)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Calls `each` with the id at the end of each key.
fn last_ids<'v, 'o>(
    eval: &mut Eval<'v, 'o>,
    entries: Range<'v>,
    each: &mut Each<'_, 'v, 'o>,
) -> Result<ControlFlow<()>, Failure> {
    until_break(entries, |entry| {
        let (key, _) = entry?;
        eval.budget.tick()?;
        each(eval, layout::last_id(&key))
    })
}

struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

fn range<'v, 'o>(
    eval: &mut Eval<'v, 'o>,
    attribute: AttrNo,
    from: &[u8],
    to: &[u8],
    each: &mut Each<'_, 'v, 'o>,
) -> Result<ControlFlow<()>, Failure> {
    eval.budget.tick()?;
    eval.record(Dependency::Values { attribute, from, to });
    let (from, to) = (layout::index_value(attribute, from), layout::index_value(attribute, to));
    let entries = eval.state.snapshot.range(&from, Some(&to), Direction::Ascending)?;
    last_ids(eval, entries, each)
}

fn prefix<'v, 'o>(
    eval: &mut Eval<'v, 'o>,
    namespace: NamespaceNo,
    low: &Uuid,
    high: &Uuid,
    each: &mut Each<'_, 'v, 'o>,
) -> Result<ControlFlow<()>, Failure> {
    eval.record(Dependency::Namespace { namespace });
    let (from, to) = (layout::entity(namespace, low), after(&layout::entity(namespace, high)));
    let entries = eval.state.snapshot.range(&from, Some(&to), Direction::Ascending)?;
    last_ids(eval, entries, each)
}

/// Visits the entities from which `hop` leads to `id`.
fn back<'v, 'o>(
    eval: &mut Eval<'v, 'o>,
    hop: &Hop,
    id: &Uuid,
    each: &mut Each<'_, 'v, 'o>,
) -> Result<ControlFlow<()>, Failure> {
    if hop.side == Side::Reverse
        && let Some(attribute) = eval.state.catalog.attribute(hop.attribute)
        && attribute.is_to_one()
    {
        // A to-one link is part of the document.
        let entity = Entity::new(attribute.forward, *id);
        let stored =
            Hop { attribute: hop.attribute, side: Side::Forward, to_one: true, to: attribute.forward };
        let mut flow = ControlFlow::Continue(());
        eval.each_target(&stored, &entity, &mut |eval, id| {
            flow = each(eval, id)?;
            Ok(false)
        })?;
        return Ok(flow);
    }
    eval.budget.tick()?;
    let side = if hop.side == Side::Forward { Side::Reverse } else { Side::Forward };
    eval.record(Dependency::Links { attribute: hop.attribute, side, id: *id });
    let prefix = links(&Hop { side, ..*hop }, id);
    let entries = eval.state.snapshot.scan(&prefix, Direction::Ascending)?;
    last_ids(eval, entries, each)
}

fn all_links<'v, 'o>(
    eval: &mut Eval<'v, 'o>,
    hop: &Hop,
    each: &mut Each<'_, 'v, 'o>,
) -> Result<ControlFlow<()>, Failure> {
    eval.record(Dependency::AllLinks { attribute: hop.attribute });
    let prefix = match hop.side {
        Side::Forward => layout::links(hop.attribute),
        Side::Reverse => layout::links_back(hop.attribute),
    };
    let mut last = None;
    until_break(eval.state.snapshot.scan(&prefix, Direction::Ascending)?, |entry| {
        let (key, _) = entry?;
        eval.budget.tick()?;
        let id = layout::first_id(&key);
        if last.replace(id) == Some(id) { Ok(ControlFlow::Continue(())) } else { each(eval, id) }
    })
}

/// Returns the smallest key after all that start with `prefix`, which must contain a byte below
/// 255.
pub(super) fn after(prefix: &[u8]) -> Vec<u8> {
    let mut after = prefix.to_vec();
    while let Some(last) = after.pop() {
        if last < u8::MAX {
            after.push(last + 1);
            return after;
        }
    }
    vec![u8::MAX; prefix.len() + 1]
}
