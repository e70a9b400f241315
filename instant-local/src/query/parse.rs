//! Parses queries, and provides the stack that deeply nested ones need.

use instant_core::{
    Value,
    query::{Condition, Form, Predicate, Query, Where},
};

use crate::failure::Failure;

/// The nesting from which on queries are parsed and evaluated on a large stack of their own.
const DEEP: usize = 32;
const DEEP_STACK: usize = 64 << 20;

/// Parses a query.
///
/// # Errors
///
/// The rejections of `docs/protocol/instaql.md`, "14. Error catalogue", that need no schema. They
/// quote the request.
pub(crate) fn parse(json: &Value) -> Result<Query, Failure> {
    let parse = || Query::parse(json).map_err(|invalid| Failure::invalid_request(&invalid));
    if is_deep_value(json) { on_deep_stack(parse)? } else { parse() }
}

/// Returns whether a query nests so deep that it needs [`on_deep_stack`].
pub(super) fn is_deep(query: &Query) -> bool {
    query.forms.iter().any(|named| form_depth(&named.form, DEEP) >= DEEP)
}

pub(crate) fn is_deep_value(value: &Value) -> bool {
    value_depth(value, DEEP) >= DEEP
}

/// Runs `work` on a thread with a large stack, and waits for it.
///
/// # Errors
///
/// If the stack cannot be allocated, or `work` panics, which would be a bug.
pub(super) fn on_deep_stack<R: Send>(work: impl FnOnce() -> R + Send) -> Result<R, Failure> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, work);
        let rejected = |message: &str| Failure::rejected("unknown", message);
        let thread =
            thread.map_err(|_| rejected("failed to allocate the stack for a query that nests this deep"))?;
        thread.join().map_err(|_| rejected("the query could not be evaluated"))
    })
}

// These functions stop counting at `most`, which bounds their own recursion.

fn form_depth(form: &Form, most: usize) -> usize {
    if most == 0 {
        return 0;
    }
    let filter = where_depth(&form.options.filter, most - 1);
    let links = form.links.iter().map(|link| form_depth(&link.form, most - 1)).max();
    1 + links.unwrap_or(0).max(filter)
}

fn where_depth(filter: &Where, most: usize) -> usize {
    if most == 0 {
        return 0;
    }
    let depths = filter.0.iter().map(|condition| match condition {
        Condition::Any(all) | Condition::All(all) => {
            all.iter().map(|filter| where_depth(filter, most - 1)).max().unwrap_or(0)
        }
        Condition::Path { predicates, .. } => {
            predicates.iter().map(|predicate| predicate_depth(predicate, most - 1)).max().unwrap_or(0)
        }
    });
    1 + depths.max().unwrap_or(0)
}

fn predicate_depth(predicate: &Predicate, most: usize) -> usize {
    match predicate {
        Predicate::In(values) => values.iter().map(|value| value_depth(value, most)).max().unwrap_or(0),
        Predicate::IsNull(_) => 0,
        Predicate::Equals(value)
        | Predicate::Not(value)
        | Predicate::Gt(value)
        | Predicate::Gte(value)
        | Predicate::Lt(value)
        | Predicate::Lte(value)
        | Predicate::Like(value)
        | Predicate::ILike(value)
        | Predicate::EntityId(value) => value_depth(value, most),
    }
}

fn value_depth(value: &Value, most: usize) -> usize {
    if most == 0 {
        return 0;
    }
    match value {
        Value::Array(items) => 1 + items.iter().map(|item| value_depth(item, most - 1)).max().unwrap_or(0),
        Value::Object(members) => {
            1 + members.iter().map(|(_, member)| value_depth(member, most - 1)).max().unwrap_or(0)
        }
        _ => 0,
    }
}
