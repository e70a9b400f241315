//! `impl Entity for Goal`, and what belongs to it.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Index, spanned::Spanned};

use super::Names;
use crate::ast::{Attr, Entity};

pub(super) fn expand(entity: &Entity<'_>) -> TokenStream {
    let (ident, namespace) = (entity.ident, &entity.namespace);
    let Names { fields, row, new } = Names::of(entity);
    let new = if namespace.value() == "$files" { quote!(__p::NotCreated) } else { quote!(#new) };
    let attrs = entity.attrs.iter().map(|attr| (attr.ident, &attr.label));
    let (attr_names, attr_labels): (Vec<_>, Vec<_>) = attrs.unzip();
    let link_names = Vec::from_iter(entity.links.iter().map(|link| link.ident));
    let link_schemas = entity.links.iter().map(|link| {
        let marker = &link.marker;
        quote_spanned!(link.ty.span()=> #marker::SCHEMA)
    });
    let attr_schemas = entity.attrs.iter().filter(|attr| !attr.is_id()).map(attr_schema);
    let (decode, tell) = (decode(entity), tell(entity));
    let id = match entity.attrs.iter().any(Attr::is_id) {
        true => quote!(self.id),
        false => quote!(__p::Id::<#ident>::new()),
    };
    quote! {
        impl __p::Entity for #ident {
            const NAMESPACE: &'static str = #namespace;
            type Fields = #fields;
            const FIELDS: #fields = #fields {
                #(#attr_names: __p::Attr::new(#attr_labels),)*
                #(#link_names: __p::Rel::new(),)*
            };
            type Row = #row;
            type New = #new;
            const SCHEMA: __p::EntitySchema =
                __p::EntitySchema::of::<Self>(&[#(#attr_schemas),*], &[#(#link_schemas),*]);
            #tell
        }
        impl __p::Decode for #ident {
            #decode
        }
        impl __p::Target<#ident> for #ident {
            fn name(&self) -> __p::Named { __p::named(#id) }
        }
        impl __p::Shaped for #ident {}
        impl __p::View<#ident> for #ident {}
    }
}

fn attr_schema(attr: &Attr<'_>) -> TokenStream {
    let (ty, label) = (attr.ty, &attr.label);
    let claims = [
        (attr.indexed.is_some(), quote!(.indexed())),
        (attr.unique.is_some(), quote!(.unique())),
        (attr.default.is_some(), quote!(.optional())),
    ];
    let claims = claims.iter().filter(|(claimed, _)| *claimed).map(|(_, call)| call);
    quote_spanned!(ty.span()=> __p::at::<#ty>(#label).schema #(#claims)*)
}

fn decode(entity: &Entity<'_>) -> TokenStream {
    let ident = entity.ident;
    let labels =
        entity.attrs.iter().map(|attr| &attr.label).chain(entity.links.iter().map(|link| &link.label));
    let slots = entity.attrs.iter().map(|attr| {
        let (ty, label) = (attr.ty, &attr.label);
        let slot = if attr.default.is_some() { quote!(or_default) } else { quote!(slot) };
        quote_spanned!(ty.span()=> __p::at::<#ty>(#label).#slot())
    });
    let indices = (0..entity.attrs.len()).map(Index::from);
    // A local variable must be spelled where it is declared, or it is another one in a struct made by a macro.
    let values = quote!(__a);
    let inits = entity.attrs.iter().enumerate().map(|(at, attr)| {
        let (field, ty, at) = (attr.ident, attr.ty, Index::from(at));
        match attr.default {
            Some(_) => quote_spanned!(ty.span()=> #field: #values.#at.get()),
            None => quote_spanned!(ty.span()=> #field: #values.#at.need()?),
        }
    });
    let links = entity.links.iter().map(|link| link.ident);
    let finish = match entity.attrs.iter().any(Attr::is_id) {
        true => quote!(__p::Ok(__p::Some(#ident { #(#inits,)* #(#links: __p::Default::default()),* }))),
        false => quote!(__p::Ok(__p::None)),
    };
    quote! {
        fn decode_with(__r: &mut __p::Reader<'_>, __plan: &__p::Plan, __l: __p::Links<'_, '_>) -> __p::Decoded<Self> {
            let mut __a = (#(#slots,)*);
            if !__p::read(__r, __plan, &[#(#labels),*], &mut [#(&mut __a.#indices),*], __l)? {
                return __p::Ok(__p::None);
            }
            #finish
        }
    }
}

/// Tells the attributes; reads the links, so that the compiler does not call the fields unused.
fn tell(entity: &Entity<'_>) -> TokenStream {
    let attrs = entity.attrs.iter().filter(|attr| !attr.is_id()).map(|attr| {
        let (field, ty, label) = (attr.ident, attr.ty, &attr.label);
        let at = quote_spanned!(ty.span()=> __p::at::<#ty>(#label));
        quote!(__v.attr(#at, &self.#field);)
    });
    let links = entity.links.iter().map(|link| link.ident);
    quote! {
        fn tell(&self, __v: &mut __p::Values) {
            #(#attrs)*
            let _ = (#(&self.#links,)*);
        }
    }
}
