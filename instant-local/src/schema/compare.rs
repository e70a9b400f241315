//! Compares an attribute with the one that a schema declares.

use instant_core::schema::Attr;

use super::step::{PropertyChange, Step};

/// Options of a schema push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PushOptions {
    /// Compares and sets types.
    pub(crate) types: bool,
    /// Plans changes that the data may not allow as checks of their own.
    pub(crate) background: bool,
}

/// Returns the steps that change `known` to `wanted`.
pub(super) fn compare(known: &Attr, wanted: &Attr, options: PushOptions) -> Vec<Step> {
    let flags = known.unique != wanted.unique || known.required != wanted.required;
    let inline = match wanted.is_link() {
        true => {
            known.unique != wanted.unique
                || known.cardinality != wanted.cardinality
                || known.on_delete != wanted.on_delete
                || known.on_delete_reverse != wanted.on_delete_reverse
                || (known.required != wanted.required && !options.background)
        }
        false => (flags || known.index != wanted.index) && !options.background,
    };
    let mut steps = Vec::new();
    if options.background {
        let mut check = |differs: bool, check: PropertyChange| {
            if differs {
                steps.push(Step::check(known, check));
            }
        };
        if !wanted.is_link() {
            check(known.index != wanted.index, PropertyChange::Index(wanted.index));
            check(known.unique != wanted.unique, PropertyChange::Unique(wanted.unique));
        }
        check(known.required != wanted.required, PropertyChange::Required(wanted.required));
    }
    if inline {
        let mut wanted = wanted.clone();
        wanted.id = known.id;
        wanted.forward.id = known.forward.id;
        if let (Some(wanted), Some(known)) = (&mut wanted.reverse, &known.reverse) {
            wanted.id = known.id;
        }
        steps.push(Step::update(&wanted));
    }
    if options.types && !wanted.is_link() && known.checked_type != wanted.checked_type {
        steps.push(Step::check(known, PropertyChange::Type(wanted.checked_type)));
    }
    steps
}
