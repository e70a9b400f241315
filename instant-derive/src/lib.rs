//! The derive macros of `instant_client`, which re-exports and documents them.
//!
//! Depend on `instant-client` instead of this crate: the generated code refers to it.
//!
//! | To declare | Derive |
//! |---|---|
//! | a namespace of Instant as a struct | [`macro@InstantEntity`] |
//! | a struct with some attributes and links of an entity | [`macro@InstantView`] |
//! | a type of an attribute | [`macro@InstantValue`] |
//!
//! # Structure
//!
//! A derive parses its input (`attr`, `ast`), validates what does not depend on types (`validate`),
//! and generates code (`expand`). It reports all errors of an input together, and generates as much
//! code as possible, so that other code does not fail because of the same error.

mod ast;
mod attr;
mod case;
mod errors;
mod expand;
mod names;
mod self_type;
mod validate;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use errors::Errors;

/// Implements `instant_client::Entity` for a struct, which declares a namespace.
#[proc_macro_derive(InstantEntity, attributes(instant))]
pub fn derive_entity(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(parse_macro_input!(input as DeriveInput), |input, errors| {
        let entity = ast::entity(input, errors)?;
        validate::entity(&entity, errors);
        Some(expand::entity(&entity))
    })
}

/// Implements `instant_client::View` for a struct with some attributes and links of an entity.
#[proc_macro_derive(InstantView, attributes(instant))]
pub fn derive_view(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(parse_macro_input!(input as DeriveInput), expand::view)
}

/// Implements `instant_client::AttrValue` for an enum without data or a struct with one unnamed
/// field.
#[proc_macro_derive(InstantValue, attributes(instant))]
pub fn derive_value(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(parse_macro_input!(input as DeriveInput), expand::value)
}

fn derive(
    mut input: DeriveInput,
    expand: impl FnOnce(&DeriveInput, &mut Errors) -> Option<TokenStream>,
) -> proc_macro::TokenStream {
    self_type::replace(&mut input);
    let mut errors = Errors::default();
    let mut out = expand(&input, &mut errors).unwrap_or_default();
    if let Some(error) = errors.into_error() {
        out.extend(error.into_compile_error());
    }
    out.into()
}
