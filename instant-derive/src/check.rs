//! Mistakes that can be seen without knowing any type.

use std::collections::HashMap;

use syn::LitStr;

use crate::{
    ast::{Entity, Reverse},
    errors::Errors,
};

/// Checks an entity as a whole.
pub(crate) fn entity(entity: &Entity<'_>, errors: &mut Errors) {
    match entity.attrs.iter().find(|attr| attr.is_id()) {
        None => {
            let name = entity.ident;
            errors.at(name.span(), format!("the id is missing: add a field `id: Id<{name}>`"));
        }
        Some(id) => {
            for (span, key) in [(id.indexed, "indexed"), (id.unique, "unique"), (id.default, "default")] {
                if let Some(span) = span {
                    errors.at(span, format!("the id of an entity cannot be `{key}`; it is unique by itself"));
                }
            }
            if id.label.value() != "id" {
                errors.at(id.label.span(), "the id of an entity cannot be renamed");
            }
        }
    }
    for link in &entity.links {
        if let (Some(span), Reverse::Label { many: true, .. }) = (link.on_delete_reverse, &link.reverse) {
            let message =
                "`on_delete_reverse = cascade` needs the other end to be to-one: add `reverse_has = one`";
            errors.at(span, message);
        }
    }
    namespace(&entity.namespace, errors);
    labels(entity, errors);
    system(entity, errors);
}

fn namespace(namespace: &LitStr, errors: &mut Errors) {
    let name = namespace.value();
    let known = ["$users", "$files", "$streams"];
    if name.starts_with('$') && !known.contains(&&*name) {
        errors.at(
            namespace.span(),
            "names with `$` are Instant's own; an entity can be on `$users`, `$files` or `$streams`",
        );
    }
    if name.contains(['.', '/']) || name.chars().any(char::is_whitespace) {
        errors.at(namespace.span(), "a namespace has no dots, slashes or spaces: queries could not name it");
    }
}

fn labels(entity: &Entity<'_>, errors: &mut Errors) {
    let attrs = entity.attrs.iter().map(|attr| (attr.ident, &attr.label));
    let links = entity.links.iter().map(|link| (link.ident, &link.label));
    let mut known = HashMap::new();
    for (ident, label) in attrs.chain(links) {
        let name = label.value();
        if name.contains(['.', '/']) || name.is_empty() || name.starts_with('$') {
            errors.at(
                label.span(),
                format!("`{name}` cannot be queried: a name is not empty and has no dots, slashes or `$`"),
            );
        }
        if let Some(first) = known.insert(name.clone(), ident) {
            errors.at(
                label.span(),
                format!("`{first}` and `{ident}` are both `{name}` on the wire; rename one of them"),
            );
        }
    }
}

/// What Instant itself has on its namespaces, and writes.
fn own_attrs(namespace: &str) -> &'static [&'static str] {
    match namespace {
        "$files" => {
            &["path", "url", "size", "content-type", "content-disposition", "location-id", "key-version"]
        }
        "$streams" => &["clientId"],
        _ => &[],
    }
}

/// A system namespace can have no required attributes of a user.
fn system(entity: &Entity<'_>, errors: &mut Errors) {
    let namespace = entity.namespace.value();
    if !namespace.starts_with('$') {
        return;
    }
    for attr in entity.attrs.iter().filter(|attr| attr.is_required()) {
        if !own_attrs(&namespace).contains(&&*attr.label.value()) {
            errors.at(
                attr.ident.span(),
                format!("Instant has no required attributes on `{namespace}`; make `{}` an `Option`, or mark it `#[instant(default)]`", attr.ident),
            );
        }
    }
    for link in &entity.links {
        if let Some(span) = link.required {
            errors.at(span, format!("Instant has no required links on `{namespace}`"));
        }
    }
}
