//! Determines whether filters match each entity at most once, so that the number of matches is the
//! number of entities (`docs/protocol/instaql.md`, "9. `aggregate`").

use instant_core::query::{Condition, Predicate};

use super::{Expr, Node};
use crate::schema::AttrSchema;

/// Returns whether each entity matches at most once, and `false` if that is unknown. `attrs` are
/// the attributes that the struct declares.
pub(crate) fn matches_are_distinct(filters: &[Expr], attrs: &[AttrSchema]) -> bool {
    let own = |label: &str| label == "id" || attrs.iter().any(|attr| attr.label == label);
    filters.iter().all(|filter| match filter {
        Expr::Node(Node::Predicate(label, test)) => own(label) || test.as_ref().is_ok_and(one_at_most),
        Expr::Node(node) => behind_to_one(node),
        Expr::All(members) => matches_are_distinct(members, attrs),
        Expr::Any(_) | Expr::Invalid(_) => false,
        Expr::Raw(filter) => filter.0.iter().all(|condition| match condition {
            Condition::Path { path, predicates } => match path.split_last() {
                (label, []) => own(label) || predicates.iter().all(one_at_most),
                _ => false,
            },
            Condition::Any(_) | Condition::All(_) => false,
        }),
    })
}

/// Returns whether a condition, whose label may name an attribute or a link, follows only to-one
/// links.
fn behind_to_one(node: &Node) -> bool {
    match node {
        Node::Predicate(_, test) => test.as_ref().is_ok_and(one_at_most),
        Node::Linked(hop, nodes) => !hop.many && nodes.iter().all(behind_to_one),
    }
}

/// Returns whether at most one value of a to-many link can satisfy the predicate. All other
/// predicates apply to attributes, which have one value.
fn one_at_most(test: &Predicate) -> bool {
    !matches!(test, Predicate::In(_) | Predicate::Not(_) | Predicate::IsNull(_))
}
