//! `NewGoal`: what is required of a new entity.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::Names;
use crate::ast::Entity;

pub(super) fn expand(entity: &Entity<'_>) -> (TokenStream, TokenStream) {
    if entity.namespace.value() == "$files" {
        return Default::default();
    }
    let (ident, vis, krate) = (entity.ident, entity.vis, &entity.krate);
    let new = Names::of(entity).new;
    let doc = format!("What is required of a new [`{ident}`].");
    let attrs = Vec::from_iter(entity.attrs.iter().filter(|attr| attr.is_required()));
    let links = Vec::from_iter(entity.links.iter().filter(|link| link.required.is_some()));
    let attr_fields = attrs.iter().map(|attr| {
        let (field, ty, docs) = (attr.ident, attr.ty, &attr.docs);
        quote!(#(#docs)* #vis #field: #ty,)
    });
    let link_fields = links.iter().map(|link| {
        let (field, ty, docs) = (link.ident, link.ty, &link.docs);
        let target = quote_spanned!(ty.span()=> <#ty as #krate::__private::LinkField>::Target);
        quote!(#(#docs)* #vis #field: #krate::__private::Id<#target>,)
    });
    let tell_attrs = attrs.iter().map(|attr| {
        let (field, ty, label) = (attr.ident, attr.ty, &attr.label);
        let at = quote_spanned!(ty.span()=> __p::at::<#ty>(#label));
        quote!(__v.attr(#at, &self.#field);)
    });
    let tell_links = links.iter().map(|link| {
        let (field, label) = (link.ident, &link.label);
        quote!(__v.link(#label, self.#field);)
    });
    let item = quote! {
        #[doc = #doc]
        #[allow(dead_code, missing_docs, private_interfaces)]
        #vis struct #new { #(#attr_fields)* #(#link_fields)* }
    };
    let impls = quote! {
        impl __p::NewEntity<#ident> for #new {
            fn tell(&self, __v: &mut __p::Values) { #(#tell_attrs)* #(#tell_links)* }
        }
    };
    (item, impls)
}
