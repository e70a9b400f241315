//! `impl Entity for Goal`, and the impls of its supertraits.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Index, spanned::Spanned};

use super::links::alias;
use crate::{
    ast::{Attr, Entity},
    names::Names,
};

pub(super) fn expand(entity: &Entity<'_>) -> TokenStream {
    let (ident, namespace) = (entity.ident, &entity.namespace);
    let Names { fields, row, new, .. } = &entity.names;
    let new = if namespace.value() == "$files" { quote!(__p::NotCreated) } else { quote!(#new) };
    let handles = entity.attrs.iter().map(handle);
    let link_names = Vec::from_iter(entity.links.iter().map(|link| link.ident));
    let link_schemas = entity.links.iter().enumerate().map(|(index, link)| {
        let marker = alias(index, link.ty.span());
        quote_spanned!(link.ty.span()=> #marker::SCHEMA)
    });
    let attr_schemas = entity.attrs.iter().filter(|attr| !attr.is_id()).map(attr_schema);
    let (decode, fill) = (decode(entity), fill_fn(entity));
    let named = match entity.attrs.iter().find(|attr| attr.is_id()) {
        Some(id) => named(id),
        None => quote!(__p::id_name::<Self, _>(&__p::Id::<Self>::new())),
    };
    quote! {
        const __F: #fields = #fields {
            #(#handles,)*
            #(#link_names: __p::Link::new(),)*
        };
        impl __p::Entity for #ident {
            const NAMESPACE: &'static str = #namespace;
            type Fields = #fields;
            const FIELDS: #fields = __F;
            const HANDLES: &'static #fields = &__F;
            type Row = #row;
            type New = #new;
            const SCHEMA: __p::EntitySchema =
                __p::EntitySchema::of::<Self>(&[#(#attr_schemas),*], &[#(#link_schemas),*]);
            #fill
        }
        impl __p::Decode for #ident {
            #decode
        }
        impl __p::Target<#ident> for #ident {
            fn name(&self) -> __p::Named { #named }
        }
    }
}

/// Creates a handle at the location of the attribute's type, from its first token to its last. The
/// compiler reports a type that cannot be an attribute's there.
fn handle(attr: &Attr<'_>) -> TokenStream {
    let (first, last) = ends(attr);
    let (field, label, new) = (attr.ident, &attr.label, Ident::new("new", last));
    quote_spanned!(first=> #field: __p::Attr::#new(#label))
}

/// Reads the id at the location of its type, for the same reason.
fn named(id: &Attr<'_>) -> TokenStream {
    let (first, last) = ends(id);
    // `self` must be spelled where it is declared, and is only shown elsewhere.
    let own = Ident::new("self", Span::call_site().located_at(first));
    let field = Ident::new("id", last);
    quote_spanned!(first=> __p::id_name::<Self, _>(&#own.#field))
}

/// Returns the locations of the first and the last token of an attribute's type.
fn ends(attr: &Attr<'_>) -> (Span, Span) {
    let tokens = Vec::from_iter(attr.ty.to_token_stream());
    let ends = tokens.first().zip(tokens.last()).map(|(first, last)| (first.span(), last.span()));
    ends.unwrap_or_else(|| (Span::call_site(), Span::call_site()))
}

fn attr_schema(attr: &Attr<'_>) -> TokenStream {
    let field = attr.ident;
    match attr.default {
        Some(_) => quote!(__F.#field.def().optional()),
        None => quote!(__F.#field.def()),
    }
}

fn decode(entity: &Entity<'_>) -> TokenStream {
    let ident = entity.ident;
    let slots = entity.attrs.iter().map(|attr| {
        let field = attr.ident;
        match attr.default {
            Some(_) => quote!(__F.#field.slot().nullable()),
            None => quote!(__F.#field.slot()),
        }
    });
    let indices = (0..entity.attrs.len()).map(Index::from);
    // Hygiene: in a struct that a macro generates, a local variable must have the location of its
    // declaration.
    let values = quote!(__a);
    let inits = entity.attrs.iter().enumerate().map(|(at, attr)| {
        let (field, ty, at) = (attr.ident, attr.ty, Index::from(at));
        match attr.default {
            Some(_) => quote_spanned!(ty.span()=> #field: #values.#at.take_or_default()),
            None => quote_spanned!(ty.span()=> #field: #values.#at.take()?),
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
            let true = __p::read(__r, __plan, &mut [#(__a.#indices.m()),*], __l)? else { return __p::Ok(__p::None) };
            #finish
        }
    }
}

/// Adds the attributes; reads the links too, so that the compiler does not call the fields unused.
fn fill_fn(entity: &Entity<'_>) -> TokenStream {
    let attrs = entity.attrs.iter().filter(|attr| !attr.is_id()).map(|attr| {
        let field = attr.ident;
        quote!(&__F.#field.of(&self.#field))
    });
    let links = entity.links.iter().map(|link| link.ident);
    quote! {
        fn fill(&self, __v: &mut __p::Values) {
            __v.attrs(&[#(#attrs),*]);
            let _ = (#(&self.#links,)*);
        }
    }
}
