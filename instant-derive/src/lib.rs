//! Derive macros of the Instant client. They are documented in, and used through, `instant_client`.
//!
//! An input is read (`ast`, `attr`), checked as far as that needs no types (`check`), and expanded
//! (`expand`). All mistakes of one input are reported together; what can be expanded all the same
//! is, so that other code stays quiet.

mod ast;
mod attr;
mod case;
mod check;
mod errors;
mod expand;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use errors::Errors;

/// Makes a struct an entity: a namespace of Instant. See `instant_client::Entity`.
#[proc_macro_derive(InstantEntity, attributes(instant))]
pub fn derive_entity(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), |input, errors| {
        let entity = ast::entity(input, errors)?;
        check::entity(&entity, errors);
        Some(expand::entity(&entity))
    })
}

/// Makes a struct a view: some attributes and links of an entity. See `instant_client::View`.
#[proc_macro_derive(InstantView, attributes(instant))]
pub fn derive_view(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), expand::view)
}

/// Makes an enum without data, or a struct around one value, the type of an attribute. See
/// `instant_client::AttrValue`.
#[proc_macro_derive(InstantValue, attributes(instant))]
pub fn derive_value(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(&parse_macro_input!(input as DeriveInput), expand::value)
}

fn derive(
    input: &DeriveInput,
    expand: impl FnOnce(&DeriveInput, &mut Errors) -> Option<TokenStream>,
) -> proc_macro::TokenStream {
    let mut errors = Errors::default();
    let mut out = expand(input, &mut errors).unwrap_or_default();
    if let Some(error) = errors.finish() {
        out.extend(error.into_compile_error());
    }
    out.into()
}
