//! The rows of a form at the top level: which ones, cut to the page, in the order of the list (`instaql.md` 6 and 7).

use instant_core::{
    Object, Uuid, Value,
    query::{Cursor, Limit, Page},
};

use super::{
    eval::{Entity, Eval},
    filter::{Filter, Seek, Test},
    list,
    observer::Fact,
    operands::shown,
    resolve::{By, Order, Rows},
    source::{MANY, Source, after},
};
use crate::{
    catalog::{AttrNo, Attribute},
    dates,
    failure::Failure,
    layout::{self, OrderKey},
    store::Direction,
};

/// A row that was found.
#[derive(Debug)]
pub(super) struct Row<'v> {
    pub(super) entity: Entity<'v>,
    /// Where it stands in the order in which the store keeps rows: the order value, then the id.
    position: Vec<u8>,
}

/// Where the rows of a page come from.
enum Plan {
    /// One after the other in their order, until there are enough.
    Walk(Walk),
    /// All that pass, then sorted.
    Sort(Option<Source>),
}

/// Keys in the order asked for, each ending in the id of a row.
struct Walk {
    /// What stands in front of the position.
    prefix: Vec<u8>,
    /// The positions that can pass at all.
    from: Vec<u8>,
    to: Vec<u8>,
    attribute: Option<AttrNo>,
}

/// Between which positions rows are looked for.
#[derive(Clone, Default)]
struct Window {
    from: Option<Vec<u8>>,
    to: Option<Vec<u8>>,
}

/// Page info as the wire has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PageInfo(pub(super) Value);

/// The rows of a form, in the order in which they are listed.
pub(super) fn rows<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    want_info: bool,
) -> Result<(Vec<Entity<'v>>, Option<PageInfo>), Failure> {
    let paged = form.order.asked || form.page.is_set();
    if !paged {
        return Ok((all(eval, form)?, None));
    }
    let plan = plan(eval, form)?;
    let window = window(form, &eval.view.catalog)?;
    let descending = form.order.descending;
    let last = matches!(form.page.limit, Some(Limit::Last(_)));
    let most = form.page.limit.map_or(usize::MAX, |limit| {
        let (Limit::Limit(rows) | Limit::First(rows) | Limit::Last(rows)) = limit;
        usize::try_from(rows).unwrap_or(usize::MAX)
    });
    let skip = usize::try_from(form.page.offset.unwrap_or(0)).unwrap_or(usize::MAX);
    let backwards = descending != last;
    let (mut page, flags) = match plan {
        Plan::Walk(walk) => {
            let mut page = walk.rows(eval, form, &window, backwards, skip, most)?;
            if backwards {
                page.reverse();
            }
            let flags = if want_info { walk_flags(eval, form, &walk, &page)? } else { (false, false) };
            (page, flags)
        }
        Plan::Sort(source) => sorted(eval, form, source.as_ref(), &window, backwards, skip, most)?,
    };
    if descending {
        page.reverse();
    }
    let info = if want_info { Some(info(eval, form, &page, flags)?) } else { None };
    let entities = Vec::from_iter(page.into_iter().map(|row| row.entity));
    Ok((listed(eval, form, entities)?, info))
}

/// How the rows of a form are found, in words.
pub(super) fn explain(eval: &mut Eval<'_, '_>, form: &Rows) -> Result<String, Failure> {
    let catalog = &eval.view.catalog.clone();
    if !(form.order.asked || form.page.is_set()) {
        return Ok(match source(eval, form)? {
            Some(source) => source.describe(catalog),
            None if form.filter.is_none() => "rows as created".to_owned(),
            None => "scan".to_owned(),
        });
    }
    Ok(match plan(eval, form)? {
        Plan::Sort(Some(source)) => format!("{}, sorted", source.describe(catalog)),
        Plan::Sort(None) => "scan, sorted".to_owned(),
        Plan::Walk(Walk { attribute: None, .. }) => "walk rows as created".to_owned(),
        Plan::Walk(Walk { attribute: Some(no), from, to, .. }) => {
            let name = catalog.attribute(no).map_or_else(String::new, |attribute| attribute.name());
            let part = if from.is_empty() && to == ALL { "" } else { " range" };
            format!("walk index {name}{part}")
        }
    })
}

const ALL: [u8; 1] = [u8::MAX];

/// In how many ways the form is matched (`instaql.md` 9).
pub(super) fn count(eval: &mut Eval<'_, '_>, form: &Rows) -> Result<u64, Failure> {
    let entities = all(eval, form)?;
    let Some(filter) = &form.filter else { return Ok(entities.len() as u64) };
    entities
        .iter()
        .try_fold(0_u64, |sum, entity| Ok(sum.saturating_add(eval.count(filter, entity, u64::MAX)?)))
}

fn source(eval: &mut Eval<'_, '_>, form: &Rows) -> Result<Option<Source>, Failure> {
    form.filter.as_ref().map_or(Ok(None), |filter| Source::choose(eval, filter))
}

/// Everything that passes, in the order of creation; what is no row comes first.
fn all<'v>(eval: &mut Eval<'v, '_>, form: &Rows) -> Result<Vec<Entity<'v>>, Failure> {
    let namespace = form.namespace;
    let Some(filter) = &form.filter else {
        eval.touched(Fact::Namespace { namespace });
        let mut rows = Vec::new();
        for entry in eval.view.snapshot.scan(&layout::creations(namespace), Direction::Ascending)? {
            let (key, _) = entry?;
            eval.clock.tick()?;
            rows.push(Entity::new(namespace, layout::last_id(&key)));
        }
        return Ok(rows);
    };
    let found = match Source::choose(eval, filter)? {
        Some(source) => matching(eval, form, &source)?,
        None => scan(eval, form)?,
    };
    list::by_creation(eval, found)
}

/// The entities of a source that pass, in the order of their ids.
fn matching<'v>(eval: &mut Eval<'v, '_>, form: &Rows, source: &Source) -> Result<Vec<Entity<'v>>, Failure> {
    let mut found = Vec::new();
    for id in source.ids(eval)? {
        let entity = Entity::new(form.namespace, id);
        if passes(eval, form, &entity)? {
            found.push(entity);
        }
    }
    Ok(found)
}

/// The stored entities that pass, in the order of their ids.
fn scan<'v>(eval: &mut Eval<'v, '_>, form: &Rows) -> Result<Vec<Entity<'v>>, Failure> {
    let namespace = form.namespace;
    eval.touched(Fact::Namespace { namespace });
    let mut found = Vec::new();
    for entry in eval.view.snapshot.scan(&layout::entities(namespace), Direction::Ascending)? {
        let (key, document) = entry?;
        eval.clock.tick()?;
        let entity = Entity::read(namespace, layout::last_id(&key), document);
        if passes(eval, form, &entity)? {
            found.push(entity);
        }
    }
    Ok(found)
}

fn passes<'v>(eval: &mut Eval<'v, '_>, form: &Rows, entity: &Entity<'v>) -> Result<bool, Failure> {
    match &form.filter {
        None => eval.is_row(entity),
        Some(filter) => eval.passes(filter, entity),
    }
}

fn plan(eval: &mut Eval<'_, '_>, form: &Rows) -> Result<Plan, Failure> {
    let limited = form.page.limit.is_some();
    let walk = match &form.order.by {
        By::Attribute(attribute) => walk_index(attribute, form.filter.as_ref()),
        _ => Walk {
            prefix: layout::creations(form.namespace),
            from: Vec::new(),
            to: ALL.to_vec(),
            attribute: None,
        },
    };
    Ok(match source(eval, form)? {
        None if form.filter.is_some() && !limited && walk.attribute.is_none() => Plan::Sort(None),
        None => Plan::Walk(walk),
        Some(Source::Values(attribute, Seek::Range(..))) if walk.attribute == Some(attribute) => {
            Plan::Walk(walk)
        }
        Some(source) if limited && source.size(eval, MANY)? == MANY => Plan::Walk(walk),
        source => Plan::Sort(source),
    })
}

/// The index of an attribute, as far as conditions on the attribute itself let rows pass.
fn walk_index(attribute: &Attribute, filter: Option<&Filter>) -> Walk {
    let mut walk = Walk {
        prefix: layout::index(attribute.no),
        from: Vec::new(),
        to: ALL.to_vec(),
        attribute: Some(attribute.no),
    };
    let filters = match filter {
        Some(Filter::All(filters)) => filters.as_slice(),
        Some(filter) => std::slice::from_ref(filter),
        None => &[],
    };
    for filter in filters {
        if let Filter::All(filters) = filter {
            filters.iter().for_each(|filter| walk.narrow(attribute, filter));
        }
        walk.narrow(attribute, filter);
    }
    walk
}

impl Walk {
    fn narrow(&mut self, attribute: &Attribute, filter: &Filter) {
        if let Filter::Test(Test::Value { attribute: tested, seek: Some(Seek::Range(from, to)), .. }) = filter
            && tested.no == attribute.no
        {
            if *from > self.from {
                self.from.clone_from(from);
            }
            if *to < self.to {
                self.to.clone_from(to);
            }
        }
    }

    /// The rows of the window that pass, from its end if `backwards`, in the order of the walk.
    fn rows<'v>(
        &self,
        eval: &mut Eval<'v, '_>,
        form: &Rows,
        window: &Window,
        backwards: bool,
        mut skip: usize,
        most: usize,
    ) -> Result<Vec<Row<'v>>, Failure> {
        let from = window.from.as_ref().map_or(&self.from, |from| from.max(&self.from));
        let to = window.to.as_ref().map_or(&self.to, |to| to.min(&self.to));
        match self.attribute {
            Some(attribute) => eval.touched(Fact::Values { attribute, from, to }),
            None => eval.touched(Fact::Namespace { namespace: form.namespace }),
        }
        let mut found = Vec::new();
        if most == 0 {
            return Ok(found);
        }
        let direction = if backwards { Direction::Descending } else { Direction::Ascending };
        let key = |position: &[u8]| [&self.prefix, position].concat();
        for entry in eval.view.snapshot.range(&key(from), Some(&key(to)), direction)? {
            let (key, _) = entry?;
            eval.clock.tick()?;
            let entity = Entity::new(form.namespace, layout::last_id(&key));
            // What is no row is not part of pages.
            if (form.filter.is_some() && !passes(eval, form, &entity)?) || !eval.is_row(&entity)? {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            found.push(Row { entity, position: key[self.prefix.len()..].to_vec() });
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }
}

/// Finds everything, sorts it, and cuts it; in ascending order.
fn sorted<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    source: Option<&Source>,
    window: &Window,
    backwards: bool,
    skip: usize,
    most: usize,
) -> Result<(Vec<Row<'v>>, (bool, bool)), Failure> {
    let found = match source {
        Some(source) => matching(eval, form, source)?,
        None => scan(eval, form)?,
    };
    let mut rows = Vec::with_capacity(found.len());
    for entity in found {
        if let Some(position) = position(eval, &form.order, &entity)? {
            rows.push(Row { entity, position });
        }
    }
    rows.sort_unstable_by(|a, b| a.position.cmp(&b.position));
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

/// Whether rows stand behind and before the page, which is in ascending order.
fn walk_flags<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    walk: &Walk,
    page: &[Row<'v>],
) -> Result<(bool, bool), Failure> {
    let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok((false, false)) };
    let above = Window { from: Some(after(&last.position)), to: None };
    let below = Window { from: None, to: Some(first.position.clone()) };
    let above = !walk.rows(eval, form, &above, false, 0, 1)?.is_empty();
    let below = !walk.rows(eval, form, &below, true, 0, 1)?.is_empty();
    Ok(if form.order.descending { (below, above) } else { (above, below) })
}

/// Where an entity stands in the order; none for what has no place in it.
fn position<'v>(
    eval: &mut Eval<'v, '_>,
    order: &Order,
    entity: &Entity<'v>,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(document) = eval.document(entity)? else { return Ok(None) };
    let Some(created) = document.created() else { return Ok(None) };
    let By::Attribute(attribute) = &order.by else {
        let key = layout::creation(entity.namespace, created, &entity.id);
        return Ok(key.get(5..).map(<[u8]>::to_vec));
    };
    let Some(value) = document.value(attribute.no) else { return Ok(None) };
    let mut position = crate::index::key(attribute, &value);
    position.extend_from_slice(entity.id.as_bytes());
    Ok(Some(position))
}

/// Between which positions the cursors let rows pass.
fn window(form: &Rows, catalog: &crate::catalog::Catalog) -> Result<Window, Failure> {
    let Page { after: behind, before, after_inclusive, before_inclusive, .. } = &form.page;
    let mut window = Window::default();
    let descending = form.order.descending;
    for (cursor, inclusive, low) in
        [(behind, *after_inclusive, !descending), (before, *before_inclusive, descending)]
    {
        let Some(cursor) = cursor else { continue };
        let Some(at) = cursor_position(form, cursor, catalog)? else {
            // A value that nothing can stand behind or before.
            return Ok(Window { from: Some(Vec::new()), to: Some(Vec::new()) });
        };
        match (low, inclusive) {
            (true, true) => window.from = Some(at),
            (true, false) => window.from = Some(after(&at)),
            (false, true) => window.to = Some(after(&at)),
            (false, false) => window.to = Some(at),
        }
    }
    Ok(window)
}

fn cursor_position(
    form: &Rows,
    cursor: &Cursor,
    catalog: &crate::catalog::Catalog,
) -> Result<Option<Vec<u8>>, Failure> {
    use instant_core::schema::CheckedType;

    let By::Attribute(attribute) = &form.order.by else {
        let created = cursor_created(cursor.created);
        let key = layout::creation(form.namespace, created, &cursor.entity);
        return Ok(key.get(5..).map(<[u8]>::to_vec));
    };
    let refused = || {
        let name = catalog.attribute(attribute.no).map_or_else(String::new, |known| known.name());
        let message = format!("the cursor's value {} is none that `{name}` can have", shown(&cursor.value));
        Failure::refused("validation-failed", message)
    };
    let text = || cursor.value.as_str().unwrap_or_default();
    let key = match (attribute.attr.checked_type, &cursor.value) {
        (_, Value::Null) if attribute.attr.required => return Ok(None),
        (_, Value::Null) => OrderKey::Null.to_bytes(),
        (Some(CheckedType::Number), Value::Number(number)) => OrderKey::Number(number.as_f64()).to_bytes(),
        (Some(CheckedType::Number), Value::String(_)) => {
            OrderKey::Number(text().trim().parse().map_err(|_| refused())?).to_bytes()
        }
        (Some(CheckedType::String), Value::String(text)) => OrderKey::Text(text).to_bytes(),
        // The real server casts what is not of the attribute's type, and this is what comes of it.
        (Some(CheckedType::String), _) => return Ok(None),
        (Some(CheckedType::Date), Value::Bool(_)) => return Ok(Some(Vec::new())),
        (Some(CheckedType::Boolean), Value::Number(number)) => {
            OrderKey::Bool(number.as_f64() != 0.0).to_bytes()
        }
        (Some(CheckedType::Boolean), Value::Bool(value)) => OrderKey::Bool(*value).to_bytes(),
        (Some(CheckedType::Boolean), Value::String(_)) => match text() {
            "true" | "t" => OrderKey::Bool(true).to_bytes(),
            "false" | "f" => OrderKey::Bool(false).to_bytes(),
            _ => return Err(refused()),
        },
        (Some(CheckedType::Date), value @ (Value::Number(_) | Value::String(_))) => {
            let micros = dates::stored(&value.to_string()).or_else(|| dates::operand(value));
            OrderKey::Date(micros.ok_or_else(refused)?).to_bytes()
        }
        _ => return Err(refused()),
    };
    Ok(Some([key.as_slice(), cursor.entity.as_bytes()].concat()))
}

/// A cursor's time in the microseconds of creation times. Those that other servers gave out are in milliseconds, of a year that
/// everybody can tell apart.
fn cursor_created(created: i64) -> i64 {
    const MILLISECONDS: i64 = 400_000_000_000_000;
    if created.abs() < MILLISECONDS { created * 1000 } else { created }
}

/// Sorts a page as its list is: by the values that are returned.
fn listed<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    rows: Vec<Entity<'v>>,
) -> Result<Vec<Entity<'v>>, Failure> {
    match &form.order.by {
        By::Attribute(_) => list::sort(eval, rows, &form.order, &form.shape),
        _ => Ok(rows),
    }
}

/// `instaql.md` 7.4; `flags` say whether rows stand behind and before the page.
fn info<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    page: &[Row<'v>],
    flags: (bool, bool),
) -> Result<PageInfo, Failure> {
    let Page { limit, offset, after, before, .. } = &form.page;
    let next = limit.is_some() || before.is_some();
    let skips = after.is_some() || offset.is_some_and(|offset| offset > 0);
    let previous = skips || matches!(limit, Some(Limit::Last(_)));
    let (next, previous) =
        if page.is_empty() { (false, skips) } else { (next && flags.0, previous && flags.1) };
    let mut out = Object::new();
    let mut cursor = |row: Option<&Row<'v>>| row.map_or(Ok(Value::Null), |row| self::cursor(eval, form, row));
    out.insert("start-cursor", cursor(page.first())?);
    out.insert("end-cursor", cursor(page.last())?);
    out.insert("has-next-page?", next);
    out.insert("has-previous-page?", previous);
    Ok(PageInfo(out.into()))
}

fn cursor<'v>(eval: &mut Eval<'v, '_>, form: &Rows, row: &Row<'v>) -> Result<Value, Failure> {
    let entity = row.entity.id;
    let Some(document) = eval.document(&row.entity)? else { return Ok(Value::Null) };
    let created = document.created().unwrap_or_default();
    let (attr, value) = match &form.order.by {
        By::Attribute(attribute) => (attribute.attr.id, document.value(attribute.no).unwrap_or_default()),
        _ => (form.id_attribute.unwrap_or_else(Uuid::nil), entity.into()),
    };
    Ok(Cursor { entity, attr, value, created }.into())
}
