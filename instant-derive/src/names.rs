//! Names: of fields and variants without `r#`, of generated items, and of local variables.

use proc_macro2::{Ident, Span};
use quote::format_ident;

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
