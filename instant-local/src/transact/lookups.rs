//! Resolves lookups to attributes, with the server's error messages
//! (`docs/protocol/transactions.md`, "3. Entity references and lookups").

use std::sync::Arc;

use instant_core::{Issue, Uuid, ValidationError, Value, steps};

use super::{
    plan::Lookup,
    values::{StoredValue, server_notation},
};
use crate::{
    catalog::{Attribute, Catalog, Side},
    failure::Failure,
};

/// The meaning of the name in a lookup.
pub(super) enum Found<'a> {
    Unique(Arc<Attribute>),
    NotUnique,
    /// A dotted name that is not of the form `link.id`.
    NotValid,
    Missing,
    /// `link.id` where the link does not exist.
    MissingLink(&'a str),
}

/// Resolves the name in a lookup: an attribute, or the link in `link.id`.
pub(super) fn find_attribute<'a>(catalog: &Catalog, namespace: &str, name: &'a str) -> Found<'a> {
    if let Some(label) = catalog.resolve(namespace, name) {
        let usable = label.side == Side::Forward && label.attribute.attr.unique;
        return if usable { Found::Unique(Arc::clone(&label.attribute)) } else { Found::NotUnique };
    }
    if !name.contains('.') {
        return Found::Missing;
    }
    let Some(link) = name.strip_suffix(".id").filter(|link| !link.contains('.')) else {
        return Found::NotValid;
    };
    match catalog.resolve(namespace, link) {
        None => Found::MissingLink(link),
        Some(label)
            if label.side == Side::Forward
                && label.attribute.attr.unique
                && label.attribute.attr.is_link() =>
        {
            Found::Unique(Arc::clone(&label.attribute))
        }
        Some(_) => Found::NotUnique,
    }
}

/// Parses a lookup on a namespace.
pub(super) fn resolve(catalog: &Catalog, namespace: &str, lookup: &steps::Lookup) -> Result<Lookup, Failure> {
    let name = &lookup.attr;
    match find_attribute(catalog, namespace, name) {
        Found::Unique(attribute) => Ok(Lookup { attribute, value: StoredValue::new(lookup.value.clone()) }),
        Found::NotValid => Err(rejected(lookup, format!("{name} is not a valid lookup attribute."))),
        Found::NotUnique | Found::Missing | Found::MissingLink(_) => {
            Err(rejected(lookup, format!("{name} is not a unique attribute on {namespace}")))
        }
    }
}

fn rejected(lookup: &steps::Lookup, message: String) -> Failure {
    let input = [Value::from(&lookup.attr), lookup.value.clone()].into();
    Failure::invalid(&ValidationError::new("lookup", Issue::message(message)), input)
}

impl Lookup {
    /// Formats the lookup as the server's messages do.
    pub(super) fn notation(&self) -> String {
        format!("[#uuid \"{}\" {}]", self.attribute.attr.id, server_notation(&self.value.value))
    }

    /// Formats the lookup as the `input` of the server's errors does.
    pub(super) fn to_json(&self) -> Value {
        [Value::from(self.attribute.attr.id), self.value.value.clone()].into()
    }

    /// Returns whether `delete`, strict `update` and `create` ignore the entity that the lookup
    /// finds. On a real server they do if the value is an id.
    pub(super) fn is_overlooked(&self) -> bool {
        self.value.as_id().is_some()
    }

    /// Rejects a lookup on `id` whose value is not an id.
    pub(super) fn check_id(&self) -> Result<(), Failure> {
        if self.attribute.label() != "id" || self.value.as_id().is_some() {
            return Ok(());
        }
        let message = format!(
            "Invalid lookup '{}'. The lookup attribute is '{}', but the lookup value is not a valid UUID.",
            self.notation(),
            self.attribute.name()
        );
        Err(Failure::invalid_request(&ValidationError::new("tx-steps", Issue::message(message))))
    }

    /// Creates the error for a link to an entity that the lookup does not find.
    pub(super) fn not_found(&self) -> Failure {
        not_found(&self.attribute, self.value.value.clone())
    }

    /// Creates the error for a step that sets the lookup attribute of a new entity.
    pub(super) fn not_updatable(&self) -> Failure {
        let message = "Updates with lookups can only update the lookup attribute if an entity with the unique \
                       attribute value already exists.";
        Failure::invalid(&ValidationError::new("lookup", Issue::message(message)), self.to_json())
    }
}

/// Creates the error for a link to an entity that a lookup does not find.
pub(super) fn not_found(attribute: &Attribute, value: Value) -> Failure {
    let input = instant_core::Object::from_iter([
        ("attribute-id".to_owned(), attribute.attr.id.into()),
        ("namespace".to_owned(), (&attribute.attr.forward.namespace).into()),
        ("label".to_owned(), attribute.label().into()),
        ("value".to_owned(), value),
    ]);
    let issue = Issue::message("The entity for the lookup does not exist.");
    Failure::invalid(&ValidationError::new("lookup", issue), input.into())
}

/// Creates the error for a reference that is not an id.
pub(super) fn not_an_id(found: &Value, with_message: bool) -> Failure {
    let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    let message = format!(
        "Invalid entity ID '{found}'. Entity IDs must be UUIDs. Use id() or lookup() to generate a valid UUID."
    );
    let issue = if with_message { Issue::message(message) } else { Issue::expected("uuid?") };
    Failure::invalid_request(&ValidationError::new("tx-steps", issue))
}

/// Returns an unused id for a new entity.
pub(super) fn new_id() -> Uuid {
    Uuid::new_v4()
}
