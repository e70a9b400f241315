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

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::quote;

use crate::ast::Entity;

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
    let impls = automatically_derived(quote!(#links_impl #row_impl #create_impl #entity_impl));
    quote! {
        #fields
        #links
        #row
        #create
        #[allow(unused, deprecated, nonstandard_style, private_interfaces, clippy::all, clippy::pedantic)]
        const _: () = {
            use #krate::__private::{self as __p, Clone as _, L as _};
            #impls
        };
    }
}

/// Marks each impl of a trait with functions in `items` as generated, which silences lints about
/// code that users write and keeps it out of coverage reports.
fn automatically_derived(items: TokenStream) -> TokenStream {
    let tokens = Vec::from_iter(items);
    let mut out = TokenStream::new();
    for (index, token) in tokens.iter().enumerate() {
        if is_word(token, "impl") && is_trait_impl_with_functions(&tokens[index..]) {
            out.extend(quote!(#[automatically_derived]));
        }
        out.extend([token.clone()]);
    }
    out
}

fn is_trait_impl_with_functions(item: &[TokenTree]) -> bool {
    let body = item
        .iter()
        .position(|token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace));
    let Some((header, TokenTree::Group(body))) = body.map(|at| (&item[..at], &item[at])) else {
        return false;
    };
    // The `for` of `for<'a>` is followed by `<`.
    let is_for = |pair: &[TokenTree]| {
        is_word(&pair[0], "for") && !matches!(&pair[1], TokenTree::Punct(punct) if punct.as_char() == '<')
    };
    header.windows(2).any(is_for) && body.stream().into_iter().any(|token| is_word(&token, "fn"))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
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
        impl<#(#params: __p::Eq),*> __p::Eq for #ty where #(for<'__w> #types: __p::Eq),* {
            fn eq(&self, __o: &Self) -> bool { #eq }
        }
    }
}
