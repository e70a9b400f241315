//! Adds and deletes attributes, and updates the existing data (`docs/protocol/transactions.md`,
//! "5.8 Attribute steps"). Steps and schema changes share it.

use std::sync::Arc;

use instant_core::{
    Issue, Uuid, ValidationError,
    schema::{Attr, Identity},
};

use super::{constraints::raised, system, writer::Writer};
use crate::{
    catalog::{AttrNo, Attribute, Catalog, NamespaceNo},
    clock::now,
    failure::Failure,
    layout,
    store::Direction,
};

/// Adds attributes that have ids. An identical existing attribute is skipped.
pub(crate) fn add(writer: &mut Writer<'_>, attrs: &[Attr]) -> Result<(), Failure> {
    for attr in attrs {
        if is_known(&writer.catalog, attr)? {
            continue;
        }
        check_names(&writer.catalog, attr)?;
        check_required(writer, attr)?;
        let attribute = Arc::make_mut(&mut writer.catalog).add(attr.clone());
        fill(writer, &attribute)?;
    }
    Ok(())
}

/// Updates the existing data for attributes that are new in the catalog.
pub(super) fn created(writer: &mut Writer<'_>, created: &[Arc<Attribute>]) -> Result<(), Failure> {
    created.iter().try_for_each(|attribute| fill(writer, attribute))
}

/// Soft-deletes attributes: removes their values and frees their names. Unknown attributes and
/// those of the platform are skipped.
pub(crate) fn delete(writer: &mut Writer<'_>, ids: &[Uuid]) -> Result<(), Failure> {
    for id in ids {
        let Some(attribute) = writer.catalog.by_id(id).filter(|attribute| !attribute.system).cloned() else {
            continue;
        };
        forget_values(writer, &attribute)?;
        Arc::make_mut(&mut writer.catalog).delete(attribute.no, now());
    }
    Ok(())
}

/// Adds types to `inferred-types`.
pub(super) fn remember_kinds(writer: &mut Writer<'_>, kinds: &[(AttrNo, &'static str)]) {
    for (no, kind) in kinds {
        let Some(attribute) = writer.catalog.attribute(*no) else { continue };
        let known = attribute.attr.inferred_types.as_ref();
        if known.is_some_and(|known| known.iter().any(|known| known == kind)) {
            continue;
        }
        Arc::make_mut(&mut writer.catalog).replace(*no, |attr| {
            attr.inferred_types.get_or_insert_default().push((*kind).to_owned());
        });
    }
}

/// Rejects names that are reserved or taken.
pub(super) fn check_names(catalog: &Catalog, attr: &Attr) -> Result<(), Failure> {
    let names = || [Some(&attr.forward), attr.reverse.as_ref()].into_iter().flatten();
    names().try_for_each(|name| check_name(catalog, name))?;
    if attr.required && attr.forward.namespace.starts_with('$') {
        return Err(required_in_system());
    }
    let taken = names().find(|name| catalog.resolve(&name.namespace, &name.label).is_some());
    let twin = attr.reverse.as_ref().filter(|reverse| {
        (&reverse.namespace, &reverse.label) == (&attr.forward.namespace, &attr.forward.label)
    });
    taken.or(twin).map_or(Ok(()), |name| Err(name_taken(name)))
}

/// Rejects a name that is reserved or cannot be stored.
pub(crate) fn check_name(catalog: &Catalog, name: &Identity) -> Result<(), Failure> {
    system::check_namespace(catalog, &name.namespace, &name.label)?;
    if name.namespace.contains('\0') || name.label.contains('\0') {
        let message = "The name of a namespace or an attribute contains null bytes, which cannot be stored.";
        return Err(Failure::rejected("validation-failed", message));
    }
    Ok(())
}

/// Rejects a required attribute in a namespace of the platform.
pub(super) fn required_in_system() -> Failure {
    let message = "You can't create a required system attribute. Make sure it's optional.";
    Failure::rejected("validation-failed", message)
}

fn name_taken(name: &Identity) -> Failure {
    let message = format!("`{}` already exists on `{}`", name.label, name.namespace);
    Failure::rejected("record-not-unique", message).with_hint([
        ("record-type", "ident".into()),
        ("etype", (&name.namespace).into()),
        ("label", (&name.label).into()),
    ])
}

/// Returns whether the attribute exists. Rejects ids of other attributes, including deleted ones.
fn is_known(catalog: &Catalog, attr: &Attr) -> Result<bool, Failure> {
    let deleted = catalog.deleted().iter().map(|deleted| (&deleted.attribute.attr, true));
    let all = catalog.attributes();
    for (known, deleted) in all.iter().map(|attribute| (&attribute.attr, false)).chain(deleted) {
        let same_name_ids = known.forward.id == attr.forward.id;
        let same_names = same_name_ids
            && known.forward == attr.forward
            && known.reverse.as_ref().map(|name| name.id) == attr.reverse.as_ref().map(|name| name.id);
        if known.id == attr.id && same_names && !deleted {
            return Ok(true);
        }
        if same_name_ids {
            let name = &attr.forward;
            return Err(raised(format!(
                "Another attribute for {}.{} exists with different properties.",
                name.namespace, name.label
            )));
        }
        if known.id == attr.id {
            return Err(raised(format!(
                "The attribute with id {} conflicts with an existing attribute with id {}.",
                attr.id, known.id
            )));
        }
    }
    Ok(false)
}

fn check_required(writer: &Writer<'_>, attr: &Attr) -> Result<(), Failure> {
    let name = &attr.forward;
    let Some(namespace) = writer.catalog.namespace(&name.namespace).filter(|_| attr.required) else {
        return Ok(());
    };
    let rows = writer.transaction.scan(&layout::creations(namespace.no), Direction::Ascending)?;
    if rows.count() == 0 {
        return Ok(());
    }
    let (label, namespace) = (&name.label, &name.namespace);
    let message =
        format!("Can't create attribute `{label}` as required because `{namespace}` already have entities");
    let input = attr.to_json();
    Err(Failure::invalid(&ValidationError::new("attributes", Issue::message(message)), input))
}

/// Sets a new indexed attribute to null in every row.
pub(super) fn fill(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<(), Failure> {
    if !attribute.shows_nulls() {
        return Ok(());
    }
    for id in rows(writer, attribute.forward)? {
        writer.fill_with_null(attribute, &id)?;
    }
    Ok(())
}

/// Returns the rows of a namespace, including those of earlier groups of this transaction.
pub(super) fn rows(writer: &mut Writer<'_>, namespace: NamespaceNo) -> Result<Vec<Uuid>, Failure> {
    writer.flush();
    writer.ids(&layout::creations(namespace))
}

/// Removes the values of an attribute from documents and the index. Its link entries remain, under
/// a number that is no longer in use.
fn forget_values(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<(), Failure> {
    writer.flush();
    let entities = writer.ids(&layout::entities(attribute.forward))?;
    for id in entities {
        if attribute.attr.is_link() {
            writer.hide_link(attribute, &id)?;
        } else {
            writer.unset(attribute, &id)?;
        }
    }
    // This needs the attribute in the catalog.
    writer.flush();
    Ok(())
}
