//! Replaces `Self` in the types of fields, because generated items repeat these types where `Self`
//! would be another type.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Data, DeriveInput};

/// Replaces `Self` by the name of the struct in the types of its fields.
pub(crate) fn replace(input: &mut DeriveInput) {
    let Data::Struct(data) = &mut input.data else { return };
    for field in &mut data.fields {
        let (tokens, found) = replaced(field.ty.to_token_stream(), &input.ident);
        if found && let Ok(ty) = syn::parse2(tokens) {
            field.ty = ty;
        }
    }
}

/// Returns the tokens with `name` in place of `Self`, and whether there was one.
fn replaced(tokens: TokenStream, name: &Ident) -> (TokenStream, bool) {
    let mut found = false;
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            found = true;
            let mut name = name.clone();
            name.set_span(name.span().located_at(ident.span()));
            TokenTree::Ident(name)
        }
        TokenTree::Group(group) => {
            let (inner, found_inside) = replaced(group.stream(), name);
            found |= found_inside;
            let mut out = Group::new(group.delimiter(), inner);
            out.set_span(group.span());
            TokenTree::Group(out)
        }
        other => other,
    });
    let tokens = tokens.collect();
    (tokens, found)
}
