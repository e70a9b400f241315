//! Parses `#[instant(..)]`: the keys of each context and the form of their values.
//!
//! `ast` interprets the keys.

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

/// The form of a key's value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueForm {
    /// No value.
    Flag,
    /// `= ".."`.
    Text,
    /// `= name`.
    Name,
    /// `= name` or `= ".."`.
    NameOrText,
    /// `(..)`, or no value.
    List,
}

/// A key and the form of its value.
pub(crate) type KeySpec = (&'static str, ValueForm);

/// A kind of item that `#[instant(..)]` can be on, and the keys that are valid there.
pub(crate) struct KeyContext {
    /// The name in messages, such as `an entity`.
    pub(crate) name: &'static str,
    pub(crate) known: &'static [KeySpec],
}

pub(crate) const ENTITY: KeyContext = KeyContext {
    name: "an entity",
    known: &[
        ("namespace", ValueForm::Text),
        ("rename_all", ValueForm::Text),
        ("serialize", ValueForm::Flag),
        ("row", ValueForm::Name),
        ("new", ValueForm::Name),
        ("fields", ValueForm::Name),
        ("crate", ValueForm::Name),
    ],
};

pub(crate) const FIELD: KeyContext = KeyContext {
    name: "a field of an entity",
    known: &[
        ("indexed", ValueForm::Flag),
        ("unique", ValueForm::Flag),
        ("rename", ValueForm::Text),
        ("default", ValueForm::Flag),
        ("link", ValueForm::List),
    ],
};

pub(crate) const LINK: KeyContext = KeyContext {
    name: "a link",
    known: &[
        ("reverse", ValueForm::NameOrText),
        ("label", ValueForm::Text),
        ("required", ValueForm::Flag),
        ("forward", ValueForm::Flag),
        ("on_delete", ValueForm::Name),
        ("on_delete_reverse", ValueForm::Name),
        ("reverse_has", ValueForm::Name),
    ],
};

pub(crate) const VIEW: KeyContext =
    KeyContext { name: "a view", known: &[("entity", ValueForm::Name), ("crate", ValueForm::Name)] };

pub(crate) const VIEW_FIELD: KeyContext =
    KeyContext { name: "a field of a view", known: &[("link", ValueForm::List), ("from", ValueForm::Name)] };

pub(crate) const VIEW_LINK: KeyContext = KeyContext { name: "a link of a view", known: &[] };

pub(crate) const VALUE: KeyContext =
    KeyContext { name: "a value", known: &[("rename_all", ValueForm::Text), ("crate", ValueForm::Name)] };

pub(crate) const VARIANT: KeyContext = KeyContext {
    name: "a variant of a value",
    known: &[("rename", ValueForm::Text), ("other", ValueForm::Flag)],
};

const CONTEXTS: [&KeyContext; 6] = [&ENTITY, &FIELD, &LINK, &VIEW, &VIEW_FIELD, &VARIANT];

/// A key as written.
struct Item {
    key: Ident,
    value: KeyValue,
}

enum KeyValue {
    Nothing,
    Text(LitStr),
    Name(Path),
    Other(Span),
    List(Vec<Item>),
    /// A value of the wrong form, which has been reported.
    Invalid,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = Ident::parse_any(input)?;
        let value = if input.peek(Paren) {
            let content;
            parenthesized!(content in input);
            KeyValue::List(items(&content)?)
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.peek(LitStr) {
                KeyValue::Text(input.parse()?)
            } else if input.peek(Lit) {
                KeyValue::Other(input.parse::<Lit>()?.span())
            } else {
                // Unlike `Path::parse`, this accepts keywords, which fields can be named after.
                KeyValue::Name(input.call(Path::parse_mod_style)?)
            }
        } else {
            KeyValue::Nothing
        };
        Ok(Self { key, value })
    }
}

fn items(input: ParseStream<'_>) -> syn::Result<Vec<Item>> {
    Ok(Punctuated::<Item, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// The valid keys of one item.
#[derive(Default)]
pub(crate) struct Keys {
    items: Vec<Item>,
    /// Set if an error was reported for some keys, so that a missing one may be among them.
    has_errors: bool,
}

impl Keys {
    /// Parses all `#[instant(..)]` of an item.
    pub(crate) fn read(attrs: &[Attribute], context: &KeyContext, errors: &mut Errors) -> Self {
        let mut all = Vec::new();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("instant")) {
            match attr.parse_args_with(items) {
                Ok(items) => all.extend(items),
                Err(error) => errors.push(error),
            }
        }
        Self::new(all, context, errors)
    }

    fn new(items: Vec<Item>, context: &KeyContext, errors: &mut Errors) -> Self {
        let mut keys = Self::default();
        for item in items {
            let name = item.key.to_string();
            let Some((_, form)) = context.known.iter().find(|(known, _)| *known == name) else {
                errors.at(item.key.span(), unknown(&name, context));
                keys.has_errors = true;
                continue;
            };
            if keys.items.iter().any(|known| known.key == item.key) {
                errors.at(item.key.span(), format!("duplicate key `{name}`; remove one"));
                continue;
            }
            let fits = matches!(
                (form, &item.value),
                (ValueForm::Flag, KeyValue::Nothing)
                    | (ValueForm::Text | ValueForm::NameOrText, KeyValue::Text(_))
                    | (ValueForm::Name | ValueForm::NameOrText, KeyValue::Name(_))
                    | (ValueForm::List, KeyValue::List(_) | KeyValue::Nothing)
            );
            match fits {
                true => keys.items.push(item),
                false => {
                    let span = match &item.value {
                        KeyValue::Text(text) => text.span(),
                        KeyValue::Other(span) => *span,
                        _ => item.key.span(),
                    };
                    errors.at(span, wrong_form(&name, *form));
                    keys.has_errors = true;
                    if *form == ValueForm::List {
                        keys.items.push(Item { key: item.key, value: KeyValue::Invalid });
                    }
                }
            }
        }
        keys
    }

    /// Returns the location of a key, if it is present.
    pub(crate) fn flag(&self, name: &str) -> Option<Span> {
        self.get(name).map(|item| item.key.span())
    }

    /// Returns the string value of a key.
    pub(crate) fn text(&self, name: &str) -> Option<&LitStr> {
        match &self.get(name)?.value {
            KeyValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the name that is the value of a key.
    pub(crate) fn name(&self, name: &str) -> Option<&Path> {
        match &self.get(name)?.value {
            KeyValue::Name(path) => Some(path),
            _ => None,
        }
    }

    /// Returns the keys within a list and the location of the list.
    pub(crate) fn list(
        &mut self,
        name: &str,
        context: &KeyContext,
        errors: &mut Errors,
    ) -> Option<(Span, Self)> {
        let item = self.items.iter_mut().find(|item| item.key == name)?;
        let keys = match std::mem::replace(&mut item.value, KeyValue::Nothing) {
            KeyValue::List(items) => Self::new(items, context, errors),
            KeyValue::Invalid => Self { has_errors: true, ..Self::default() },
            _ => Self::default(),
        };
        Some((item.key.span(), keys))
    }

    /// Returns whether an error was reported for some keys, so that a missing one may be among them.
    pub(crate) fn has_errors(&self) -> bool {
        self.has_errors
    }

    fn get(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key == name)
    }
}

fn unknown(name: &str, context: &KeyContext) -> String {
    let names = || context.known.iter().map(|(name, _)| *name);
    let valid_in = CONTEXTS.iter().find(|other| other.known.iter().any(|(known, _)| *known == name));
    if let Some(other) = valid_in {
        let example = if other.name == LINK.name { ", as in `link(reverse = ..)`" } else { "" };
        return format!("`{name}` belongs on {}{example}, not on {}", other.name, context.name);
    }
    let near = nearest(name, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let known = match context.known.len() {
        0 => "; it takes no keys".to_owned(),
        _ => format!(" (known: `{}`)", Vec::from_iter(names()).join("`, `")),
    };
    format!("unknown key `{name}` on {}{near}{known}", context.name)
}

fn wrong_form(name: &str, form: ValueForm) -> String {
    match form {
        ValueForm::Flag => format!("`{name}` takes no value; write `{name}`"),
        ValueForm::Text => format!("`{name}` takes a string; write `{name} = \"..\"`"),
        ValueForm::Name => format!("`{name}` takes a name without quotes; write `{name} = ..`"),
        ValueForm::NameOrText => format!(
            "`{name}` takes a field of the linked struct, or a string if no struct declares that end; write \
             `{name} = field` or `{name} = \"label\"`",
        ),
        ValueForm::List => format!("`{name}` takes keys in parentheses; write `{name}(..)`"),
    }
}
