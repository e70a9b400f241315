//! `#[derive(InstantView)]`: the fields are those of an entity, which the compiler itself checks by
//! field access.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Index, spanned::Spanned};

use super::automatically_derived;
use crate::{
    ast::{krate, named_fields},
    attr::{Keys, VIEW, VIEW_FIELD, VIEW_LINK},
    errors::Errors,
};

pub(crate) fn view(input: &DeriveInput, errors: &mut Errors) -> Option<TokenStream> {
    let keys = Keys::read(&input.attrs, &VIEW, errors);
    let fields = named_fields(input, "a view", errors)?;
    let krate = krate(&keys);
    let Some(entity) = keys.name("entity") else {
        if !keys.has_errors() {
            let message = "missing entity: add `#[instant(entity = ..)]` with the type of the entity";
            errors.at(input.ident.span(), message);
        }
        return None;
    };
    let ident = &input.ident;
    // Attributes come before links in the list of labels.
    let mut fields = Vec::from_iter(fields.into_iter().map(|(field, ident)| {
        let mut keys = Keys::read(&field.attrs, &VIEW_FIELD, errors);
        let link = keys.list("link", &VIEW_LINK, errors).is_some();
        let from = keys.name("from").map_or_else(|| quote!(#ident), |path| quote!(#path));
        (link, ident, &field.ty, from)
    }));
    fields.sort_by_key(|(link, ..)| *link);
    // Hygiene: in a struct that a macro generates, a local variable must have the location of its
    // declaration.
    let (values, plan) = (quote!(__v), quote!(__plan));
    let (mut labels, mut slots, mut inits, mut plans) = (vec![], vec![], vec![], vec![]);
    for (at, (link, ident, ty, from)) in fields.iter().enumerate() {
        let source = quote_spanned!(from.span()=> FIELDS.#from);
        let slot = Index::from(at);
        labels.push(quote!(#source.label()));
        inits.push(quote_spanned!(ty.span()=> #ident: #values.#slot.take()?));
        if *link {
            slots.push(quote_spanned!(ty.span()=> __p::view_link::<_, #ty>(#source)));
            plans.push(
                quote_spanned!(ty.span()=> #plan.link(LABELS[#at], __p::link_plan::<#ty, _>(#source));),
            );
        } else {
            slots.push(quote_spanned!(from.span()=> __p::view_slot::<#ty, _>(#source)));
        }
    }
    let attrs = fields.iter().filter(|(link, ..)| !link).count();
    let indices = (0..fields.len()).map(Index::from);
    let impls = automatically_derived(quote! {
        impl __p::Decode for #ident {
            fn decode(__r: &mut __p::Reader<'_>, __plan: &__p::Plan) -> __p::Decoded<Self> {
                let mut __v = (#(#slots,)*);
                if !__p::read(__r, __plan, &mut [#(__v.#indices.m()),*], &mut [])? {
                    return __p::Ok(__p::None);
                }
                __p::Ok(__p::Some(#ident { #(#inits),* }))
            }
        }
        impl __p::Projection for #ident {
            fn project(__plan: &mut __p::Plan) {
                __plan.select(LABELS[..#attrs].to_vec());
                #(#plans)*
            }
        }
        impl __p::View<#entity> for #ident {}
    });
    Some(quote! {
        #[allow(deprecated, clippy::all)]
        const _: () = {
            use #krate::__private as __p;
            const FIELDS: <#entity as __p::Entity>::Fields = <#entity as __p::Entity>::FIELDS;
            const LABELS: &[&str] = &[#(#labels),*];
            #impls
        };
    })
}
