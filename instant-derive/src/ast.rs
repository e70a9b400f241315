//! Parses the struct of an entity into [`Entity`]. Generates no code.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericArgument, LitStr, Path, PathArguments, Type,
    Visibility, spanned::Spanned,
};

use crate::{
    attr::{ENTITY, FIELD, Keys, LINK},
    case::Case,
    errors::Errors,
    names::{Names, generated, plain},
};

/// A struct that declares a namespace.
pub(crate) struct Entity<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) vis: &'a Visibility,
    pub(crate) namespace: LitStr,
    pub(crate) krate: Path,
    /// The generated structs.
    pub(crate) names: Names,
    pub(crate) serialize: bool,
    pub(crate) attrs: Vec<Attr<'a>>,
    pub(crate) links: Vec<Link<'a>>,
}

/// A field that declares an attribute.
pub(crate) struct Attr<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// The documentation and deprecation, which generated fields share.
    pub(crate) docs: Vec<&'a Attribute>,
    /// The name on the wire.
    pub(crate) label: LitStr,
    pub(crate) indexed: Option<Span>,
    pub(crate) unique: Option<Span>,
    pub(crate) default: Option<Span>,
}

/// A field that declares a link.
pub(crate) struct Link<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    /// The documentation and deprecation, which generated fields share.
    pub(crate) docs: Vec<&'a Attribute>,
    /// The name on the wire.
    pub(crate) label: LitStr,
    pub(crate) reverse: Reverse,
    pub(crate) required: Option<Span>,
    pub(crate) forward: Option<Span>,
    pub(crate) on_delete: Option<Span>,
    pub(crate) on_delete_reverse: Option<Span>,
    /// The generated type that identifies this end, such as `GoalTodos`, in the module
    /// [`Names::links`].
    pub(crate) marker: Ident,
    /// The type parameter of the row.
    pub(crate) slot: Ident,
}

/// The other end of a link.
pub(crate) enum Reverse {
    /// A field of the linked struct.
    Field(Ident),
    /// A name on the wire, and whether that end is to-many.
    Label { label: LitStr, many: bool },
}

impl Attr<'_> {
    pub(crate) fn is_id(&self) -> bool {
        self.ident == "id"
    }

    /// Returns whether a new entity must have a value.
    ///
    /// The derive sees only how the type is written: an alias of `Option` counts as required, so that
    /// `New..` has a field for it.
    pub(crate) fn is_required(&self) -> bool {
        !self.is_id() && self.default.is_none() && !is_option(self.ty)
    }
}

impl Link<'_> {
    /// Returns whether the attributes of this end make it the forward end.
    pub(crate) fn is_forward(&self) -> bool {
        let claims = [self.forward, self.required, self.on_delete, self.on_delete_reverse];
        matches!(self.reverse, Reverse::Label { .. }) || claims.iter().any(Option::is_some)
    }

    /// Returns the type that identifies this end, as written outside the generated `const _`.
    ///
    /// The linked entity is its parameter: the impl of a trait for it is then as private as that
    /// entity, which allows a public entity to link to a private one.
    /// It is taken from how the type is written, because the privacy of a projection is not that of
    /// its result.
    pub(crate) fn marker_type(&self, names: &Names) -> TokenStream {
        let (module, marker, target) = (&names.links, &self.marker, only_argument(self.ty));
        quote!(#module::#marker<#target>)
    }
}

/// Parses the struct. Returns `None` if it cannot be an entity at all.
pub(crate) fn entity<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<Entity<'a>> {
    let keys = Keys::read(&input.attrs, &ENTITY, errors);
    let fields = named_fields(input, "an entity", errors)?;
    let case = rename_all(&keys, errors);
    let namespace = keys.text("namespace").cloned().unwrap_or_else(|| {
        if !keys.has_errors() {
            let message = "missing namespace: add `#[instant(namespace = \"..\")]`";
            errors.at(input.ident.span(), message);
        }
        LitStr::new("", input.ident.span())
    });
    let mut entity = Entity {
        ident: &input.ident,
        vis: &input.vis,
        namespace,
        krate: krate(&keys),
        names: Names::new(&input.ident, &keys, errors),
        serialize: keys.flag("serialize").is_some(),
        attrs: Vec::new(),
        links: Vec::new(),
    };
    for (field, ident) in fields {
        let mut keys = Keys::read(&field.attrs, &FIELD, errors);
        match keys.list("link", &LINK, errors) {
            None => entity.attrs.push(attr(field, ident, &keys, case)),
            Some((span, link_keys)) => {
                for key in ["indexed", "unique", "default", "rename"] {
                    if let Some(span) = keys.flag(key) {
                        let remedy = match key {
                            "rename" => "write `link(label = \"..\")`",
                            _ => "remove it",
                        };
                        let message = format!("`{key}` is for attributes, but `{ident}` is a link; {remedy}");
                        errors.at(span, message);
                    }
                }
                let mut link = link(&input.ident, field, ident, span, &link_keys, case, errors);
                tell_apart(&mut link, &entity);
                entity.links.push(link);
            }
        }
    }
    Some(entity)
}

fn attr<'a>(field: &'a Field, ident: &'a Ident, keys: &Keys, case: Case) -> Attr<'a> {
    Attr {
        ident,
        ty: &field.ty,
        docs: docs(field),
        label: keys.text("rename").cloned().unwrap_or_else(|| label(ident, case)),
        indexed: keys.flag("indexed"),
        unique: keys.flag("unique"),
        default: keys.flag("default"),
    }
}

fn link<'a>(
    entity: &Ident,
    field: &'a Field,
    ident: &'a Ident,
    span: Span,
    keys: &Keys,
    case: Case,
    errors: &mut Errors,
) -> Link<'a> {
    let mut cascade = |key: &str| {
        let path = keys.name(key)?;
        if !path.is_ident("cascade") {
            errors.at(path.span(), format!("unknown value of `{key}`; write `{key} = cascade`"));
        }
        keys.flag(key)
    };
    let (on_delete, on_delete_reverse) = (cascade("on_delete"), cascade("on_delete_reverse"));
    let pascal = Case::Pascal.apply(&plain(ident));
    Link {
        ident,
        ty: &field.ty,
        docs: docs(field),
        label: keys.text("label").cloned().unwrap_or_else(|| label(ident, case)),
        reverse: reverse(ident, span, keys, errors),
        required: keys.flag("required"),
        forward: keys.flag("forward"),
        on_delete,
        on_delete_reverse,
        marker: generated(&format!("{}{pascal}", plain(entity)), ident),
        slot: generated(&format!("Link{pascal}"), ident),
    }
}

/// Extends the generated names of a link until they differ from those of the links before it, as in
/// `a_b` and `a__b`, and from the name of the entity.
fn tell_apart(link: &mut Link<'_>, entity: &Entity<'_>) {
    while entity.links.iter().any(|other| other.marker == link.marker || other.slot == link.slot)
        || link.slot == *entity.ident
    {
        link.marker = generated(&format!("{}_", link.marker), link.ident);
        link.slot = generated(&format!("{}_", link.slot), link.ident);
    }
}

fn reverse(field: &Ident, span: Span, keys: &Keys, errors: &mut Errors) -> Reverse {
    let has = keys.name("reverse_has").map(|path| {
        let many = path.is_ident("many");
        if !many && !path.is_ident("one") {
            let message = "unknown value of `reverse_has`; write `reverse_has = one` or `reverse_has = many`";
            errors.at(path.span(), message);
        }
        (path.span(), many)
    });
    if let Some(path) = keys.name("reverse") {
        if let Some((span, _)) = has {
            errors.at(span, "the field that `reverse` names determines `reverse_has`; remove it");
        }
        return match path.get_ident() {
            Some(ident) => Reverse::Field(ident.clone()),
            None => {
                errors.at(
                    path.span(),
                    "`reverse` takes a field of the linked struct, not a path; write `reverse = field`",
                );
                Reverse::Label { label: LitStr::new("reverse", span), many: true }
            }
        };
    }
    let label = keys.text("reverse").cloned().unwrap_or_else(|| {
        if !keys.has_errors() {
            errors.at(
                span,
                format!(
                    "missing other end of link `{field}`: write `link(reverse = field)` with a field of the linked \
                     struct, or `link(reverse = \"label\")` if no struct declares that end",
                ),
            );
        }
        LitStr::new("reverse", span)
    });
    Reverse::Label { label, many: has.is_none_or(|(_, many)| many) }
}

/// Returns the named fields of a struct. Reports an error for any other input.
pub(crate) fn named_fields<'a>(
    input: &'a DeriveInput,
    what: &str,
    errors: &mut Errors,
) -> Option<Vec<(&'a Field, &'a Ident)>> {
    if let Some(first) = input.generics.params.first() {
        errors.at(first.span(), format!("{what} cannot have generic parameters; use concrete types"));
        return None;
    }
    match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
            Some(data.fields.iter().filter_map(|field| Some((field, field.ident.as_ref()?))).collect())
        }
        other => {
            let found = match other {
                Data::Enum(_) => "an enum",
                Data::Union(_) => "a union",
                Data::Struct(_) => "a struct without named fields",
            };
            let ident = &input.ident;
            let message = format!(
                "{what} must be a struct with named fields, but this is {found}; write `struct {ident} {{ .. }}`"
            );
            errors.at(ident.span(), message);
            None
        }
    }
}

/// Returns the path of `instant_client`.
pub(crate) fn krate(keys: &Keys) -> Path {
    keys.name("crate").cloned().unwrap_or_else(|| syn::parse_quote!(::instant_client))
}

/// Returns the case of names that are not given explicitly.
pub(crate) fn rename_all(keys: &Keys, errors: &mut Errors) -> Case {
    let Some(text) = keys.text("rename_all") else { return Case::Camel };
    Case::parse(&text.value()).unwrap_or_else(|| {
        let known = Vec::from_iter(Case::known()).join("`, `");
        errors.at(text.span(), format!("unknown case; write one of `{known}`"));
        Case::Camel
    })
}

/// Returns the name on the wire.
pub(crate) fn label(ident: &Ident, case: Case) -> LitStr {
    LitStr::new(&case.apply(&plain(ident)), ident.span())
}

fn docs(field: &Field) -> Vec<&Attribute> {
    let shared = |attr: &&Attribute| attr.path().is_ident("doc") || attr.path().is_ident("deprecated");
    field.attrs.iter().filter(shared).collect()
}

/// Returns the type without the invisible group of a macro's `$ty:ty` and without parentheses.
pub(crate) fn ungrouped(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            _ => return ty,
        };
    }
}

/// Returns `T` of a type that is written as `Many<T>`, or else the type itself.
fn only_argument(ty: &Type) -> &Type {
    let Type::Path(path) = ungrouped(ty) else { return ty };
    match path.path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) if arguments.args.len() == 1 => {
            match &arguments.args[0] {
                GenericArgument::Type(argument) => argument,
                _ => ty,
            }
        }
        _ => ty,
    }
}

/// Returns whether a type is written as `Option<..>`.
pub(crate) fn is_option(ty: &Type) -> bool {
    let Type::Path(path) = ungrouped(ty) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Option" && !last.arguments.is_none())
}
