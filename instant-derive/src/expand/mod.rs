//! From the meaning of an input to code, one file per kind of item.
//!
//! Everything but the structs that users name stands in a `const _` with one `use`, so that paths
//! are short and nothing can collide. Whatever uses a field's type is spanned at that type, so that
//! a wrong one is reported once, there.

mod create;
mod entity;
mod fields;
mod links;
mod row;
mod value;
mod view;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::{ast::Entity, case::plain};

pub(crate) use value::value;
pub(crate) use view::view;

/// All that an entity is.
pub(crate) fn entity(entity: &Entity<'_>) -> TokenStream {
    let krate = &entity.krate;
    let fields = fields::expand(entity);
    let (links, links_impl) = links::expand(entity);
    let (row, row_impl) = row::expand(entity);
    let (create, create_impl) = create::expand(entity);
    let entity_impl = entity::expand(entity);
    quote! {
        #fields
        #links
        #row
        #create
        #[allow(unused, private_interfaces, clippy::all, clippy::pedantic)]
        const _: () = {
            use #krate::__private::{self as __p, Clone as _, L as _};
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
        let name = plain(ident);
        Self {
            fields: made(&format!("{name}Fields"), ident),
            row: made(&format!("{name}Row"), ident),
            new: made(&format!("New{name}"), ident),
        }
    }
}

/// `Debug`, `Clone` and `PartialEq` for `ty`, each exactly when `params` and `types` have it. The
/// binder keeps a bound that does not hold from being an error. `debug` is the fields' names and
/// values.
fn standard(
    ty: &TokenStream,
    params: &[Ident],
    types: &[TokenStream],
    [debug, clone, eq]: [TokenStream; 3],
) -> TokenStream {
    let name = ty.clone().into_iter().next().map(|name| name.to_string());
    quote! {
        impl<#(#params: __p::Debug),*> __p::Debug for #ty where #(for<'__w> #types: __p::Debug),* {
            fn fmt(&self, __f: &mut __p::Formatter<'_>) -> __p::FmtResult {
                __p::debug_fields(__f, #name, #debug)
            }
        }
        impl<#(#params: __p::Clone),*> __p::Clone for #ty where #(for<'__w> #types: __p::Clone),* {
            fn clone(&self) -> Self { #clone }
        }
        impl<#(#params: __p::PartialEq),*> __p::PartialEq for #ty where #(for<'__w> #types: __p::PartialEq),* {
            fn eq(&self, __o: &Self) -> bool { #eq }
        }
    }
}

/// A name that is made from `ident`, and shown there; the lints know that the user did not write
/// it.
pub(crate) fn made(name: &str, ident: &Ident) -> Ident {
    Ident::new(name, Span::call_site().located_at(ident.span()))
}

/// Names that nothing of a user's can be called.
fn locals(prefix: &str, count: usize) -> Vec<Ident> {
    (0..count).map(|index| format_ident!("__{prefix}{index}")).collect()
}
