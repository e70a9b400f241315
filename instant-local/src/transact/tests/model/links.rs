//! The links of the model's schema.

use super::steps::{Action, EntityKey};

/// A link of the schema, by its label on either side.
pub(super) struct Link {
    pub(super) label: &'static str,
    pub(super) from: &'static str,
    label_there: &'static str,
    pub(super) to: &'static str,
    pub(super) to_one: bool,
    pub(super) unique: bool,
    pub(super) goes_with_target: bool,
    pub(super) target_goes: bool,
}

impl Link {
    const fn new(
        label: &'static str,
        from: &'static str,
        label_there: &'static str,
        to: &'static str,
    ) -> Self {
        let (to_one, unique, goes_with_target, target_goes) = (false, false, false, false);
        Self { label, from, label_there, to, to_one, unique, goes_with_target, target_goes }
    }
}

pub(super) const LINKS: [Link; 4] = [
    Link { to_one: true, goes_with_target: true, ..Link::new("owner", "goals", "goals", "people") },
    Link { unique: true, ..Link::new("tags", "goals", "tagged", "people") },
    Link { to_one: true, unique: true, target_goes: true, ..Link::new("twin", "goals", "twinOf", "goals") },
    Link::new("fans", "people", "fanOf", "goals"),
];

pub(super) fn link(label: &str) -> &'static Link {
    LINKS.iter().find(|link| link.label == label).expect("labels come from the schema")
}

/// Returns the links of a step, from the side that stores them.
pub(super) fn edges(action: &Action) -> impl Iterator<Item = (&'static str, EntityKey, EntityKey)> {
    action.edges.iter().flat_map(move |(label, to)| {
        let forward = LINKS.iter().find(|link| link.label == *label && link.from == action.namespace);
        let reverse = LINKS.iter().find(|link| link.label_there == *label && link.to == action.namespace);
        to.iter().map(move |to| match (forward, reverse) {
            (Some(link), _) => (link.label, action.entity.clone(), to.clone()),
            (None, Some(link)) => (link.label, to.clone(), action.entity.clone()),
            (None, None) => unreachable!("labels come from the schema"),
        })
    })
}
