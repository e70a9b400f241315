//! Estimates from its plan whether a query is small enough to run inline.
//!
//! Handing a query to another thread costs as much as reading some dozens of rows, so smaller
//! queries run on the async thread that received them. This is an estimate, because the number of
//! linked entities is unknown; [`INLINE_TIME`] bounds the error. Queries whose rules take
//! rate-limit tokens never run inline, because restarting one would take the tokens twice.

use std::time::Duration;

use super::{
    eval::Eval,
    filter::Filter,
    find::Plan,
    resolve::{Form, Rows},
};
use crate::failure::Failure;

/// The time that a query may block its async thread.
pub(super) const INLINE_TIME: Duration = Duration::from_micros(300);

/// The number of rows up to which a query is small.
const SMALL: usize = 100;

/// The assumed number of entities per link.
const PER_LINK: usize = 8;

/// The cost of evaluating the rules of a row, in rows.
const PER_RULE: usize = 4;

/// Returns whether all forms together are small.
pub(super) fn is_small<'f>(
    eval: &mut Eval<'_, '_>,
    mut forms: impl Iterator<Item = &'f (&'f Rows, Plan<'f>)>,
) -> Result<bool, Failure> {
    let base = if eval.guard.is_some() { 1 + PER_RULE } else { 1 };
    let spent = forms.try_fold(0, |spent: usize, (rows, plan)| {
        let each = base.saturating_mul(cost(rows));
        // One more than the maximum, to detect that it is exceeded.
        let fitting = SMALL.saturating_sub(spent) / each;
        let size = plan.size(eval, rows, fitting + 1)?;
        Ok(spent.saturating_add(size.saturating_mul(each)))
    });
    spent.map(|spent| spent <= SMALL)
}

/// Returns the cost of one entity of a form, in rows.
fn cost(form: &Rows) -> usize {
    let behind = form.links.iter().filter_map(|link: &Form| link.rows.as_ref()).map(|link| {
        let entities = if link.hop.is_some_and(|hop| hop.to_one) { 1 } else { PER_LINK };
        entities.saturating_mul(cost(link))
    });
    let sum = 1 + form.filter.as_ref().map_or(0, joins).saturating_mul(PER_LINK);
    behind.fold(sum, usize::saturating_add)
}

/// Returns the number of links that conditions follow.
fn joins(filter: &Filter) -> usize {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => filters.iter().map(joins).sum(),
        // Each entity at the end of the first link has links of its own.
        Filter::Join(join) => 1 + joins(&join.filter).saturating_mul(PER_LINK),
        Filter::Graph(variables) => variables.len().saturating_mul(PER_LINK),
        Filter::Test(_) => 0,
    }
}
