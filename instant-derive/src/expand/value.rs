//! `#[derive(InstantValue)]`: an enum without data is a string; a struct with one unnamed field has
//! the value of that field. A variant marked `other` holds the strings of no other variant.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, LitStr, spanned::Spanned};

use super::automatically_derived;
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
    let (krate, body) = (krate(&keys), automatically_derived(body));
    Some(quote! {
        #[allow(deprecated, clippy::all)]
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
    let (mut words, mut variants) = (Vec::<LitStr>::new(), Vec::new());
    let (mut other, mut is_valid) = (None, true);
    for variant in &data.variants {
        let keys = Keys::read(&variant.attrs, &VARIANT, errors);
        if let Some(span) = keys.flag("other") {
            match fallback(variant, span, &keys, other.is_some(), errors) {
                Some(ty) => other = Some((&variant.ident, ty)),
                None => is_valid = false,
            }
            continue;
        }
        if !matches!(variant.fields, Fields::Unit) {
            let message = format!(
                "a variant of a value cannot have data, except for one marked `#[instant(other)]`; store the enum \
                 as `Json<{ident}>`"
            );
            errors.at(variant.fields.span(), message);
            is_valid = false;
        }
        let word = keys.text("rename").cloned().unwrap_or_else(|| label(&variant.ident, case));
        if words.iter().any(|known| known.value() == word.value()) {
            errors.at(
                word.span(),
                format!("two variants are named `{}` on the wire; rename one of them", word.value()),
            );
        }
        words.push(word);
        variants.push(&variant.ident);
    }
    if !is_valid {
        return None;
    }
    let indices = Vec::from_iter(0..variants.len());
    let Some((last, others)) = variants.split_last() else {
        errors.at(ident.span(), "an enum without variants cannot be a value; add a variant");
        return None;
    };
    let other_indices = &indices[..others.len()];
    // Hygiene: in an enum that a macro generates, a local variable must have the location of its
    // declaration.
    let text = quote!(__text);
    let (read, write_other) = match other {
        Some((other, ty)) => {
            let pattern = quote_spanned!(ty.span()=> #ident::#other(#text));
            let read = quote!(match __p::read_variant_or_other(__reader, WORDS)? {
                #(__p::Ok(#other_indices) => #ident::#others,)*
                __p::Ok(_) => #ident::#last,
                __p::Result::Err(__text) => #pattern,
            });
            (read, quote!(#pattern => return <#ty as __p::AttrValue>::to_value(__text),))
        }
        None => {
            let read = quote!(match __p::read_variant(__reader, WORDS)? {
                #(#other_indices => #ident::#others,)*
                _ => #ident::#last,
            });
            (read, quote!())
        }
    };
    Some(quote! {
        const WORDS: &[&str] = &[#(#words),*];
        impl __p::AttrValue for #ident {
            const CHECKED: __p::Option<__p::CheckedType> = __p::Some(__p::CheckedType::String);
            fn read(__reader: &mut __p::Reader<'_>) -> __p::Result<Self, __p::DecodeError> {
                __p::Ok(#read)
            }
            fn to_value(&self) -> __p::Result<__p::Value, __p::BuildError> {
                __p::write_variant(WORDS, match self { #(#ident::#variants => #indices,)* #write_other })
            }
        }
        impl __p::Scalar for #ident {}
    })
}

/// Returns the type of the data in a variant that is marked `other` at `span`.
fn fallback<'a>(
    variant: &'a syn::Variant,
    span: proc_macro2::Span,
    keys: &Keys,
    is_second: bool,
    errors: &mut Errors,
) -> Option<&'a syn::Type> {
    if is_second {
        errors.at(span, "two variants are marked `other`; keep one");
        return None;
    }
    if let Some(rename) = keys.text("rename") {
        errors.at(rename.span(), "the variant marked `other` has no name on the wire; remove `rename`");
        return None;
    }
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Some(&fields.unnamed[0].ty),
        _ => {
            let message = format!(
                "the variant marked `other` holds the stored string; write `{}(String)`",
                variant.ident
            );
            errors.at(span, message);
            None
        }
    }
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
