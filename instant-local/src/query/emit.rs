//! Writes rows as JSON, copied from the store.

use instant_core::Value;

use super::{
    eval::{Entity, Eval},
    find::Plan,
    list, page,
    resolve::{Form, Rows, Shape},
};
use crate::{
    catalog::Attribute,
    clock::now,
    failure::Failure,
    files::{FileUrls, StoredFile},
};

/// Writes the rows of a form at the top level.
pub(super) fn top<'v>(
    eval: &mut Eval<'v, '_>,
    out: &mut Vec<u8>,
    form: &Rows,
    plan: &Plan<'_>,
    want_info: bool,
) -> Result<Option<page::PageInfo>, Failure> {
    let held = eval.budget.held();
    let (rows, info) = page::rows(eval, form, plan, want_info)?;
    let rows = eval.filter_visible(form, rows)?;
    out.push(b'[');
    let mut first = true;
    for row in &rows {
        comma(out, &mut first);
        object(eval, out, form, row)?;
    }
    out.push(b']');
    eval.budget.release_to(held);
    Ok(info)
}

fn object<'v>(
    eval: &mut Eval<'v, '_>,
    out: &mut Vec<u8>,
    form: &Rows,
    entity: &Entity<'v>,
) -> Result<(), Failure> {
    eval.budget.tick()?;
    let start = out.len();
    out.push(b'{');
    let mut first = true;
    let mut is_row = false;
    let all = eval.shows_all_fields(entity)?;
    if let Some(document) = eval.document(entity)? {
        is_row = document.created().is_some();
        match &form.shape {
            Shape { fields: Some(fields), .. } => {
                for (attribute, key) in fields {
                    if let Some(raw) = document.get(attribute.no)
                        && (all || eval.shows_field(attribute, entity)?)
                    {
                        member(out, &mut first, key, raw);
                    }
                }
            }
            Shape { hidden, .. } if hidden.is_empty() && all => {
                let json = document.json();
                let inside = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
                out.extend_from_slice(inside);
                first = inside.is_empty();
            }
            Shape { hidden, .. } => {
                for (no, raw) in document.values() {
                    if !hidden.contains(&no)
                        && let Some(attribute) = eval.state.catalog.attribute(no)
                        && (all || eval.shows_field(attribute, entity)?)
                    {
                        member(out, &mut first, &label(attribute), raw);
                    }
                }
            }
        }
    }
    if form.shape.url
        && let Some(document) = eval.document(entity)?
        && let Some(file) = StoredFile::from_row(&eval.state.catalog, &document)
    {
        let url =
            Value::from(FileUrls::new(&eval.context.base_url, &eval.state.app).sign(&file, now() / 1000))
                .to_string();
        member(out, &mut first, "\"url\":", &url);
    }
    eval.budget.spend_bytes(out.len() - start)?;
    for link in &form.links {
        let held = eval.budget.held();
        nested(eval, out, &mut first, link, is_row.then_some(entity))?;
        eval.budget.release_to(held);
    }
    out.push(b'}');
    eval.budget.set_response(out)
}

/// Writes the key of a link and the linked rows. An entity that is not a row has none.
fn nested<'v>(
    eval: &mut Eval<'v, '_>,
    out: &mut Vec<u8>,
    first: &mut bool,
    link: &Form,
    parent: Option<&Entity<'v>>,
) -> Result<(), Failure> {
    let children = match (&link.rows, parent) {
        (Some(form), Some(parent)) => children(eval, form, parent)?,
        _ => Some(Vec::new()),
    };
    let Some(children) = children else { return Ok(()) };
    comma(out, first);
    out.extend_from_slice(link.key.as_bytes());
    let Some(form) = &link.rows else {
        out.extend_from_slice(if link.single { b"null" } else { b"[]" });
        return Ok(());
    };
    if link.single {
        return match children.first() {
            Some(child) => object(eval, out, form, child),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        };
    }
    out.push(b'[');
    let mut first = true;
    for child in &children {
        comma(out, &mut first);
        object(eval, out, form, child)?;
    }
    out.push(b']');
    Ok(())
}

/// Returns the linked rows; `None` if the key is omitted.
fn children<'v>(
    eval: &mut Eval<'v, '_>,
    form: &Rows,
    parent: &Entity<'v>,
) -> Result<Option<Vec<Entity<'v>>>, Failure> {
    let Some(hop) = &form.hop else { return Ok(Some(Vec::new())) };
    let mut found = Vec::new();
    eval.each_target(hop, parent, &mut |eval, id| {
        let child = Entity::new(form.namespace, id);
        let passes = match &form.filter {
            Some(filter) => eval.passes(filter, &child)?,
            None => true,
        };
        if passes {
            eval.budget.hold(child.bytes())?;
            found.push(child);
        }
        Ok(true)
    })?;
    let Some(found) = eval.filter_visible_linked(form, hop, parent, found)? else { return Ok(None) };
    list::sort(eval, found, &form.order, &form.shape, false).map(Some)
}

fn member(out: &mut Vec<u8>, first: &mut bool, key: &str, raw: &str) {
    comma(out, first);
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(raw.as_bytes());
}

fn comma(out: &mut Vec<u8>, first: &mut bool) {
    if !std::mem::replace(first, false) {
        out.push(b',');
    }
}

/// Formats the label of an attribute as a JSON key, with its colon.
fn label(attribute: &Attribute) -> String {
    let mut key = String::new();
    // Writing to a string cannot fail.
    let _ = instant_core::json::write_string(&mut key, attribute.label());
    key.push(':');
    key
}
