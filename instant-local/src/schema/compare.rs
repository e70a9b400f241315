//! How an attribute that is there differs from the one that a schema declares.

use instant_core::schema::Attr;

use super::step::{Check, Step};

/// What a plan looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Options {
    /// Types are set and compared.
    pub(crate) types: bool,
    /// Changes that the data may not allow are steps of their own.
    pub(crate) background: bool,
}

/// The steps that make `known` like `wanted`.
pub(super) fn compare(known: &Attr, wanted: &Attr, options: Options) -> Vec<Step> {
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
        let mut check = |differs: bool, check: Check| {
            if differs {
                steps.push(Step::check(known, check));
            }
        };
        if !wanted.is_link() {
            check(known.index != wanted.index, Check::Index(wanted.index));
            check(known.unique != wanted.unique, Check::Unique(wanted.unique));
        }
        check(known.required != wanted.required, Check::Required(wanted.required));
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
        steps.push(Step::check(known, Check::Type(wanted.checked_type)));
    }
    steps
}
