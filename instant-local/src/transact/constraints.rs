//! Constraints of attributes on their values, with the server's error messages
//! (`docs/protocol/transactions.md`, "9. Constraints" and "11.4 Constraint errors").

use instant_core::{Uuid, Value, dates, schema::CheckedType};

use super::values::{StoredValue, database_text};
use crate::{
    catalog::{Attribute, Catalog},
    clock::now_micros,
    failure::Failure,
};

/// The largest size in bytes of a value of an indexed, unique or link attribute, in the encoding of
/// the database.
const LARGEST_INDEXED: usize = 1024;
/// The number of bytes of a value that errors quote.
const QUOTED: usize = 64;
/// The range of the database's timestamps, in milliseconds since 1970.
const FIRST_DATE: f64 = -210_866_803_200_000.0;
const END_OF_DATES: f64 = 9_224_318_016_000_000.0;

/// Rejects a value that is too large or of the wrong type.
pub(super) fn check_value(attribute: &Attribute, entity: &Uuid, plain: &StoredValue) -> Result<(), Failure> {
    let attr = &attribute.attr;
    if (attr.unique || attr.index)
        && plain.json.len() > LARGEST_INDEXED / 8
        && size(&plain.value) > LARGEST_INDEXED
    {
        let kind = if attr.unique { "a unique" } else { "an indexed" };
        let message = format!("Value is too large for {kind} attribute.");
        let mut failure = rejected(attribute, entity, &plain.value, message);
        if let Some(hint) = &mut failure.error.hint {
            hint.insert("value-too-large?", true);
        }
        return Err(failure);
    }
    let Some(checked) = attr.checked_type else { return Ok(()) };
    let fits = match (&plain.value, checked) {
        (Value::Null, _)
        | (Value::String(_), CheckedType::String)
        | (Value::Number(_), CheckedType::Number)
        | (Value::Bool(_), CheckedType::Boolean) => true,
        (value, CheckedType::Date) => is_date(value),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let rule = format!("Invalid value type for {}. Value must be a {}", attribute.name(), checked.as_str());
    let message = if quoted(&plain.value).is_some() {
        format!("{rule}.")
    } else {
        format!("{rule} but the provided value type is {}.", plain.value.type_name())
    };
    Err(rejected(attribute, entity, &plain.value, message))
}

fn is_date(value: &Value) -> bool {
    match value {
        Value::Number(number) => (FIRST_DATE..END_OF_DATES).contains(&number.as_f64()),
        Value::String(text) => dates::stored_text(text, now_micros).is_some(),
        _ => false,
    }
}

/// Rejects a link to a value that is not an id.
pub(super) fn no_link(attribute: &Attribute, entity: &Uuid, value: &Value) -> Failure {
    rejected(attribute, entity, value, "Linked value must be a valid uuid.")
}

fn rejected(attribute: &Attribute, entity: &Uuid, value: &Value, message: impl Into<String>) -> Failure {
    Failure::rejected("validation-failed", message).with_hint([
        ("namespace", (&attribute.attr.forward.namespace).into()),
        ("attribute", attribute.label().into()),
        ("value", quoted(value).map_or_else(|| value.clone(), Value::from)),
        ("checked-data-type", attribute.attr.checked_type.map_or("null", CheckedType::as_str).into()),
        ("attr-id", attribute.attr.id.into()),
        ("entity-id", (*entity).into()),
    ])
}

/// Returns the start of a value that is too long to quote.
fn quoted(value: &Value) -> Option<String> {
    let text = database_text(value);
    let end = (0..=QUOTED).rev().find(|end| text.is_char_boundary(*end)).filter(|_| text.len() > QUOTED)?;
    Some(format!("{}...", &text[..end]))
}

/// Creates the error for a value that another entity already has.
pub(super) fn not_unique(attribute: &Attribute, value: &Value) -> Failure {
    let (label, namespace) = (attribute.label(), &attribute.attr.forward.namespace);
    let mut text = database_text(value);
    if matches!(value, Value::Array(_) | Value::Object(_)) {
        text.truncate(text.find(',').unwrap_or(text.len()));
    }
    let message = format!(
        "`{label}` is a unique attribute on `{namespace}` and an entity already exists with `{namespace}.{label}` = {text}"
    );
    Failure::rejected("record-not-unique", message).with_hint([
        ("record-type", "triple".into()),
        ("attr-id", attribute.attr.id.into()),
        ("etype", namespace.into()),
        ("label", label.into()),
        ("value", text.into()),
    ])
}

/// Rejects a string that the database cannot store.
pub(super) fn null_bytes() -> Failure {
    let message = "A value in the transaction contains null bytes, which cannot be stored.";
    Failure::rejected("validation-failed", message).with_hint([
        ("table", Value::Null),
        ("condition", "untranslatable-character".into()),
        ("constraint", Value::Null),
    ])
}

/// Creates an error that comes from the server's database.
pub(super) fn raised(text: impl Into<String>) -> Failure {
    let text = text.into();
    Failure::rejected("sql-raise", format!("Raised Exception: {text}")).with_hint([
        ("table", Value::Null),
        ("condition", "raise-exception".into()),
        ("constraint", text.into()),
    ])
}

/// Rejects a transaction that would need more parameters than a statement of the database can have.
pub(super) fn too_many_parameters() -> Failure {
    let message = "There are too many parameters in the transaction or query.";
    let advice = "Consider batching transactions into smaller ones, of about a hundred entities each.";
    Failure::rejected("parameter-limit-exceeded", message)
        .with_hint([("message", advice.into()), ("doc-urls", Value::Array(Vec::new()))])
}

/// Rejects a string that is longer than the server accepts.
pub(super) fn text_too_long(most: usize) -> Failure {
    let message = format!(
        "A text in the transaction has more than {most} characters, which is the most that can be stored."
    );
    Failure::rejected("validation-failed", message)
}

/// A required attribute that an entity does not have.
pub(super) struct Missing<'a> {
    pub(super) entity: Uuid,
    pub(super) attribute: &'a Attribute,
}

/// Rejects entities without a required attribute.
pub(super) fn missing_required(missing: &[Missing<'_>]) -> Failure {
    let mut sentences = Vec::<(String, Vec<String>)>::new();
    let mut records = Vec::new();
    for Missing { entity, attribute } in missing {
        let (namespace, label) = (&attribute.attr.forward.namespace, attribute.label());
        let name = format!("`{namespace}/{label}`");
        match sentences.iter_mut().find(|(known, _)| *known == name) {
            Some((_, entities)) => entities.push(entity.to_string()),
            None => sentences.push((name, vec![entity.to_string()])),
        }
        let required = match (attribute.attr.required, attribute.system) {
            (false, false) => Value::Null,
            (required, _) => required.into(),
        };
        records.push(Value::from(instant_core::Object::from_iter([
            ("entity_id".to_owned(), Value::from(*entity)),
            ("attr_id".to_owned(), attribute.attr.id.into()),
            ("etype".to_owned(), namespace.into()),
            ("label".to_owned(), label.into()),
            ("is_required".to_owned(), required),
        ])));
    }
    let sentences = Vec::from_iter(sentences.iter().map(|(name, entities)| {
        let plural = if entities.len() > 1 { "s" } else { "" };
        format!("Missing required attribute{plural} {name}: {}", entities.join(", "))
    }));
    Failure::rejected("validation-failed", sentences.join(". "))
        .with_hint([("records", Value::Array(records))])
}

/// Returns the attributes that errors about an entity of a namespace name, or none if the namespace
/// has no required attribute.
pub(super) fn required<'a>(catalog: &'a Catalog, namespace: &str) -> Vec<&'a Attribute> {
    let Some(namespace) = catalog.namespace(namespace) else { return Vec::new() };
    let all = || namespace.stored.iter().map(|attribute| &**attribute);
    if !all().any(|attribute| attribute.attr.required) {
        return Vec::new();
    }
    let mut required =
        Vec::from_iter(all().filter(|attribute| attribute.attr.required || attribute.label() == "id"));
    // Attributes of the platform come sorted by name, those of the app in the order of their
    // creation.
    required.sort_by_key(|attribute| attribute.system.then(|| attribute.label()));
    required
}

/// Returns the approximate size of a value in the database's binary encoding.
fn size(value: &Value) -> usize {
    const HEADER: usize = 4;
    match value {
        Value::Array(_) | Value::Object(_) => HEADER + content(value),
        // The database stores a scalar as an array with one item.
        scalar => HEADER + HEADER + HEADER + content(scalar),
    }
}

fn content(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 0,
        Value::String(text) => text.len(),
        Value::Number(number) => {
            let mut text = String::new();
            // Writing to a string cannot fail.
            let _ = instant_core::json::write_number(&mut text, number);
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            (6 + 2 * digits.div_ceil(4)).next_multiple_of(4)
        }
        Value::Array(items) => 4 + items.iter().map(|item| 4 + content(item)).sum::<usize>(),
        Value::Object(members) => {
            4 + members.iter().map(|(key, value)| 8 + key.len() + content(value)).sum::<usize>()
        }
    }
}
