//! `GoalTodos`: a type per end of a link, and the checks that both ends fit each other.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ast::{Entity, Link, Reverse};

pub(super) fn expand(entity: &Entity<'_>) -> (TokenStream, TokenStream) {
    let vis = entity.vis;
    let (mut items, mut impls) = (TokenStream::new(), TokenStream::new());
    for link in &entity.links {
        let marker = &link.marker;
        let doc = format!("Link `{}` of [`{}`].", link.ident, entity.ident);
        items.extend(quote! {
            #[doc = #doc]
            #vis struct #marker;
        });
        impls.extend(link_impl(entity, link));
    }
    (items, impls)
}

fn link_impl(entity: &Entity<'_>, link: &Link<'_>) -> TokenStream {
    let (ident, marker, ty, label) = (entity.ident, &link.marker, link.ty, &link.label);
    let shape = match link.required {
        Some(_) => quote_spanned!(ty.span()=> <#ty as __p::ToOneField>::Required),
        None => quote_spanned!(ty.span()=> <#ty as __p::LinkField>::Shape),
    };
    let target = quote_spanned!(ty.span()=> <#ty as __p::LinkField>::Target);
    let claims = [
        (link.is_forward(), quote!(FORWARD)),
        (link.required.is_some(), quote!(REQUIRED)),
        (link.on_delete.is_some(), quote!(ON_DELETE)),
        (link.on_delete_reverse.is_some(), quote!(ON_DELETE_REVERSE)),
    ];
    let claims = Vec::from_iter(claims.iter().filter(|(claimed, _)| *claimed).map(|(_, name)| name));
    let claims = (!claims.is_empty()).then(|| quote!(const CLAIMS: u8 = #(__p::#claims)|*;));
    let (reverse, check) = match &link.reverse {
        Reverse::Label { label, many } => {
            let end = if *many { quote!(to_many_end) } else { quote!(to_one_end) };
            let check = link.on_delete_reverse.filter(|_| *many).map(|span| {
                let message =
                    "`on_delete_reverse = cascade` needs the other end to be to-one: add `reverse_has = one`";
                quote_spanned!(span=> const _: () = __p::panic!(#message);)
            });
            (quote!(__p::#end(#label)), check)
        }
        Reverse::Field(field) => {
            // The same tokens twice, so that a mistake in them is reported once.
            let marker = Ident::new(&marker.to_string(), field.span());
            let other = quote_spanned!(field.span()=> __p::rel(#marker::OTHER.#field));
            let check = quote_spanned!(field.span()=> const _: () = __p::pair::<#marker, _>(#other););
            (quote_spanned!(field.span()=> __p::end(#other)), Some(check))
        }
    };
    let to_one = link.on_delete.map(|span| quote_spanned!(span=> const _: () = __p::to_one::<#ty>();));
    quote_spanned! {ty.span()=>
        impl __p::Link for #marker {
            type Owner = #ident;
            type Target = #target;
            type Shape = #shape;
            const LABEL: &'static str = #label;
            #claims
            const REVERSE: __p::End = #reverse;
        }
        #check
        #to_one
    }
}
