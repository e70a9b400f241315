//! From the meaning of an input to code, one file per kind of item.
//!
//! Everything but the structs that users name stands in a `const _` with one `use`, so that paths are short and nothing
//! can collide. Whatever uses a field's type is spanned at that type, so that a wrong one is reported once, there.

mod create;
mod entity;
mod fields;
mod links;
mod row;
mod value;
mod view;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::ast::Entity;

pub(crate) use value::value;
pub(crate) use view::view;

/// The lints that generated structs would trip in a user's crate.
fn quiet() -> TokenStream {
    quote!(#[allow(
        dead_code, missing_docs, missing_debug_implementations, unreachable_pub, private_interfaces
    )])
}

/// All that an entity is.
pub(crate) fn entity(entity: &Entity<'_>) -> TokenStream {
    let krate = &entity.krate;
    let (fields, fields_impl) = fields::expand(entity);
    let (links, links_impl) = links::expand(entity);
    let (row, row_impl) = row::expand(entity);
    let (create, create_impl) = create::expand(entity);
    let entity_impl = entity::expand(entity);
    quote! {
        #fields
        #links
        #row
        #create
        #[allow(dead_code, unused_imports, unreachable_pub, private_interfaces, clippy::all)]
        const _: () = {
            use #krate::__private::{self as __p, Clone as _, Link as _};
            #fields_impl
            #links_impl
            #row_impl
            #create_impl
            #entity_impl
        };
    }
}

/// Names that are made from the entity's.
struct Names {
    fields: Ident,
    row: Ident,
    new: Ident,
}

impl Names {
    fn of(entity: &Entity<'_>) -> Self {
        let ident = entity.ident;
        Self {
            fields: format_ident!("{ident}Fields"),
            row: format_ident!("{ident}Row"),
            new: format_ident!("New{}", crate::case::plain(ident), span = ident.span()),
        }
    }
}

/// Names that nothing of a user's can be called.
fn locals(prefix: &str, count: usize) -> Vec<Ident> {
    (0..count).map(|index| format_ident!("__{prefix}{index}")).collect()
}
