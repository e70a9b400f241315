//! An entity as the user meant it; no tokens are made here.

use proc_macro2::{Ident, Span};
use syn::{Attribute, Data, DeriveInput, Field, Fields, LitStr, Path, Type, Visibility, spanned::Spanned};

use crate::{
    attr::{ENTITY, FIELD, Keys, LINK},
    case::{Case, plain},
    errors::Errors,
    expand::made,
};

/// A struct that is a namespace.
pub(crate) struct Entity<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) vis: &'a Visibility,
    pub(crate) namespace: LitStr,
    pub(crate) krate: Path,
    pub(crate) serialize: bool,
    pub(crate) attrs: Vec<Attr<'a>>,
    pub(crate) links: Vec<Link<'a>>,
}

/// A field that is an attribute.
pub(crate) struct Attr<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) docs: Vec<&'a Attribute>,
    /// The name on the wire.
    pub(crate) label: LitStr,
    pub(crate) indexed: Option<Span>,
    pub(crate) unique: Option<Span>,
    pub(crate) default: Option<Span>,
}

/// A field that is a link.
pub(crate) struct Link<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) docs: Vec<&'a Attribute>,
    /// The name on the wire.
    pub(crate) label: LitStr,
    pub(crate) reverse: Reverse,
    pub(crate) required: Option<Span>,
    pub(crate) forward: Option<Span>,
    pub(crate) on_delete: Option<Span>,
    pub(crate) on_delete_reverse: Option<Span>,
    /// The type that stands for this end, such as `GoalTodos`.
    pub(crate) marker: Ident,
    /// The row's type parameter. Named after the field alone it could shadow an entity.
    pub(crate) slot: Ident,
}

/// The other end of a link.
pub(crate) enum Reverse {
    /// A field of the linked struct.
    Field(Ident),
    /// A name on the wire, and whether it leads to many.
    Label { label: LitStr, many: bool },
}

impl Attr<'_> {
    pub(crate) fn is_id(&self) -> bool {
        self.ident == "id"
    }

    /// Whether a new entity must have a value, as far as can be told from how the type is written.
    /// An `Option` by another name only means that the value is to be given.
    pub(crate) fn is_required(&self) -> bool {
        !self.is_id() && self.default.is_none() && !is_option(self.ty)
    }
}

impl Link<'_> {
    /// Whether this end says that it stores the link.
    pub(crate) fn is_forward(&self) -> bool {
        let claims = [self.forward, self.required, self.on_delete, self.on_delete_reverse];
        matches!(self.reverse, Reverse::Label { .. }) || claims.iter().any(Option::is_some)
    }
}

/// Reads the struct; `None` when it cannot be an entity at all.
pub(crate) fn entity<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<Entity<'a>> {
    let keys = Keys::read(&input.attrs, &ENTITY, errors);
    let fields = named_fields(input, "an entity", errors)?;
    let case = rename_all(&keys, errors);
    let namespace = keys.text("namespace").cloned().unwrap_or_else(|| {
        if !keys.are_broken() {
            let message = "the namespace is missing: add `#[instant(namespace = \"..\")]`";
            errors.at(input.ident.span(), message);
        }
        LitStr::new("", input.ident.span())
    });
    let mut entity = Entity {
        ident: &input.ident,
        vis: &input.vis,
        namespace,
        krate: krate(&keys),
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
                        let hint =
                            if key == "rename" { "; name a link with `link(label = \"..\")`" } else { "" };
                        errors.at(
                            span,
                            format!("`{key}` belongs on an attribute, and `{ident}` is a link{hint}"),
                        );
                    }
                }
                let link = link(&input.ident, field, ident, span, &link_keys, case, errors);
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
            errors.at(path.span(), format!("Instant knows `{key} = cascade` only"));
        }
        keys.flag(key)
    };
    let (on_delete, on_delete_reverse) = (cascade("on_delete"), cascade("on_delete_reverse"));
    let pascal = Case::Pascal.apply(&plain(ident));
    let mut marker = format!("{}{pascal}", plain(entity));
    if matches!(&pascal[..], "Row" | "Fields") {
        marker.push_str("Link");
    }
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
        marker: made(&marker, ident),
        slot: made(&format!("{pascal}Slot"), ident),
    }
}

fn reverse(field: &Ident, span: Span, keys: &Keys, errors: &mut Errors) -> Reverse {
    let has = keys.name("reverse_has").map(|path| {
        let many = path.is_ident("many");
        if !many && !path.is_ident("one") {
            errors.at(path.span(), "`reverse_has` is `one` or `many`");
        }
        (path.span(), many)
    });
    if let Some(path) = keys.name("reverse") {
        if let Some((span, _)) = has {
            errors.at(span, "`reverse_has` is known from the field that `reverse` names; remove it");
        }
        return match path.get_ident() {
            Some(ident) => Reverse::Field(ident.clone()),
            None => {
                errors.at(path.span(), "`reverse` names a field of the linked struct, without a path");
                Reverse::Label { label: LitStr::new("reverse", span), many: true }
            }
        };
    }
    let label = keys.text("reverse").cloned().unwrap_or_else(|| {
        if !keys.are_broken() {
            errors.at(
                span,
                format!(
                    "the other end of link `{field}` is missing: add `link(reverse = field)` with the field of the linked \
                     struct, or `link(reverse = \"label\")` if that end is not declared in Rust",
                ),
            );
        }
        LitStr::new("reverse", span)
    });
    Reverse::Label { label, many: has.is_none_or(|(_, many)| many) }
}

/// The fields of a struct with named fields; anything else is a mistake.
pub(crate) fn named_fields<'a>(
    input: &'a DeriveInput,
    what: &str,
    errors: &mut Errors,
) -> Option<Vec<(&'a Field, &'a Ident)>> {
    if let Some(first) = input.generics.params.first() {
        errors.at(first.span(), format!("{what} has no generic parameters; use a concrete type"));
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
            errors
                .at(input.ident.span(), format!("{what} is a struct with named fields, and this is {found}"));
            None
        }
    }
}

/// The path of the crate's private module.
pub(crate) fn krate(keys: &Keys) -> Path {
    keys.name("crate").cloned().unwrap_or_else(|| syn::parse_quote!(::instant_client))
}

/// How names are spelled that are not given.
pub(crate) fn rename_all(keys: &Keys, errors: &mut Errors) -> Case {
    let Some(text) = keys.text("rename_all") else { return Case::Camel };
    Case::parse(&text.value()).unwrap_or_else(|| {
        let known = Vec::from_iter(Case::known()).join("`, `");
        errors.at(text.span(), format!("unknown spelling; known are `{known}`"));
        Case::Camel
    })
}

/// The name on the wire.
pub(crate) fn label(ident: &Ident, case: Case) -> LitStr {
    LitStr::new(&case.apply(&plain(ident)), ident.span())
}

fn docs(field: &Field) -> Vec<&Attribute> {
    field.attrs.iter().filter(|attr| attr.path().is_ident("doc")).collect()
}

/// Whether a type is written as an `Option` of something.
pub(crate) fn is_option(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Option" && !last.arguments.is_none())
}
