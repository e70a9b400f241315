//! `#[derive(InstantValue)]`: an enum without data is a string; a struct with one unnamed field has
//! the value of that field.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, LitStr, spanned::Spanned};

use crate::{
    ast::{krate, label, rename_all},
    attr::{Keys, VALUE, VARIANT},
    errors::Errors,
};

pub(crate) fn value(input: &DeriveInput, errors: &mut Errors) -> Option<TokenStream> {
    let keys = Keys::read(&input.attrs, &VALUE, errors);
    if let Some(first) = input.generics.params.first() {
        errors.at(first.span(), "a value cannot have generic parameters; use concrete types");
        return None;
    }
    let body = match &input.data {
        Data::Enum(data) => words(input, data, &keys, errors)?,
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => newtype(input, &fields.unnamed[0].ty),
            _ => {
                errors.at(input.ident.span(), wrong_shape(&input.ident));
                return None;
            }
        },
        Data::Union(_) => {
            errors.at(input.ident.span(), wrong_shape(&input.ident));
            return None;
        }
    };
    let krate = krate(&keys);
    Some(quote! {
        #[allow(clippy::all)]
        const _: () = {
            use #krate::__private as __p;
            #body
        };
    })
}

fn wrong_shape(ident: &Ident) -> String {
    format!(
        "a value must be an enum without data or a struct with one unnamed field, such as `struct {ident}(String);`; \
         store other types as `Json<{ident}>`"
    )
}

fn words(input: &DeriveInput, data: &syn::DataEnum, keys: &Keys, errors: &mut Errors) -> Option<TokenStream> {
    let case = rename_all(keys, errors);
    let ident = &input.ident;
    let mut words = Vec::<LitStr>::new();
    for variant in &data.variants {
        let keys = Keys::read(&variant.attrs, &VARIANT, errors);
        if !matches!(variant.fields, Fields::Unit) {
            let message = format!("a variant of a value cannot have data; store the enum as `Json<{ident}>`");
            errors.at(variant.fields.span(), message);
        }
        let word = keys.text("rename").cloned().unwrap_or_else(|| label(&variant.ident, case));
        if words.iter().any(|known| known.value() == word.value()) {
            errors.at(
                word.span(),
                format!("two variants are named `{}` on the wire; rename one of them", word.value()),
            );
        }
        words.push(word);
    }
    if words.is_empty() {
        errors.at(ident.span(), "an enum without variants cannot be a value; add a variant");
        return None;
    }
    if data.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit)) {
        return None;
    }
    let variants = Vec::from_iter(data.variants.iter().map(|variant| &variant.ident));
    let indices = Vec::from_iter(0..variants.len());
    let (last, others) = variants.split_last()?;
    let other_indices = &indices[..others.len()];
    Some(quote! {
        const WORDS: &[&str] = &[#(#words),*];
        impl __p::AttrValue for #ident {
            const CHECKED: __p::Option<__p::CheckedType> = __p::Some(__p::CheckedType::String);
            fn read(__reader: &mut __p::Reader<'_>) -> __p::Result<Self, __p::DecodeError> {
                __p::Ok(match __p::read_variant(__reader, WORDS)? {
                    #(#other_indices => #ident::#others,)*
                    _ => #ident::#last,
                })
            }
            fn to_value(&self) -> __p::Result<__p::Value, __p::BuildError> {
                __p::write_variant(WORDS, match self { #(#ident::#variants => #indices),* })
            }
        }
        impl __p::Scalar for #ident {}
    })
}

fn newtype(input: &DeriveInput, ty: &syn::Type) -> TokenStream {
    let ident = &input.ident;
    let inner = quote_spanned!(ty.span()=> <#ty as __p::AttrValue>);
    quote! {
        impl __p::AttrValue for #ident {
            const CHECKED: __p::Option<__p::CheckedType> = #inner::CHECKED;
            fn read(__reader: &mut __p::Reader<'_>) -> __p::Result<Self, __p::DecodeError> {
                __p::Ok(#ident(#inner::read(__reader)?))
            }
            fn to_value(&self) -> __p::Result<__p::Value, __p::BuildError> { #inner::to_value(&self.0) }
        }
        impl __p::Scalar for #ident where for<'__w> #ty: __p::Scalar {}
        impl<__E, __K> __p::Text<__E, __K> for #ident where #ty: __p::Text<__E, __K> {}
    }
}
