//! Compile-time assertions that both ends of a link fit each other.
//!
//! Constants cannot compare strings with `==` and `<`, so this module implements both.

use super::{EntitySchema, LinkEnd, LinkSchema, unique_names::assert_names_are_unique};
use crate::{
    entity::Entity,
    link::{LinkHandle, LinkType},
};

/// Returns the handle of a link. It does not compile if the field that `reverse` names is not a
/// link.
#[doc(hidden)]
pub const fn link_handle<L: LinkType>(link: LinkHandle<L>) -> LinkHandle<L> {
    link
}

/// Returns the declaration of the end that a handle belongs to.
#[doc(hidden)]
pub const fn end_of_handle<L: LinkType>(_: LinkHandle<L>) -> LinkEnd {
    L::END
}

/// Marks the to-one end of a `One`/`Many` pair as the forward end if neither end is marked.
pub(super) const fn with_forward_end(mut end: LinkEnd, mut reverse: LinkEnd) -> (LinkEnd, LinkEnd) {
    if !end.forward && !reverse.forward && end.many != reverse.many {
        end.forward = !end.many;
        reverse.forward = !reverse.many;
    }
    (end, reverse)
}

/// Whether an end stores the link, as a type.
#[doc(hidden)]
#[derive(Debug)]
pub struct Is<const FORWARD: bool>;

/// Holds if the end `L` stores the link.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{L}` is the reverse end of a link, which cannot have a field rule",
    label = "expected an attribute or a forward link",
    note = "Instant ignores rules of reverse ends: add the rule to the forward end, or restrict the linked entities by their `view` rule"
)]
pub trait Stored<L> {}

impl<L> Stored<L> for Is<true> {}

/// Holds if `E` is the entity that the other end, `B`, leads to.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the other end of this link, `{B}`, leads to `{Self}`, not to `{E}`",
    label = "leads to `{Self}`",
    note = "`reverse` names the field of the linked struct that leads back to `{E}`"
)]
pub trait LeadsBackTo<E, B> {}

impl<E, B> LeadsBackTo<E, B> for E {}

/// Asserts that two ends declared in Rust fit each other. The error points to the caller, which is
/// located where `reverse` names the other end.
#[doc(hidden)]
#[track_caller]
pub const fn assert_ends_match<A: LinkType, B: LinkType>(_: LinkHandle<A>, _: LinkHandle<B>)
where
    B::Target: LeadsBackTo<A::Owner, B>,
{
    if !equal(B::REVERSE.label, A::END.label) {
        panic!(
            "the two ends of this link do not name each other: the field named by `reverse` must name this field as its `reverse`"
        );
    }
    if equal(A::END.label, B::END.label)
        && equal(<A::Owner as Entity>::NAMESPACE, <A::Target as Entity>::NAMESPACE)
    {
        panic!("the two ends of a link need different names: `reverse` cannot name the field itself");
    }
    if B::REVERSE.many != A::END.many {
        panic!(
            "the two ends of this link disagree on the cardinality of this end: in the linked struct, name this field with `reverse = field` instead of a string"
        );
    }
    let marked = A::END.forward || B::END.forward;
    if !marked && A::END.many == B::END.many && reports_mistakes::<A, B>() {
        panic!(
            "neither end of this link is marked as the forward one: add `forward` to one of them; only between a `One` and a `Many` is it clear which end stores the link"
        );
    }
    // An end does not see the other one if it names it by a string.
    if A::END.forward && B::END.forward && (reports_mistakes::<A, B>() || !B::REVERSE.forward) {
        panic!(
            "both ends of this link are marked as the forward one: put `forward`, `required`, `on_delete` and `on_delete_reverse` on one end only"
        );
    }
    if (A::END.on_delete_reverse && B::END.many) || (B::END.on_delete_reverse && A::END.many) {
        panic!(
            "`on_delete_reverse = cascade` requires the other end to be a `One`: an entity with several links cannot be deleted with one of them"
        );
    }
}

/// Returns whether end `A` reports the mistakes of the link, so that each is reported once: the
/// to-one end, or the first of two equal ends.
const fn reports_mistakes<A: LinkType, B: LinkType>() -> bool {
    if A::END.many != B::END.many {
        return B::END.many;
    }
    let (a, b) = (<A::Owner as Entity>::NAMESPACE, <B::Owner as Entity>::NAMESPACE);
    if equal(a, b) { is_before(A::END.label, B::END.label) } else { is_before(a, b) }
}

/// Asserts that no link is declared twice, in two directions, and that names are unique.
#[doc(hidden)]
#[track_caller]
pub const fn assert_links_declared_once(entities: &[EntitySchema]) {
    assert_names_are_unique(entities);
    let mut a = 0;
    while a < entities.len() {
        let mut b = a;
        while b < entities.len() {
            check_links(entities[a].links, entities[b].links);
            b += 1;
        }
        a += 1;
    }
}

#[track_caller]
const fn check_links(a: &[LinkSchema], b: &[LinkSchema]) {
    let mut i = 0;
    while i < a.len() {
        let mut j = 0;
        while j < b.len() {
            if a[i].end.forward
                && b[j].end.forward
                && equal(a[i].namespace, b[j].target)
                && equal(a[i].target, b[j].namespace)
                && equal(a[i].end.label, b[j].reverse.label)
                && equal(a[i].reverse.label, b[j].end.label)
            {
                panic!(
                    "both ends declare this link with `reverse = \"..\"`: name the other field instead with `reverse = field`, and mark one end as `forward`"
                );
            }
            j += 1;
        }
        i += 1;
    }
}

/// Compares strings with `<` in a constant.
const fn is_before(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}

/// Compares strings with `==` in a constant.
pub(super) const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
