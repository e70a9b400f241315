//! Generates code, with one file per kind of item.
//!
//! All items except the structs that users name are within a `const _` with one `use`, which keeps
//! paths short and avoids collisions. Code that uses a field's type has the location of that type,
//! so that the compiler reports an invalid type there, and only once.

mod create;
mod entity;
mod fields;
mod links;
mod row;
mod value;
mod view;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::{
    ast::Entity,
    names::{generated, plain},
};

pub(crate) use value::value;
pub(crate) use view::view;

/// Generates the items and impls of an entity.
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

/// The names of generated structs.
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
            fields: generated(&format!("{name}Fields"), ident),
            row: generated(&format!("{name}Row"), ident),
            new: generated(&format!("New{name}"), ident),
        }
    }
}

/// Implements `Debug`, `Clone` and `PartialEq` for `ty`, each if `params` and `types` implement it.
///
/// The `for<'__w>` keeps a bound that does not hold from being an error. `debug` is the names and
/// the values of the fields.
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
