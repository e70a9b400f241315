//! Reads `#[instant(..)]`: which keys there are, where they belong and what they take.
//!
//! What the keys mean is decided in `ast`.

use proc_macro2::{Ident, Span};
use syn::{
    Attribute, Lit, LitStr, Path, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token::Paren,
};

use crate::errors::{Errors, nearest};

/// What a key takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nothing.
    Flag,
    /// `= ".."`.
    Text,
    /// `= name`.
    Name,
    /// `= name` or `= ".."`.
    NameOrText,
    /// `(..)`, which can be left out.
    List,
}

/// A key and what it takes.
pub(crate) type Known = (&'static str, Form);

/// Where keys stand, the keys known there, and what is said of others.
pub(crate) struct Place {
    /// As in "is not known on a field".
    pub(crate) name: &'static str,
    pub(crate) known: &'static [Known],
}

pub(crate) const ENTITY: Place = Place {
    name: "an entity",
    known: &[
        ("namespace", Form::Text),
        ("rename_all", Form::Text),
        ("serialize", Form::Flag),
        ("crate", Form::Name),
    ],
};

pub(crate) const FIELD: Place = Place {
    name: "a field of an entity",
    known: &[
        ("indexed", Form::Flag),
        ("unique", Form::Flag),
        ("rename", Form::Text),
        ("default", Form::Flag),
        ("link", Form::List),
    ],
};

pub(crate) const LINK: Place = Place {
    name: "a link",
    known: &[
        ("reverse", Form::NameOrText),
        ("label", Form::Text),
        ("required", Form::Flag),
        ("forward", Form::Flag),
        ("on_delete", Form::Name),
        ("on_delete_reverse", Form::Name),
        ("reverse_has", Form::Name),
    ],
};

pub(crate) const VIEW: Place =
    Place { name: "a view", known: &[("entity", Form::Name), ("crate", Form::Name)] };

pub(crate) const VIEW_FIELD: Place =
    Place { name: "a field of a view", known: &[("link", Form::List), ("from", Form::Name)] };

pub(crate) const VIEW_LINK: Place = Place { name: "a link of a view", known: &[] };

pub(crate) const VALUE: Place =
    Place { name: "a value", known: &[("rename_all", Form::Text), ("crate", Form::Name)] };

pub(crate) const VARIANT: Place = Place { name: "a variant of a value", known: &[("rename", Form::Text)] };

const ELSEWHERE: [&Place; 6] = [&ENTITY, &FIELD, &LINK, &VIEW, &VIEW_FIELD, &VARIANT];

/// A key as written.
struct Item {
    key: Ident,
    value: Given,
}

enum Given {
    Nothing,
    Text(LitStr),
    Name(Path),
    Other(Span),
    List(Vec<Item>),
    /// Refused before.
    Broken,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = Ident::parse_any(input)?;
        let value = if input.peek(Paren) {
            let content;
            parenthesized!(content in input);
            Given::List(items(&content)?)
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.peek(LitStr) {
                Given::Text(input.parse()?)
            } else if input.peek(Lit) {
                Given::Other(input.parse::<Lit>()?.span())
            } else {
                // A field can have a keyword's name.
                Given::Name(input.call(Path::parse_mod_style)?)
            }
        } else {
            Given::Nothing
        };
        Ok(Self { key, value })
    }
}

fn items(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    Ok(Punctuated::<Item, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// The valid keys of one place.
#[derive(Default)]
pub(crate) struct Keys {
    items: Vec<Item>,
    /// Whether some were refused, so that what seems to be missing may be there.
    broken: bool,
}

impl Keys {
    /// Reads all `#[instant(..)]` of an item.
    pub(crate) fn read(attrs: &[Attribute], place: &Place, errors: &mut Errors) -> Self {
        let mut all = Vec::new();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("instant")) {
            match attr.parse_args_with(items) {
                Ok(items) => all.extend(items),
                Err(error) => errors.push(error),
            }
        }
        Self::check(all, place, errors)
    }

    fn check(items: Vec<Item>, place: &Place, errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for item in items {
            let name = item.key.to_string();
            let Some((_, form)) = place.known.iter().find(|(known, _)| *known == name) else {
                errors.at(item.key.span(), unknown(&name, place));
                keys.broken = true;
                continue;
            };
            if keys.items.iter().any(|known| known.key == item.key) {
                errors.at(item.key.span(), format!("`{name}` is given twice; keep one"));
                continue;
            }
            let fits = matches!(
                (form, &item.value),
                (Form::Flag, Given::Nothing)
                    | (Form::Text | Form::NameOrText, Given::Text(_))
                    | (Form::Name | Form::NameOrText, Given::Name(_))
                    | (Form::List, Given::List(_) | Given::Nothing)
            );
            match fits {
                true => keys.items.push(item),
                false => {
                    let span = match &item.value {
                        Given::Text(text) => text.span(),
                        Given::Other(span) => *span,
                        _ => item.key.span(),
                    };
                    errors.at(span, wrong_form(&name, *form));
                    keys.broken = true;
                    if *form == Form::List {
                        keys.items.push(Item { key: item.key, value: Given::Broken });
                    }
                }
            }
        }
        keys
    }

    /// Whether there is a flag, and where.
    pub(crate) fn flag(&self, name: &str) -> Option<Span> {
        self.get(name).map(|item| item.key.span())
    }

    /// The text of a key.
    pub(crate) fn text(&self, name: &str) -> Option<&LitStr> {
        match &self.get(name)?.value {
            Given::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The name that a key has for a value.
    pub(crate) fn name(&self, name: &str) -> Option<&Path> {
        match &self.get(name)?.value {
            Given::Name(path) => Some(path),
            _ => None,
        }
    }

    /// The keys within a list, and where it is.
    pub(crate) fn list(&mut self, name: &str, place: &Place, errors: &mut Errors) -> Option<(Span, Self)> {
        let item = self.items.iter_mut().find(|item| item.key == name)?;
        let keys = match std::mem::replace(&mut item.value, Given::Nothing) {
            Given::List(items) => Self::check(items, place, errors),
            Given::Broken => Self { broken: true, ..Self::default() },
            _ => Self::default(),
        };
        Some((item.key.span(), keys))
    }

    /// Whether some were refused, so that what seems to be missing may be there.
    pub(crate) fn are_broken(&self) -> bool {
        self.broken
    }

    fn get(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key == name)
    }
}

fn unknown(name: &str, place: &Place) -> String {
    let names = || place.known.iter().map(|(name, _)| *name);
    if let Some(elsewhere) =
        ELSEWHERE.iter().find(|other| other.known.iter().any(|(known, _)| *known == name))
    {
        let inside = if elsewhere.name == LINK.name { ", as in `link(reverse = ..)`" } else { "" };
        return format!("`{name}` belongs on {}{inside}, not on {}", elsewhere.name, place.name);
    }
    let near = nearest(name, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let known = match place.known.len() {
        0 => "; there are none".to_owned(),
        _ => format!(" (known: `{}`)", Vec::from_iter(names()).join("`, `")),
    };
    format!("`{name}` is not known on {}{near}{known}", place.name)
}

fn wrong_form(name: &str, form: Form) -> String {
    match form {
        Form::Flag => format!("`{name}` stands alone, without a value"),
        Form::Text => format!("`{name}` takes a text: `{name} = \"..\"`"),
        Form::Name => format!("`{name}` takes a name without quotes: `{name} = ..`"),
        Form::NameOrText => format!(
            "`{name}` takes the field at the other end, `{name} = field`, or, if that is not declared in Rust, its name on \
             the wire, `{name} = \"label\"`",
        ),
        Form::List => format!("`{name}` takes keys in parentheses: `{name}(..)`"),
    }
}
