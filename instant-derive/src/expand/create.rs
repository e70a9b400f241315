//! `NewGoal`: the required attributes and links of a new entity.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Path, Type, spanned::Spanned};

use super::standard;
use crate::{
    ast::{Attr, Entity, Link, ungrouped},
    names::plain,
};

pub(super) fn expand(entity: &Entity<'_>) -> (TokenStream, TokenStream) {
    if entity.namespace.value() == "$files" {
        return Default::default();
    }
    let (ident, vis, krate) = (entity.ident, entity.vis, &entity.krate);
    let new = &entity.names.new;
    let attrs = Vec::from_iter(entity.attrs.iter().filter(|attr| attr.is_required()));
    let links = Vec::from_iter(entity.links.iter().filter(|link| link.required.is_some()));
    let doc = format!("The required attributes and links of a new [`{ident}`].");
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
        let field = attr.ident;
        quote!(&__F.#field.of(&self.#field))
    });
    let tell_links = links.iter().map(|link| {
        let (field, label) = (link.ident, &link.label);
        quote!(__v.link(#label, self.#field);)
    });
    let (derive, derived) = derives(new, &attrs, &links, krate);
    let item = quote! {
        #[doc = #doc]
        #derive
        #[allow(dead_code, deprecated, missing_docs, private_interfaces)]
        #vis struct #new { #(#attr_fields)* #(#link_fields)* }
    };
    let impls = quote! {
        impl __p::NewEntity<#ident> for #new {
            fn fill(&self, __v: &mut __p::Values) {
                __v.attrs(&[#(#tell_attrs),*]);
                #(#tell_links)*
            }
        }
        #derived
    };
    (item, impls)
}

/// `Debug`, `Clone` and `PartialEq`, each exactly when the fields have it: a `derive` where all are
/// known to, which is the least code, and bounds on the types where that is not known.
fn derives(
    new: &Ident,
    attrs: &[&Attr<'_>],
    links: &[&Link<'_>],
    krate: &Path,
) -> (TokenStream, TokenStream) {
    let types = attrs.iter().map(|attr| attr.ty).filter(|ty| !is_plain(ty)).map(|ty| quote!(#ty));
    let mut types = Vec::from_iter(types.map(|ty| (ty.to_string(), ty)));
    types.sort_by(|(a, _), (b, _)| a.cmp(b));
    types.dedup_by(|(a, _), (b, _)| a == b);
    if types.is_empty() {
        let p = quote!(#krate::__private);
        return (quote!(#[derive(#p::Debug, #p::Clone, #p::PartialEq)]), TokenStream::new());
    }
    let fields =
        Vec::from_iter(attrs.iter().map(|attr| attr.ident).chain(links.iter().map(|link| link.ident)));
    let names = fields.iter().map(|field| plain(field));
    let derived = standard(
        &quote!(#new),
        &[],
        &Vec::from_iter(types.into_iter().map(|(_, ty)| ty)),
        [
            quote!(&[#(#names),*], &[#(&self.#fields),*]),
            quote!(#new { #(#fields: self.#fields.clone()),* }),
            quote!(#(self.#fields == __o.#fields)&&*),
        ],
    );
    (TokenStream::new(), derived)
}

/// Returns whether a type is written as `String` or a primitive type.
fn is_plain(ty: &Type) -> bool {
    const PLAIN: [&str; 12] =
        ["String", "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64"];
    matches!(ungrouped(ty), Type::Path(path) if path.path.get_ident().is_some_and(|name| PLAIN.iter().any(|plain| name == plain)))
}
