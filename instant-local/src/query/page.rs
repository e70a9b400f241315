//! Pages of rows at the top level (`docs/protocol/instaql.md`, "6. Ordering" and "7. Pagination,
//! cursors, page info").

use instant_core::{
    Object, Value,
    query::{Limit, PageOptions},
};

use super::{
    cursor::{cursor, position, window},
    eval::{Entity, Eval},
    find::{PageRow, Plan, Take, Walk, Window, all, matching},
    list,
    resolve::{OrderBy, Rows},
    source::{Candidates, after},
};
use crate::failure::Failure;

/// The page info of a response.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PageInfo(pub(super) Value);

impl Rows {
    /// Returns whether the rows are ordered or paged.
    pub(super) fn is_paged(&self) -> bool {
        self.order.explicit || self.page.is_set()
    }

    /// Returns the number of rows to skip, and the most to return.
    pub(super) fn cut(&self) -> (usize, usize) {
        let most = self.page.limit.map_or(usize::MAX, |limit| {
            let (Limit::Limit(rows) | Limit::First(rows) | Limit::Last(rows)) = limit;
            usize::try_from(rows).unwrap_or(usize::MAX)
        });
        (usize::try_from(self.page.offset.unwrap_or(0)).unwrap_or(usize::MAX), most)
    }
}

/// Returns the rows of a form, in the order of the list.
pub(super) fn rows<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    plan: &Plan<'_>,
    want_info: bool,
) -> Result<(Vec<Entity<'v>>, Option<PageInfo>), Failure> {
    if !form.is_paged() {
        return Ok((all(eval, form, plan)?, None));
    }
    let window = window(form, &eval.state.catalog)?;
    let descending = form.order.descending;
    let last = matches!(form.page.limit, Some(Limit::Last(_)));
    let (skip, most) = form.cut();
    let take = Take { backwards: descending != last, skip, most, positions: want_info };
    let (mut page, flags) = match plan {
        Plan::Walk(walk) => {
            let mut page = walk.rows(eval, form, &window, take)?;
            if take.backwards {
                page.reverse();
            }
            let flags = if want_info { walk_flags(eval, form, walk, &page)? } else { (false, false) };
            (page, flags)
        }
        Plan::Sort(chosen) => sorted(eval, form, chosen.as_ref(), &window, take)?,
    };
    if descending {
        page.reverse();
    }
    let info = if want_info { Some(info(eval, form, &page, flags)?) } else { None };
    let entities = Vec::from_iter(page.into_iter().map(|row| row.entity));
    Ok((sort_list(eval, form, entities)?, info))
}

/// Finds and sorts all rows, then returns the page in ascending order.
fn sorted<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    chosen: Option<&Candidates<'_>>,
    window: &Window,
    take: Take,
) -> Result<(Vec<PageRow<'v>>, (bool, bool)), Failure> {
    let Take { backwards, skip, most, .. } = take;
    let found = matching(eval, form, chosen)?;
    let mut rows = Vec::with_capacity(found.len());
    for entity in found {
        if let Some(position) = position(eval, &form.order, &entity)? {
            eval.budget.hold(size_of::<PageRow<'_>>() + position.len())?;
            rows.push(PageRow { entity, position });
        }
    }
    eval.budget.sort_by(&mut rows, &mut |a, b| a.position.cmp(&b.position))?;
    let total = rows.len();
    let at = |position: &Vec<u8>| rows.partition_point(|row| row.position < *position);
    let from = window.from.as_ref().map_or(0, at);
    let to = window.to.as_ref().map_or(total, at).max(from);
    let (from, to) = if backwards {
        let to = to.saturating_sub(skip).max(from);
        (to.saturating_sub(most).max(from), to)
    } else {
        let from = from.saturating_add(skip).min(to);
        (from, from.saturating_add(most).min(to))
    };
    rows.truncate(to);
    rows.drain(..from);
    let (behind, ahead) = (from > 0, to < total);
    let flags = if form.order.descending { (behind, ahead) } else { (ahead, behind) };
    Ok((rows, flags))
}

/// Returns whether there are rows after and before the page, which is in ascending order.
fn walk_flags<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    walk: &Walk,
    page: &[PageRow<'v>],
) -> Result<(bool, bool), Failure> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok((false, false)) };
    let above = Window { from: Some(after(&last.position)), to: None };
    let below = Window { from: None, to: Some(first.position.clone()) };
    let one = Take { backwards: false, skip: 0, most: 1, positions: false };
    let above = !walk.rows(eval, form, &above, one)?.is_empty();
    let below = !walk.rows(eval, form, &below, Take { backwards: true, ..one })?.is_empty();
    Ok(if form.order.descending { (below, above) } else { (above, below) })
}

/// Sorts a page by the returned values.
fn sort_list<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    rows: Vec<Entity<'v>>,
) -> Result<Vec<Entity<'v>>, Failure> {
    match &form.order.by {
        OrderBy::Attribute(_) => list::sort(eval, rows, &form.order, &form.shape, true),
        _ => Ok(rows),
    }
}

/// Creates the page info (`docs/protocol/instaql.md`, "7.4 Page info"). `flags` tell whether there
/// are rows after and before the page.
fn info<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    page: &[PageRow<'v>],
    flags: (bool, bool),
) -> Result<PageInfo, Failure> {
    let PageOptions { limit, offset, after, before, .. } = &form.page;
    let next = limit.is_some() || before.is_some();
    let skips = after.is_some() || offset.is_some_and(|offset| offset > 0);
    let previous = skips || matches!(limit, Some(Limit::Last(_)));
    let (next, previous) =
        if page.is_empty() { (false, skips) } else { (next && flags.0, previous && flags.1) };
    let mut out = Object::new();
    let mut position = |row: Option<&PageRow<'v>>| row.map_or(Ok(Value::Null), |row| cursor(eval, form, row));
    out.insert("start-cursor", position(page.first())?);
    out.insert("end-cursor", position(page.last())?);
    out.insert("has-next-page?", next);
    out.insert("has-previous-page?", previous);
    Ok(PageInfo(out.into()))
}
