//! `GoalTodos`: one type per end of a link, and the checks that both ends agree.
//!
//! The types are in a hidden module, so that their names cannot collide with those of users.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Visibility, spanned::Spanned};

use crate::ast::{Entity, Link, Reverse};

pub(super) fn expand(entity: &Entity<'_>) -> (TokenStream, TokenStream) {
    if entity.links.is_empty() {
        return Default::default();
    }
    let (module, vis) = (&entity.names.links, inner_visibility(entity.vis));
    let markers = entity.links.iter().map(|link| &link.marker);
    let items = quote! {
        #[allow(dead_code, nonstandard_style, unreachable_pub)]
        mod #module {
            #(#vis struct #markers<T>(T);)*
        }
    };
    let impls = entity.links.iter().enumerate().map(|(index, link)| link_impl(entity, link, index));
    (items, quote!(#(#impls)*))
}

/// Returns the alias of the type that identifies a link, within the generated `const _`.
pub(super) fn alias(index: usize, span: Span) -> Ident {
    Ident::new(&format!("__L{index}"), span)
}

/// Returns the visibility that an item of a child module needs to be as visible as the entity.
fn inner_visibility(vis: &Visibility) -> TokenStream {
    let Visibility::Restricted(restricted) = vis else {
        return match vis {
            Visibility::Inherited => quote!(pub(super)),
            _ => quote!(#vis),
        };
    };
    let path = &restricted.path;
    let rest = path.segments.iter().skip(1);
    match path.segments.first().map(|first| first.ident.to_string()).as_deref() {
        Some("self") => quote!(pub(in super #(::#rest)*)),
        Some("super") => quote!(pub(in super::#path)),
        _ => quote!(#vis),
    }
}

fn link_impl(entity: &Entity<'_>, link: &Link<'_>, index: usize) -> TokenStream {
    let (ident, ty, label) = (entity.ident, link.ty, &link.label);
    let (marker, marker_type) = (alias(index, ty.span()), link.marker_type(&entity.names));
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
            let marker = alias(index, field.span());
            let mut own = link.ident.clone();
            own.set_span(own.span().located_at(field.span()));
            let other = quote_spanned!(field.span()=> __p::at(#marker::OTHER.#field));
            let check = quote_spanned!(field.span()=> const _: () = __p::pair(__F.#own, #other););
            (quote_spanned!(field.span()=> __p::end(#other)), Some(check))
        }
    };
    // An end without a claim is the forward one if the types of both ends say so.
    let forward = match link.is_forward() {
        true => quote!(true),
        false => quote!({ #marker::SCHEMA.end.forward }),
    };
    let to_one = link.on_delete.map(|span| quote_spanned!(span=> const _: () = __p::to_one::<#ty>();));
    quote_spanned! {ty.span()=>
        type #marker = #marker_type;
        impl __p::LinkType for #marker {
            type Owner = #ident;
            type Target = #target;
            type Shape = #shape;
            type Forward = __p::Is<#forward>;
            const END: __p::End = __p::own_end::<Self>(#label) #(#claims)*;
            const REVERSE: __p::End = #reverse;
        }
        #check
        #to_one
    }
}
