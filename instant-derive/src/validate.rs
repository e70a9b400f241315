//! Validates an entity, as far as that does not depend on types.

use std::collections::HashMap;

use syn::LitStr;

use crate::{
    ast::{Entity, Reverse},
    errors::Errors,
};

/// Validates an entity and reports all errors.
pub(crate) fn entity(entity: &Entity<'_>, errors: &mut Errors) {
    match entity.attrs.iter().find(|attr| attr.is_id()) {
        None => {
            let name = entity.ident;
            errors.at(name.span(), format!("missing id: add a field `id: Id<{name}>`"));
        }
        Some(id) => {
            for (span, key) in [(id.indexed, "indexed"), (id.unique, "unique"), (id.default, "default")] {
                if let Some(span) = span {
                    let message =
                        format!("`id` cannot be `{key}`: it is always present and unique; remove it");
                    errors.at(span, message);
                }
            }
            if id.label.value() != "id" {
                errors.at(id.label.span(), "`id` cannot be renamed; remove `rename`");
            }
        }
    }
    for link in &entity.links {
        if let (Some(span), Reverse::Label { many: true, .. }) = (link.on_delete_reverse, &link.reverse) {
            let message =
                "`on_delete_reverse = cascade` needs a to-one link at the other end; add `reverse_has = one`";
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
            format!(
                "unknown system namespace `{name}`; write `$users`, `$files` or `$streams`, or remove the `$`"
            ),
        );
    }
    if name.contains(['.', '/']) || name.chars().any(char::is_whitespace) {
        errors.at(
            namespace.span(),
            "queries cannot name a namespace with dots, slashes or spaces; remove them",
        );
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
                format!("queries cannot name `{name}`; write a name that is not empty and has no dots, slashes or leading `$`"),
            );
        }
        if let Some(first) = known.insert(name.clone(), ident) {
            errors.at(
                label.span(),
                format!("`{first}` and `{ident}` are both named `{name}` on the wire; rename one of them"),
            );
        }
    }
}

/// Returns the attributes of a system namespace that the server itself writes.
fn system_attrs(namespace: &str) -> &'static [&'static str] {
    match namespace {
        "$files" => {
            &["path", "url", "size", "content-type", "content-disposition", "location-id", "key-version"]
        }
        "$streams" => &["clientId"],
        _ => &[],
    }
}

/// Rejects required attributes and links that the user adds to a system namespace.
fn system(entity: &Entity<'_>, errors: &mut Errors) {
    let namespace = entity.namespace.value();
    if !namespace.starts_with('$') {
        return;
    }
    for attr in entity.attrs.iter().filter(|attr| attr.is_required()) {
        if !system_attrs(&namespace).contains(&&*attr.label.value()) {
            errors.at(
                attr.ident.span(),
                format!(
                    "attributes that you add to `{namespace}` cannot be required; make `{}` an `Option`, or mark it \
                     `#[instant(default)]`",
                    attr.ident
                ),
            );
        }
    }
    for link in &entity.links {
        if let Some(span) = link.required {
            errors.at(
                span,
                format!("links that you add to `{namespace}` cannot be required; remove `required`"),
            );
        }
    }
}
