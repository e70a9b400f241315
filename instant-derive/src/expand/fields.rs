//! `GoalFields`: handles to the attributes and links.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::ast::{Attr, Entity};

pub(super) fn expand(entity: &Entity<'_>) -> TokenStream {
    let (ident, vis, krate) = (entity.ident, entity.vis, &entity.krate);
    let name = &entity.names.fields;
    let doc = format!("Handles to the fields of [`{ident}`]: `{ident}::FIELDS`.");
    let attrs = entity.attrs.iter().map(|attr| {
        let (field, ty, docs, handle) = (attr.ident, attr.ty, &attr.docs, handle(attr));
        quote_spanned!(ty.span()=> #(#docs)* #vis #field: #krate::__private::#handle<#ident, #ty>)
    });
    let links = entity.links.iter().map(|link| {
        let (field, docs, marker) = (link.ident, &link.docs, link.marker_type(&entity.names));
        quote!(#(#docs)* #vis #field: #krate::__private::Link<#marker>)
    });
    quote! {
        #[doc = #doc]
        #[non_exhaustive]
        #[allow(dead_code, deprecated, missing_docs, private_interfaces)]
        #vis struct #name { #(#attrs,)* #(#links,)* }
    }
}

/// Returns the alias of `Attr` for an attribute that is indexed, unique, both or neither.
fn handle(attr: &Attr<'_>) -> TokenStream {
    match (attr.indexed.is_some(), attr.unique.is_some() || attr.is_id()) {
        (false, false) => quote!(Attr),
        (true, false) => quote!(IndexedAttr),
        (false, true) => quote!(UniqueAttr),
        (true, true) => quote!(UniqueIndexedAttr),
    }
}
