//! `#[derive(InstantView)]`: the fields are those of an entity, which the compiler itself checks by field access.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{DeriveInput, spanned::Spanned};

use super::{locals, quiet};
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
        errors.at(
            input.ident.span(),
            "the entity is missing: add `#[instant(entity = ..)]` with the entity's type",
        );
        return None;
    };
    let ident = &input.ident;
    let (mut labels, mut plans, mut reads, mut inits, mut attrs) = (vec![], vec![], vec![], vec![], 0_usize);
    let locals = locals("v", fields.len());
    // Attributes stand in front of links in the list of labels.
    let mut fields = fields
        .into_iter()
        .zip(&locals)
        .map(|((field, ident), local)| {
            let mut keys = Keys::read(&field.attrs, &VIEW_FIELD, errors);
            let link = keys.list("link", &VIEW_LINK, errors).is_some();
            let from = keys.name("from").map_or_else(|| quote!(#ident), |path| quote!(#path));
            (link, field, ident, from, local)
        })
        .collect::<Vec<_>>();
    fields.sort_by_key(|(link, ..)| *link);
    for (at, (link, field, ident, from, local)) in fields.iter().enumerate() {
        let ty = &field.ty;
        let source = quote_spanned!(from.span()=> FIELDS.#from);
        if *link {
            labels.push(quote_spanned!(ty.span()=> __p::link_label::<_, #ty>(#source)));
            plans.push(quote_spanned!(ty.span()=> __plan.link(LABELS[#at], __p::link_plan::<#ty>());));
            reads.push(quote_spanned!(ty.span()=> #at => #local = __object.link::<#ty>(__plan)?,));
            inits.push(quote_spanned!(ty.span()=> #ident: __p::need_link(#local, LABELS[#at])?));
        } else {
            attrs += 1;
            labels.push(quote_spanned!(ty.span()=> __p::attr_label::<#entity, #ty, _>(#source)));
            reads.push(quote_spanned!(ty.span()=> #at => #local = __p::Some(__object.value::<#ty>()?),));
            inits.push(quote_spanned!(ty.span()=> #ident: __p::need(#local, LABELS[#at])?));
        }
    }
    let nones = locals.iter().map(|_| quote!(__p::None));
    let quiet = quiet();
    Some(quote! {
        #[doc(hidden)]
        #quiet
        const _: () = {
            use #krate::__private as __p;
            const FIELDS: <#entity as __p::Entity>::Fields = <#entity as __p::Entity>::FIELDS;
            const LABELS: &[&str] = &[#(#labels),*];
            impl __p::Decode for #ident {
                fn decode(__reader: &mut __p::Reader<'_>, __plan: &__p::Plan) -> __p::Decoded<Self> {
                    let (#(mut #locals,)*) = (#(#nones,)*);
                    let mut __object = __p::ObjectReader::begin(__reader)?;
                    while let __p::Some(__at) = __object.next(LABELS)? {
                        match __at { #(#reads)* _ => __object.skip()?, }
                    }
                    if !__object.is_identified() {
                        return __p::Ok(__p::None);
                    }
                    __p::Ok(__p::Some(#ident { #(#inits),* }))
                }
            }
            impl __p::Shaped for #ident {
                fn shape(__plan: &mut __p::Plan) {
                    __plan.select(LABELS[..#attrs].to_vec());
                    #(#plans)*
                }
            }
            impl __p::View<#entity> for #ident {}
        };
    })
}
