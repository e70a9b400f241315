//! `GoalRow`: an entity with the links that a query loaded, one type parameter per link.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Index, spanned::Spanned};

use super::{links::alias, standard};
use crate::{
    ast::Entity,
    names::{locals, plain},
};

pub(super) fn expand(entity: &Entity<'_>) -> (TokenStream, TokenStream) {
    let (ident, vis, krate) = (entity.ident, entity.vis, &entity.krate);
    let parts = Parts::of(entity);
    let Parts { row, links, .. } = &parts;
    let slots = entity.links.iter().map(|link| &link.slot);
    let slot_types = entity.links.iter().map(|link| &link.slot);
    let docs = entity.links.iter().map(|link| &link.docs);
    let doc = format!("A [`{ident}`] with its loaded links. Dereferences to the entity.");
    let item = quote! {
        #[doc = #doc]
        #[allow(dead_code, deprecated, missing_docs, private_interfaces)]
        #vis struct #row<#(#slots = #krate::__private::N<#ident>),*> {
            __e: #ident,
            #(#(#docs)* #vis #links: #slot_types,)*
        }
    };
    let impls =
        [basics(entity, &parts), decode(entity, &parts), derives(entity, &parts), serialize(entity, &parts)];
    let loads = (0..links.len()).map(|index| load(&parts, index));
    (item, quote!(#(#impls)* #(#loads)*))
}

/// The names that all impls of a row use.
struct Parts<'a> {
    row: &'a Ident,
    /// The type parameters, named so that they cannot collide with the user's types.
    slots: Vec<Ident>,
    links: Vec<&'a Ident>,
    /// The types that identify the links.
    markers: Vec<Ident>,
    /// The locations of the links' types, where the compiler reports errors about them.
    spans: Vec<Span>,
}

impl<'a> Parts<'a> {
    fn of(entity: &'a Entity<'_>) -> Self {
        Self {
            row: &entity.names.row,
            slots: locals("", entity.links.len()),
            links: entity.links.iter().map(|link| link.ident).collect(),
            markers: entity.links.iter().enumerate().map(|(at, link)| alias(at, link.ty.span())).collect(),
            spans: entity.links.iter().map(|link| link.ty.span()).collect(),
        }
    }

    /// Returns the row's type after link `index` is loaded as `__S`.
    fn loaded(&self, index: usize) -> TokenStream {
        let (marker, span) = (&self.markers[index], self.spans[index]);
        let row = Ident::new(&self.row.to_string(), span);
        let slots = self.slots.iter().enumerate().map(|(at, slot)| match at == index {
            true => quote_spanned!(span=> __p::In<#marker, __S>),
            false => quote!(#slot),
        });
        quote_spanned!(span=> #row<#(#slots),*>)
    }
}

fn basics(entity: &Entity<'_>, parts: &Parts<'_>) -> TokenStream {
    let (ident, vis, Parts { row, slots, links, .. }) = (entity.ident, entity.vis, parts);
    let with = (0..links.len()).map(|index| {
        let (field, marker, loaded) = (links[index], &parts.markers[index], parts.loaded(index));
        let name = format_ident!("with_{}", plain(field), span = field.span());
        let doc = format!("Returns this row with `{field}` loaded, for tests.");
        let fields = links.iter().enumerate().map(|(at, link)| match at == index {
            true => quote!(#link),
            false => quote!(self.#link),
        });
        let held = quote_spanned!(parts.spans[index]=> __p::In<#marker, __S>);
        let body = quote!((self, #field: #held) -> #loaded {
            #row::__of(self.__e, #(#fields),*)
        });
        quote_spanned! {parts.spans[index]=>
            #[doc = #doc]
            #vis fn #name<__S: __p::D> #body
        }
    });
    let defaults = links.iter().map(|_| quote!(__p::none()));
    quote! {
        impl<#(#slots),*> __p::Deref for #row<#(#slots),*> {
            type Target = #ident;
            fn deref(&self) -> &#ident { &self.__e }
        }
        impl<#(#slots),*> __p::T<#ident> for #row<#(#slots),*> {
            fn name(&self) -> __p::Named { __p::Target::name(&self.__e) }
        }
        impl #row {
            /// Creates a row with no links loaded, for tests.
            #vis fn new(entity: #ident) -> Self { Self::__of(entity, #(#defaults),*) }
        }
        impl<#(#slots),*> #row<#(#slots),*> {
            fn __of(__e: #ident, #(#links: #slots),*) -> Self { #row { __e, #(#links),* } }
            /// Returns the entity without its links, like `&*row`.
            #vis fn entity(&self) -> &#ident { &self.__e }
            /// Converts to the entity, without the loaded links.
            #vis fn into_entity(self) -> #ident { self.__e }
            #(#with)*
        }
    }
}

/// Implements the change of the row's type when a query includes a link.
fn load(parts: &Parts<'_>, index: usize) -> TokenStream {
    let (Parts { row, slots, .. }, marker, loaded) = (parts, &parts.markers[index], parts.loaded(index));
    let bounds = slots.iter().enumerate().map(|(at, slot)| match at == index {
        true => quote!(#slot: __p::Vacant<#marker>),
        false => quote!(#slot),
    });
    quote_spanned! {parts.spans[index]=>
        impl<#(#bounds,)* __S: __p::Decode> __p::Load<#marker, __S> for #row<#(#slots),*> {
            type Out = #loaded;
        }
    }
}

fn decode(entity: &Entity<'_>, parts: &Parts<'_>) -> TokenStream {
    let Parts { row, slots, links, .. } = parts;
    let labels = Vec::from_iter(entity.links.iter().map(|link| &link.label));
    let indices = Vec::from_iter((0..links.len()).map(Index::from));
    quote! {
        impl<#(#slots: __p::Decode),*> __p::Decode for #row<#(#slots),*> {
            fn decode(__r: &mut __p::Reader<'_>, __plan: &__p::Plan) -> __p::Decoded<Self> {
                let mut __l = (#(__p::link(#labels),)*);
                let __p::Some(__e) = __p::Decode::decode_with(__r, __plan, &mut [#(__l.#indices.m()),*])?
                    else { return __p::Ok(__p::None) };
                __p::Ok(__p::Some(Self::__of(__e, #(__l.#indices.take()?),*)))
            }
        }
    }
}

/// Implements `Debug`, `Clone` and `PartialEq`, each if the entity and the links implement it.
fn derives(entity: &Entity<'_>, parts: &Parts<'_>) -> TokenStream {
    let (ident, Parts { row, slots, links, .. }) = (entity.ident, parts);
    let labels = links.iter().map(|link| plain(link));
    standard(
        &quote!(#row<#(#slots),*>),
        slots,
        &[quote!(#ident)],
        [
            quote!(&["entity" #(, #labels)*], &[&self.__e #(, &self.#links)*]),
            quote!(Self::__of(self.__e.clone(), #(self.#links.clone()),*)),
            quote!(self.__e == __o.__e #(&& self.#links == __o.#links)*),
        ],
    )
}

/// Implements `Serialize`, for `#[instant(serialize)]`.
fn serialize(entity: &Entity<'_>, parts: &Parts<'_>) -> TokenStream {
    if !entity.serialize {
        return TokenStream::new();
    }
    let (ident, Parts { row, slots, links, .. }) = (entity.ident, parts);
    let labels = entity.links.iter().map(|link| &link.label);
    let both = |generics: TokenStream, ty: TokenStream, json: TokenStream| {
        quote! {
            impl #generics __p::ToJson for #ty {
                fn to_json(&self) -> __p::Json { #json }
            }
            impl #generics __p::Serialize for #ty {
                fn serialize<__Z: __p::Serializer>(&self, to: __Z) -> __p::Result<__Z::Ok, __Z::Error> {
                    __p::serialize(self, to)
                }
            }
        }
    };
    let entity = both(quote!(), quote!(#ident), quote!(__p::row_json(self, |_| ())));
    let row = both(
        quote!(<#(#slots: __p::ToJson),*>),
        quote!(#row<#(#slots),*>),
        quote!(__p::row_json(&self.__e, |__links| {
            #(__links.loaded(#labels, __p::ToJson::to_json(&self.#links));)*
        })),
    );
    quote!(#entity #row)
}
