//! Resolved conditions of a query. They contain no names, and their operands are checked.

use std::sync::Arc;

use instant_core::Uuid;

use super::value_test::ValueTest;
use crate::catalog::{AttrNo, Attribute, Label, NamespaceNo, Side};

/// A condition on one entity.
#[derive(Debug)]
pub(super) enum Filter {
    /// All of these hold. An empty list always holds.
    All(Vec<Filter>),
    /// One of these holds.
    Any(Vec<Filter>),
    /// A linked entity matches.
    Join(Join),
    /// A graph of linked entities matches.
    Graph(Vec<Variable>),
    /// A predicate on the entity itself holds.
    Test(Test),
}

/// A filter on an entity at the end of `hops`.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) hops: Vec<Hop>,
    pub(super) filter: Box<Filter>,
}

/// One of several entities that are matched together. The first variable is the entity to test.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) namespace: NamespaceNo,
    /// The earlier variables that lead to it, with their links.
    pub(super) hops: Vec<(usize, Hop)>,
    pub(super) tests: Vec<Test>,
}

/// A link in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) attribute: AttrNo,
    pub(super) side: Side,
    /// `true` if it leads to at most one entity.
    pub(super) to_one: bool,
    pub(super) to: NamespaceNo,
}

/// A predicate on one entity.
#[derive(Debug)]
pub(super) enum Test {
    /// The value of an attribute passes a test.
    Value { attribute: Arc<Attribute>, check: ValueTest, seek: Option<Seek> },
    /// The row exists and its value is null or missing.
    Missing(AttrNo),
    /// The row exists and its value is neither null nor missing.
    Present(AttrNo),
    /// The row exists and its id is one of these, which are sorted.
    Ids(Vec<Uuid>),
    /// The row exists and has another id.
    OtherId(Option<Uuid>),
    /// The row exists and its id is between these, both included.
    Prefix(NamespaceNo, Uuid, Uuid),
    /// The entity is linked to one of these, which are sorted.
    Linked(Hop, Vec<Uuid>),
    /// The entity is linked to another one.
    LinkedElse(Hop, Uuid),
    /// The row exists and is linked.
    HasLink(Hop),
    /// The row exists and is not linked.
    NoLink(Hop),
    /// Never holds.
    Never,
}

/// The part of an index with the values that can pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seek {
    /// These values.
    Points(Vec<Vec<u8>>),
    /// The values from the first, included, to the second, excluded.
    Range(Vec<u8>, Vec<u8>),
}

impl Hop {
    /// Returns the hop of a label, if it is a link.
    pub(super) fn new(label: &Label) -> Option<Self> {
        if !label.attribute.attr.is_link() {
            return None;
        }
        Some(Self {
            attribute: label.attribute.no,
            side: label.side,
            to_one: label.is_to_one(),
            to: label.target()?,
        })
    }

    /// Returns whether the document of the entity contains the target.
    pub(super) fn is_stored(&self) -> bool {
        self.to_one && self.side == Side::Forward
    }
}

impl Filter {
    /// Creates a filter on the entities at the end of links.
    pub(super) fn through(hops: &[Hop], filter: Self) -> Self {
        hops.iter()
            .rfold(filter, |filter, hop| Self::Join(Join { hops: vec![*hop], filter: Box::new(filter) }))
    }

    /// Creates a conjunction.
    pub(super) fn all(mut filters: Vec<Self>) -> Self {
        match filters.len() {
            1 => filters.swap_remove(0),
            _ => Self::All(filters),
        }
    }
}

/// Conditions that share one linked entity per namespace and depth (`docs/protocol/instaql.md`,
/// "5.5 Dotted paths").
pub(super) fn shared(namespace: NamespaceNo, mut chains: Vec<(Vec<Hop>, Test)>) -> Filter {
    if let [_] = chains.as_slice()
        && let Some((hops, test)) = chains.pop()
    {
        return Filter::through(&hops, Filter::Test(test));
    }
    if chains.iter().all(|(hops, _)| hops.is_empty()) {
        return Filter::all(chains.into_iter().map(|(_, test)| Filter::Test(test)).collect());
    }
    let mut variables = vec![Variable { namespace, hops: Vec::new(), tests: Vec::new() }];
    let mut depths = vec![0];
    for (hops, test) in chains {
        let mut at = 0;
        for (depth, hop) in hops.iter().enumerate() {
            let same =
                |(variable, known): (&Variable, &usize)| variable.namespace == hop.to && *known == depth + 1;
            let next = variables.iter().zip(&depths).position(same).unwrap_or_else(|| {
                variables.push(Variable { namespace: hop.to, hops: Vec::new(), tests: Vec::new() });
                depths.push(depth + 1);
                variables.len() - 1
            });
            if !variables[next].hops.contains(&(at, *hop)) {
                variables[next].hops.push((at, *hop));
            }
            at = next;
        }
        variables[at].tests.push(test);
    }
    let meets = |variable: &Variable| variable.hops.iter().any(|(from, _)| *from != variable.hops[0].0);
    if variables.iter().any(meets) {
        // A path reaches shallow variables first, but a later path can lead from a newer variable
        // to an older one.
        return Filter::Graph(by_depth(variables, &depths));
    }
    tree(variables)
}

fn by_depth(variables: Vec<Variable>, depths: &[usize]) -> Vec<Variable> {
    let mut order = Vec::from_iter(0..variables.len());
    order.sort_by_key(|at| depths[*at]);
    let mut place = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut sorted = Vec::from_iter(variables.into_iter().enumerate());
    sorted.sort_by_key(|(old, _)| place[*old]);
    let move_hops = |mut variable: Variable| {
        for hop in &mut variable.hops {
            hop.0 = place[hop.0];
        }
        variable
    };
    sorted.into_iter().map(|(_, variable)| move_hops(variable)).collect()
}

/// Converts variables into nested conditions, if each is reached from only one other.
fn tree(variables: Vec<Variable>) -> Filter {
    let mut filters: Vec<Vec<Filter>> = Vec::with_capacity(variables.len());
    let mut hops: Vec<Vec<(usize, Hop)>> = Vec::with_capacity(variables.len());
    for variable in variables {
        filters.push(variable.tests.into_iter().map(Filter::Test).collect());
        hops.push(variable.hops);
    }
    // A variable can come before the one that leads to it, so that the deepest is not always the
    // last.
    let parents = Vec::from_iter(hops.iter().map(|hops| hops.first().map(|hop| hop.0)));
    let depth = |mut at: usize| {
        let mut depth = 0;
        while let Some(parent) = parents[at] {
            (at, depth) = (parent, depth + 1);
        }
        depth
    };
    let mut order = Vec::from_iter((1..filters.len()).map(|at| (depth(at), at)));
    order.sort_unstable();
    for (_, at) in order.into_iter().rev() {
        let filter = Box::new(Filter::all(std::mem::take(&mut filters[at])));
        if let Some(parent) = parents[at] {
            let hops = hops[at].iter().map(|(_, hop)| *hop).collect();
            filters[parent].push(Filter::Join(Join { hops, filter }));
        }
    }
    Filter::all(filters.swap_remove(0))
}
