//! The order of a returned list, by the returned values (`docs/protocol/instaql.md`,
//! "6.4 Two-stage sorting").

use std::cmp::Ordering;

use instant_core::schema::CheckedType;

use super::{
    eval::{Entity, Eval},
    filter::Hop,
    order::ListKey,
    resolve::{Order, OrderBy, Shape},
};
use crate::{catalog::Attribute, failure::Failure};

/// Sorts by creation. Entities that are not rows come first.
pub(super) fn by_creation<'v>(
    eval: &mut Eval<'v, '_>,
    entities: Vec<Entity<'v>>,
) -> Result<Vec<Entity<'v>>, Failure> {
    if entities.len() < 2 {
        return Ok(entities);
    }
    let mut keyed = Vec::with_capacity(entities.len());
    for entity in entities {
        let created = eval.document(&entity)?.and_then(|document| document.created());
        keyed.push(((created, entity.id), entity));
    }
    eval.budget.sort_by(&mut keyed, &mut |(a, _), (b, _)| a.cmp(b))?;
    Ok(keyed.into_iter().map(|(_, entity)| entity).collect())
}

/// Sorts by `order`, using the values that `shape` returns. If `sorted` is set, the entities are in
/// the order of the store.
pub(super) fn sort<'v>(
    eval: &mut Eval<'v, '_>,
    mut entities: Vec<Entity<'v>>,
    order: &Order,
    shape: &Shape,
    sorted: bool,
) -> Result<Vec<Entity<'v>>, Failure> {
    if let OrderBy::Creation = order.by {
        let mut entities = by_creation(eval, entities)?;
        if order.descending {
            entities.reverse();
        }
        return Ok(entities);
    }
    if let OrderBy::Link(hop) = &order.by {
        return by_link(eval, entities, hop.as_ref(), order.descending);
    }
    let shown = match &order.by {
        OrderBy::Attribute(attribute) if shape.shows(attribute) => Some(attribute),
        _ => None,
    };
    let Some(attribute) = shown else {
        eval.budget.sort_by(&mut entities, &mut |a, b| a.id.cmp(&b.id))?;
        if order.descending {
            entities.reverse();
        }
        return Ok(entities);
    };
    let shows_all_fields = entities.first().map_or(Ok(true), |entity| eval.shows_all_fields(entity))?;
    if sorted && shows_all_fields && is_kept_sorted(eval, &entities, attribute)? {
        return Ok(entities);
    }
    let date = attribute.attr.checked_type == Some(CheckedType::Date);
    let mut keys = Vec::with_capacity(entities.len());
    for (at, entity) in entities.iter().enumerate() {
        let shown = eval.shows_field(attribute, entity)?;
        let raw = eval.document(entity)?.and_then(|document| document.get(attribute.no)).filter(|_| shown);
        eval.budget.spend_bytes(raw.map_or(0, str::len))?;
        let key = ListKey::new(raw, date);
        if date && key == ListKey::Unorderable {
            return Err(unorderable(attribute.label()));
        }
        keys.push((key, entity.id, at));
    }
    let mut comparable = true;
    eval.budget.sort_by(&mut keys, &mut |a, b| {
        let by_value = a.0.compare(&b.0).unwrap_or_else(|| {
            comparable = false;
            Ordering::Equal
        });
        let order_of_rows = by_value.then_with(|| a.1.cmp(&b.1));
        if order.descending { order_of_rows.reverse() } else { order_of_rows }
    })?;
    if !comparable {
        return Err(unorderable(attribute.label()));
    }
    let places = Vec::from_iter(keys.into_iter().map(|(_, _, at)| at));
    let mut slots = Vec::from_iter(entities.into_iter().map(Some));
    Ok(places.into_iter().filter_map(|at| slots[at].take()).collect())
}

/// Returns whether the order of the list equals that of the store. It differs for numbers that are
/// equal as doubles, and for strings outside ASCII.
fn is_kept_sorted<'v>(
    eval: &mut Eval<'v, '_>,
    entities: &[Entity<'v>],
    attribute: &Attribute,
) -> Result<bool, Failure> {
    for entity in entities {
        let raw = eval.document(entity)?.and_then(|document| document.get(attribute.no)).unwrap_or_default();
        let same = match attribute.attr.checked_type {
            Some(CheckedType::Boolean) => true,
            Some(CheckedType::Number) => raw.len() < 16,
            Some(CheckedType::String) => raw.is_ascii() && !raw.contains('\\'),
            Some(CheckedType::Date) | None => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Sorts by a link that is returned as one object. Objects have no order, so that it fails if there
/// is more than one.
fn by_link<'v>(
    eval: &mut Eval<'v, '_>,
    entities: Vec<Entity<'v>>,
    hop: Option<&Hop>,
    descending: bool,
) -> Result<Vec<Entity<'v>>, Failure> {
    let mut keyed = Vec::with_capacity(entities.len());
    let mut objects = 0;
    for entity in entities {
        let mut linked = hop.is_none();
        if let Some(hop) = hop {
            eval.each_target(hop, &entity, &mut |_, _| {
                linked = true;
                Ok(false)
            })?;
        }
        objects += usize::from(linked);
        keyed.push(((linked, entity.id), entity));
    }
    if objects > 1 {
        return Err(unorderable("a link that is loaded as well"));
    }
    eval.budget.sort_by(&mut keyed, &mut |(a, _), (b, _)| a.cmp(b))?;
    let mut entities = Vec::from_iter(keyed.into_iter().map(|(_, entity)| entity));
    if descending {
        entities.reverse();
    }
    Ok(entities)
}

/// Creates the error for values without an order.
pub(super) fn unorderable(label: &str) -> Failure {
    let message = format!(
        "the rows cannot be ordered by `{label}`: their values are of several kinds, or of one that has no order"
    );
    Failure::rejected("validation-failed", message)
}
