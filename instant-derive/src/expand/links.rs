//! `GoalTodos`: one type per end of a link, and the checks that both ends agree.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ast::{Entity, Link, Reverse};

pub(super) fn expand(entity: &Entity<'_>) -> (TokenStream, TokenStream) {
    let vis = entity.vis;
    let (mut items, mut impls) = (TokenStream::new(), TokenStream::new());
    for link in &entity.links {
        let marker = &link.marker;
        let doc = format!("Link `{}` of [`{}`], as in `Link<{marker}>`.", link.ident, entity.ident);
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
        (link.is_forward(), quote!(.forward())),
        (link.required.is_some(), quote!(.required())),
        (link.on_delete.is_some(), quote!(.on_delete())),
        (link.on_delete_reverse.is_some(), quote!(.on_delete_reverse())),
    ];
    let claims = claims.iter().filter(|(claimed, _)| *claimed).map(|(_, call)| call);
    let (reverse, check) = match &link.reverse {
        Reverse::Label { label, many } => {
            let end = if *many { quote!(to_many_end) } else { quote!(to_one_end) };
            (quote!(__p::#end(#label)), None)
        }
        Reverse::Field(field) => {
            // The same tokens twice, so that a mistake in them is reported once.
            let marker = Ident::new(&marker.to_string(), field.span());
            let mut own = link.ident.clone();
            own.set_span(own.span().located_at(field.span()));
            let other = quote_spanned!(field.span()=> __p::at(#marker::OTHER.#field));
            let check = quote_spanned!(field.span()=> const _: () = __p::pair(__F.#own, #other););
            (quote_spanned!(field.span()=> __p::end(#other)), Some(check))
        }
    };
    let stored = link.is_forward().then(|| quote_spanned!(ty.span()=> impl __p::ForwardLink for #marker {}));
    let to_one = link.on_delete.map(|span| quote_spanned!(span=> const _: () = __p::to_one::<#ty>();));
    quote_spanned! {ty.span()=>
        impl __p::LinkType for #marker {
            type Owner = #ident;
            type Target = #target;
            type Shape = #shape;
            const END: __p::End = __p::own_end::<Self>(#label) #(#claims)*;
            const REVERSE: __p::End = #reverse;
        }
        #stored
        #check
        #to_one
    }
}
