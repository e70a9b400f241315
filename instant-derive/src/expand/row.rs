//! `GoalRow`: an entity with the links that a query loaded, one type parameter per link.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Names, locals, quiet};
use crate::ast::Entity;

pub(super) fn expand(entity: &Entity<'_>) -> (TokenStream, TokenStream) {
    let (ident, vis, krate) = (entity.ident, entity.vis, &entity.krate);
    let row = Names::of(entity).row;
    let quiet = quiet();
    let doc = format!("A [`{ident}`] with the links that a query loaded, which its type tells.");
    let slots = Vec::from_iter(entity.links.iter().map(|link| &link.slot));
    let links = Vec::from_iter(entity.links.iter().map(|link| link.ident));
    let docs = entity.links.iter().map(|link| &link.docs);
    let markers = Vec::from_iter(entity.links.iter().map(|link| &link.marker));
    let item = quote! {
        #[doc = #doc]
        #quiet
        #vis struct #row<#(#slots = #krate::__private::NotLoaded<#markers>),*> {
            __entity: #ident,
            #(#(#docs)* #vis #links: #slots,)*
        }
    };
    let (decode, methods, standard, serialize) =
        (decode(entity), methods(entity), standard(entity), serialize(entity));
    let loads = (0..links.len()).map(|index| load(entity, index));
    let impls = quote! {
        impl<#(#slots),*> __p::Deref for #row<#(#slots),*> {
            type Target = #ident;
            fn deref(&self) -> &#ident { &self.__entity }
        }
        impl<#(#slots),*> __p::Target<#ident> for #row<#(#slots),*> {
            fn name(&self) -> __p::Result<__p::Name, __p::BuildError> { __p::Target::name(&self.__entity) }
        }
        #methods
        #decode
        #(#loads)*
        #standard
        #serialize
    };
    (item, impls)
}

/// What `include` makes of the row's type.
fn load(entity: &Entity<'_>, index: usize) -> TokenStream {
    let row = Names::of(entity).row;
    let marker = &entity.links[index].marker;
    let slots = Vec::from_iter(entity.links.iter().map(|link| &link.slot));
    let bounds = slots.iter().enumerate().map(|(at, slot)| match at == index {
        true => quote!(#slot: __p::Vacant<#marker>),
        false => quote!(#slot: __p::Decode),
    });
    let loaded = with_loaded(entity, index);
    quote! {
        impl<#(#bounds,)* __S: __p::Decode> __p::Load<#marker, __S> for #row<#(#slots),*> {
            type Out = #row<#loaded>;
        }
    }
}

/// The row's arguments once link `index` is loaded as `__S`.
fn with_loaded(entity: &Entity<'_>, index: usize) -> TokenStream {
    let slots = entity.links.iter().enumerate().map(|(at, link)| {
        let (slot, marker) = (&link.slot, &link.marker);
        if at == index { quote!(__p::Loaded<#marker, __S>) } else { quote!(#slot) }
    });
    quote!(#(#slots),*)
}

fn methods(entity: &Entity<'_>) -> TokenStream {
    let (ident, vis, row) = (entity.ident, entity.vis, Names::of(entity).row);
    let slots = Vec::from_iter(entity.links.iter().map(|link| &link.slot));
    let links = Vec::from_iter(entity.links.iter().map(|link| link.ident));
    let with = entity.links.iter().enumerate().map(|(index, link)| {
        let field = link.ident;
        let name = quote::format_ident!("with_{}", crate::case::plain(field), span = field.span());
        let doc = format!("This row with `{field}` loaded, for tests.");
        let loaded = with_loaded(entity, index);
        let marker = &link.marker;
        let others = links.iter().enumerate().filter(|(at, _)| *at != index).map(|(_, other)| other);
        quote! {
            #[doc = #doc]
            #vis fn #name<__S: __p::Decode>(self, #field: __p::Loaded<#marker, __S>) -> #row<#loaded> {
                #row { __entity: self.__entity, #field, #(#others: self.#others),* }
            }
        }
    });
    quote! {
        impl #row {
            /// A row without any link loaded, for tests.
            #vis fn new(entity: #ident) -> Self {
                #row { __entity: entity, #(#links: __p::Default::default()),* }
            }
        }
        impl<#(#slots),*> #row<#(#slots),*> {
            /// The entity without links.
            #vis fn entity(&self) -> &#ident { &self.__entity }
            /// The entity without links.
            #vis fn into_entity(self) -> #ident { self.__entity }
            #(#with)*
        }
    }
}

fn decode(entity: &Entity<'_>) -> TokenStream {
    let (ident, row) = (entity.ident, Names::of(entity).row);
    let slots = Vec::from_iter(entity.links.iter().map(|link| &link.slot));
    let links = Vec::from_iter(entity.links.iter().map(|link| link.ident));
    let labels = Vec::from_iter(entity.links.iter().map(|link| &link.label));
    let loaded = locals("l", links.len());
    let arms = loaded.iter().enumerate().map(|(at, local)| quote!(#at => #local = __object.link(__plan)?,));
    let nones = links.iter().map(|_| quote!(__p::None));
    quote! {
        impl<#(#slots: __p::Decode),*> __p::Decode for #row<#(#slots),*> {
            fn decode(__reader: &mut __p::Reader<'_>, __plan: &__p::Plan) -> __p::Decoded<Self> {
                let (#(mut #loaded,)*) = (#(#nones,)*);
                let mut __object = __p::ObjectReader::begin(__reader)?;
                let __entity = <#ident as __p::Entity>::decode_entity(&mut __object, &mut |__at, __object| {
                    match __at { #(#arms)* _ => __object.skip()?, }
                    __p::Ok(())
                })?;
                let __p::Some(__entity) = __entity else { return __p::Ok(__p::None) };
                __p::Ok(__p::Some(#row { __entity, #(#links: __p::need_link(#loaded, #labels)?),* }))
            }
        }
    }
}

/// `Debug`, `Clone` and `PartialEq`, exactly when the entity has them. The binder keeps a bound that does not hold from
/// being an error.
fn standard(entity: &Entity<'_>) -> TokenStream {
    let (ident, row) = (entity.ident, Names::of(entity).row);
    let name = row.to_string();
    let slots = Vec::from_iter(entity.links.iter().map(|link| &link.slot));
    let links = Vec::from_iter(entity.links.iter().map(|link| link.ident));
    let labels = links.iter().map(|link| crate::case::plain(link));
    quote! {
        impl<#(#slots: __p::Debug),*> __p::Debug for #row<#(#slots),*> where for<'__w> #ident: __p::Debug {
            fn fmt(&self, f: &mut __p::Formatter<'_>) -> __p::FmtResult {
                __p::debug_row(f, #name, &self.__entity, &[#((#labels, &self.#links)),*])
            }
        }
        impl<#(#slots: __p::Clone),*> __p::Clone for #row<#(#slots),*> where for<'__w> #ident: __p::Clone {
            fn clone(&self) -> Self {
                #row { __entity: __p::Clone::clone(&self.__entity), #(#links: __p::Clone::clone(&self.#links)),* }
            }
        }
        impl<#(#slots: __p::PartialEq),*> __p::PartialEq for #row<#(#slots),*> where for<'__w> #ident: __p::PartialEq {
            fn eq(&self, other: &Self) -> bool { self.__entity == other.__entity #(&& self.#links == other.#links)* }
        }
    }
}

/// For `#[instant(serialize)]`.
fn serialize(entity: &Entity<'_>) -> TokenStream {
    if !entity.serialize {
        return TokenStream::new();
    }
    let (ident, row) = (entity.ident, Names::of(entity).row);
    let slots = Vec::from_iter(entity.links.iter().map(|link| &link.slot));
    let links = Vec::from_iter(entity.links.iter().map(|link| link.ident));
    let labels = entity.links.iter().map(|link| &link.label);
    let one = |generics: TokenStream, ty: TokenStream, json: TokenStream| {
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
    let entity = one(quote!(), quote!(#ident), quote!(__p::row_json(self, |_| ())));
    let row = one(
        quote!(<#(#slots: __p::ToJson),*>),
        quote!(#row<#(#slots),*>),
        quote!(__p::row_json(&self.__entity, |__links| {
            #(__links.loaded(#labels, __p::ToJson::to_json(&self.#links));)*
        })),
    );
    quote!(#entity #row)
}
