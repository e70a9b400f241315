//! Whether a query is little work, told from its plan before it is evaluated.
//!
//! Handing a query to another thread costs as much as reading some dozens of rows, so what reads
//! fewer is answered where it was asked. It is a guess, as nobody knows how many entities stand
//! behind a link; [`INLINE_TIME`] ends what it gets wrong. Where rules can take tokens, no guess is
//! made: what is ended and begun again would take them twice.

use std::time::Duration;

use super::{
    eval::Eval,
    filter::Filter,
    find::Plan,
    resolve::{Form, Rows},
};
use crate::failure::Failure;

/// How long a query may keep the others of its thread waiting.
pub(super) const INLINE_TIME: Duration = Duration::from_micros(300);

/// How many rows are little work.
const FEW: usize = 100;

/// What is behind a link of a row, in rows.
const PER_LINK: usize = 8;

/// What the rules of a row cost, in rows.
const PER_RULE: usize = 4;

/// Whether all forms together are little work.
pub(super) fn is_small<'f>(
    eval: &mut Eval<'_, '_>,
    mut forms: impl Iterator<Item = &'f (&'f Rows, Plan<'f>)>,
) -> Result<bool, Failure> {
    let base = if eval.guard.is_some() { 1 + PER_RULE } else { 1 };
    let spent = forms.try_fold(0, |spent: usize, (rows, plan)| {
        let each = base.saturating_mul(work(rows));
        // One more than fits, to be told from what does.
        let fitting = FEW.saturating_sub(spent) / each;
        let size = plan.size(eval, rows, fitting + 1)?;
        Ok(spent.saturating_add(size.saturating_mul(each)))
    });
    spent.map(|spent| spent <= FEW)
}

/// What one entity of a form costs, in rows.
fn work(form: &Rows) -> usize {
    let behind = form.links.iter().filter_map(|link: &Form| link.rows.as_ref()).map(|link| {
        let entities = if link.hop.is_some_and(|hop| hop.to_one) { 1 } else { PER_LINK };
        entities.saturating_mul(work(link))
    });
    let sum = 1 + form.filter.as_ref().map_or(0, joins).saturating_mul(PER_LINK);
    behind.fold(sum, usize::saturating_add)
}

/// How many links conditions go through.
fn joins(filter: &Filter) -> usize {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => filters.iter().map(joins).sum(),
        // Each entity behind the first link has its own behind the second.
        Filter::Join(join) => 1 + joins(&join.filter).saturating_mul(PER_LINK),
        Filter::Graph(variables) => variables.len().saturating_mul(PER_LINK),
        Filter::Test(_) => 0,
    }
}
