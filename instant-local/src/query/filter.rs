//! Conditions with their names resolved, as they are evaluated: no labels, no operands left to check.

use std::sync::Arc;

use instant_core::Uuid;

use super::check::Check;
use crate::catalog::{AttrNo, Attribute, Label, NamespaceNo, Side};

/// What is asked of one entity.
#[derive(Debug)]
pub(super) enum Filter {
    /// All of these; nothing at all is always true.
    All(Vec<Filter>),
    /// One of these.
    Any(Vec<Filter>),
    /// An entity linked to this one passes.
    Join(Join),
    /// Linked entities that meet in more than one way.
    Knot(Vec<Variable>),
    /// Something of the entity itself.
    Test(Test),
}

/// Some entity that all of `hops` lead to passes `filter`.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) hops: Vec<Hop>,
    pub(super) filter: Box<Filter>,
}

/// One of several entities that are sought together. The first variable is the entity asked about.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) namespace: NamespaceNo,
    /// Which earlier variables lead to it, and how.
    pub(super) hops: Vec<(usize, Hop)>,
    pub(super) tests: Vec<Test>,
}

/// A link in the direction in which it is travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) attribute: AttrNo,
    pub(super) side: Side,
    /// Leads to one entity at most.
    pub(super) to_one: bool,
    pub(super) to: NamespaceNo,
}

/// Something of one entity.
#[derive(Debug)]
pub(super) enum Test {
    /// The value of an attribute.
    Value { attribute: Arc<Attribute>, check: Check, seek: Option<Seek> },
    /// The row exists, and its value is null or missing.
    Missing(AttrNo),
    /// The row exists, and its value is neither null nor missing.
    Present(AttrNo),
    /// The row exists, and its id is one of these, which are sorted.
    Ids(Vec<Uuid>),
    /// The row exists, and its id is another one.
    OtherId(Option<Uuid>),
    /// The row exists, and its id lies between these, both included.
    Prefix(NamespaceNo, Uuid, Uuid),
    /// Linked to one of these, which are sorted.
    Linked(Hop, Vec<Uuid>),
    /// Linked to another one.
    LinkedElse(Hop, Uuid),
    /// The row exists and is linked.
    HasLink(Hop),
    /// The row exists and is not linked.
    NoLink(Hop),
    /// Never true.
    Never,
}

/// Where an index holds the values that can pass.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seek {
    /// At these values.
    Points(Vec<Vec<u8>>),
    /// From the first, up to before the second.
    Range(Vec<u8>, Vec<u8>),
}

impl Hop {
    /// The way that `label` leads, if it is a link.
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

    /// Whether the entity's own document holds where it leads.
    pub(super) fn is_stored(&self) -> bool {
        self.to_one && self.side == Side::Forward
    }
}

impl Filter {
    /// `filter` at the end of links, each leading to an entity of its own.
    pub(super) fn behind(hops: &[Hop], filter: Self) -> Self {
        hops.iter()
            .rfold(filter, |filter, hop| Self::Join(Join { hops: vec![*hop], filter: Box::new(filter) }))
    }

    /// The conjunction.
    pub(super) fn all(mut filters: Vec<Self>) -> Self {
        match filters.len() {
            1 => filters.swap_remove(0),
            _ => Self::All(filters),
        }
    }
}

/// Conditions that speak of the same entity wherever they reach the same namespace at the same depth
/// (`instaql.md` 5.5).
pub(super) fn shared(namespace: NamespaceNo, mut chains: Vec<(Vec<Hop>, Test)>) -> Filter {
    if let [_] = chains.as_slice()
        && let Some((hops, test)) = chains.pop()
    {
        return Filter::behind(&hops, Filter::Test(test));
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
        // A chain reaches shallow variables first, but a later chain may lead to a variable from a newer one.
        return Filter::Knot(by_depth(variables, &depths));
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

/// Variables that are each reached from one other only, as conditions inside conditions.
fn tree(variables: Vec<Variable>) -> Filter {
    let mut filters: Vec<Vec<Filter>> = Vec::with_capacity(variables.len());
    let mut hops: Vec<Vec<(usize, Hop)>> = Vec::with_capacity(variables.len());
    for variable in variables {
        filters.push(variable.tests.into_iter().map(Filter::Test).collect());
        hops.push(variable.hops);
    }
    // A variable may stand before the one that leads to it, so the deepest is not always the last.
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
