//! Names: of fields and variants without `r#`, of generated items, and of local variables.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::spanned::Spanned;

use crate::{attr::Keys, errors::Errors};

/// The names of the items that an entity generates.
pub(crate) struct Names {
    pub(crate) fields: Ident,
    pub(crate) row: Ident,
    pub(crate) new: Ident,
    /// The hidden module of the types that identify links.
    pub(crate) links: Ident,
}

impl Names {
    /// Derives the names from that of the entity, unless a key sets them.
    pub(crate) fn new(entity: &Ident, keys: &Keys, errors: &mut Errors) -> Self {
        let name = plain(entity);
        let mut named = |key: &str, default: String| match keys.name(key).map(|path| (path, path.get_ident()))
        {
            Some((_, Some(ident))) => generated(&ident.to_string(), ident),
            Some((path, None)) => {
                errors.at(
                    path.span(),
                    format!(
                        "`{key}` takes the name of the struct to generate, not a path; write `{key} = Name`"
                    ),
                );
                generated(&default, entity)
            }
            None => generated(&default, entity),
        };
        Self {
            fields: named("fields", format!("{name}Fields")),
            row: named("row", format!("{name}Row")),
            new: named("new", format!("New{name}")),
            links: generated(&format!("__{name}Links"), entity),
        }
    }
}

/// Returns the name of `ident` without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// Creates the name of a generated item at the location of `ident`. Its hygiene tells lints that the
/// user did not write it.
pub(crate) fn generated(name: &str, ident: &Ident) -> Ident {
    Ident::new(name, Span::call_site().located_at(ident.span()))
}

/// Creates `count` names that cannot collide with the user's.
pub(crate) fn locals(prefix: &str, count: usize) -> Vec<Ident> {
    (0..count).map(|index| format_ident!("__{prefix}{index}")).collect()
}
