//! Positions of rows and cursors in an order (`docs/protocol/instaql.md`, "7.3 Cursors").

use instant_core::{
    Uuid, Value, dates,
    query::{Cursor, PageOptions},
    schema::CheckedType,
};

use super::{
    eval::{Entity, Eval},
    find::{PageRow, Window},
    operands::format_value,
    resolve::{Order, OrderBy, Rows},
    source::after,
};
use crate::{
    catalog::Catalog,
    clock::now_micros,
    failure::Failure,
    index,
    layout::{self, OrderKey},
};

/// Returns the range of positions between the cursors.
pub(super) fn window(form: &Rows, catalog: &Catalog) -> Result<Window, Failure> {
    let PageOptions { after: behind, before, after_inclusive, before_inclusive, .. } = &form.page;
    let mut window = Window::default();
    let descending = form.order.descending;
    for (cursor, inclusive, low) in
        [(behind, *after_inclusive, !descending), (before, *before_inclusive, descending)]
    {
        let Some(cursor) = cursor else { continue };
        let Some(at) = cursor_position(form, cursor, catalog)? else {
            // No row can be after or before such a value.
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

/// Returns the position of an entity in the order, or `None` if it has none.
pub(super) fn position<'v>(
    eval: &mut Eval<'v, '_>,
    order: &Order,
    entity: &Entity<'v>,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(document) = eval.document(entity)? else { return Ok(None) };
    let Some(created) = document.created() else { return Ok(None) };
    let OrderBy::Attribute(attribute) = &order.by else {
        return Ok(Some(layout::creation_order(created, &entity.id)));
    };
    let Some(value) = document.value(attribute.no) else { return Ok(None) };
    let mut position = index::key(attribute, &value);
    position.extend_from_slice(entity.id.as_bytes());
    Ok(Some(position))
}

pub(super) fn cursor<'v>(eval: &mut Eval<'v, '_>, form: &Rows, row: &PageRow<'v>) -> Result<Value, Failure> {
    let entity = row.entity.id;
    let Some(document) = eval.document(&row.entity)? else { return Ok(Value::Null) };
    let created = document.created().unwrap_or_default();
    let (attr, value) = match &form.order.by {
        OrderBy::Attribute(attribute) => {
            (attribute.attr.id, document.value(attribute.no).unwrap_or_default())
        }
        _ => (form.id_attribute.unwrap_or_else(Uuid::nil), entity.into()),
    };
    Ok(Cursor { entity, attr, value, created }.into())
}

fn cursor_position(form: &Rows, cursor: &Cursor, catalog: &Catalog) -> Result<Option<Vec<u8>>, Failure> {
    let OrderBy::Attribute(attribute) = &form.order.by else {
        return Ok(Some(layout::creation_order(cursor_created(cursor.created), &cursor.entity)));
    };
    let rejected = || {
        let name = catalog.attribute(attribute.no).map_or_else(String::new, |known| known.name());
        let message =
            format!("the cursor's value {} is not a valid value of `{name}`", format_value(&cursor.value));
        Failure::rejected("validation-failed", message)
    };
    let text = || cursor.value.as_str().unwrap_or_default();
    let key = match (attribute.attr.checked_type, &cursor.value) {
        (_, Value::Null) if attribute.attr.required => return Ok(None),
        (_, Value::Null) => OrderKey::Null.to_bytes(),
        (Some(CheckedType::Number), Value::Number(number)) => OrderKey::Number(number.as_f64()).to_bytes(),
        (Some(CheckedType::Number), Value::String(_)) => {
            OrderKey::Number(text().trim().parse().map_err(|_| rejected())?).to_bytes()
        }
        (Some(CheckedType::String), Value::String(text)) => OrderKey::Text(text).to_bytes(),
        // A real server casts values of another type, with these results.
        (Some(CheckedType::String), _) => return Ok(None),
        (Some(CheckedType::Date), Value::Bool(_)) => OrderKey::Null.to_bytes(),
        (Some(CheckedType::Boolean), Value::Number(number)) => {
            OrderKey::Bool(number.as_f64() != 0.0).to_bytes()
        }
        (Some(CheckedType::Boolean), Value::Bool(value)) => OrderKey::Bool(*value).to_bytes(),
        (Some(CheckedType::Boolean), Value::String(_)) => match text() {
            "true" | "t" => OrderKey::Bool(true).to_bytes(),
            "false" | "f" => OrderKey::Bool(false).to_bytes(),
            _ => return Err(rejected()),
        },
        (Some(CheckedType::Date), value @ (Value::Number(_) | Value::String(_))) => {
            let micros = dates::stored(&value.to_string(), now_micros).or_else(|| dates::operand(value));
            OrderKey::Date(micros.ok_or_else(rejected)?).to_bytes()
        }
        _ => return Err(rejected()),
    };
    Ok(Some([key.as_slice(), cursor.entity.as_bytes()].concat()))
}

/// Returns the time of a cursor in microseconds. Cursors of other servers are in milliseconds,
/// which are distinguished by their size.
fn cursor_created(created: i64) -> i64 {
    const MILLISECONDS: i64 = 400_000_000_000_000;
    if created.abs() < MILLISECONDS { created * 1000 } else { created }
}
