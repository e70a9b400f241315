//! Checks whether the data allows a property of an attribute. The real server does this in
//! background jobs.

use std::collections::HashMap;

use instant_core::{Object, Uuid, Value};

use super::step::PropertyChange;
use crate::{
    catalog::Attribute,
    failure::Failure,
    index,
    transact::{self, Writer},
};

/// The number of entities in a sample.
const SAMPLE_SIZE: usize = 10;

/// The reason why the data does not allow a property.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct CheckFailure {
    /// The error's name on the wire.
    pub(crate) error: &'static str,
    /// The stage at which the real server's job fails.
    pub(crate) stage: &'static str,
    /// Some of the offending entities, with their values.
    pub(crate) sample: Option<Vec<(Uuid, Value)>>,
    /// A value that several entities have.
    pub(crate) repeated: Option<Value>,
    pub(crate) data: Option<Value>,
}

/// Checks whether the data allows a change. Properties of system attributes cannot be changed.
pub(super) fn find_failure(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    check: PropertyChange,
) -> Result<Option<CheckFailure>, Failure> {
    if attribute.system {
        let stage = match check {
            PropertyChange::Required(_) => "update-attr",
            _ => "update-attr-start",
        };
        return Ok(Some(CheckFailure {
            error: "invalid-attr-state-error",
            stage,
            ..CheckFailure::default()
        }));
    }
    match check {
        PropertyChange::Required(true) => missing_values(writer, attribute),
        PropertyChange::Index(true) | PropertyChange::Unique(true) | PropertyChange::Type(Some(_))
            if attribute.attr.is_link() =>
        {
            if check == PropertyChange::Unique(true) {
                shared_target(writer, attribute)
            } else {
                Ok(None)
            }
        }
        PropertyChange::Index(true) => {
            invalid_values(writer, attribute, check, "triple-too-large-error", "update-triples")
        }
        PropertyChange::Type(Some(_)) => {
            invalid_values(writer, attribute, check, "invalid-triple-error", "validate")
        }
        PropertyChange::Unique(true) => {
            match invalid_values(writer, attribute, check, "triple-too-large-error", "update-triples")? {
                Some(failure) => Ok(Some(failure)),
                None => repeated_value(writer, attribute),
            }
        }
        _ => Ok(None),
    }
}

/// Checks for entities without a value.
fn missing_values(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<Option<CheckFailure>, Failure> {
    let name = &attribute.attr.forward;
    if name.namespace.starts_with('$') {
        let stage = "update-attr";
        return Ok(Some(CheckFailure { error: "unexpected-error", stage, ..CheckFailure::default() }));
    }
    let missing = transact::without(writer, attribute)?;
    if missing.is_empty() {
        return Ok(None);
    }
    let sample = &missing[..missing.len().min(SAMPLE_SIZE)];
    let mut data = Object::new();
    data.insert("count", i64::try_from(missing.len()).unwrap_or(i64::MAX));
    data.insert("etype", &name.namespace);
    data.insert("label", &name.label);
    data.insert("entity-ids", Value::from_iter(sample.iter().copied()));
    Ok(Some(CheckFailure {
        error: "missing-required-error",
        stage: "validate",
        sample: Some(sample.iter().map(|id| (*id, Value::Null)).collect()),
        data: Some(data.into()),
        ..CheckFailure::default()
    }))
}

/// Checks for values that are too large, or of the wrong type, for the changed attribute.
fn invalid_values(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    check: PropertyChange,
    error: &'static str,
    stage: &'static str,
) -> Result<Option<CheckFailure>, Failure> {
    let mut wanted = attribute.clone();
    check.apply(&mut wanted.attr);
    let values = transact::values(writer, attribute)?;
    let mut invalid =
        values.into_iter().filter(|(id, value)| transact::rejection(&wanted, id, value).is_some());
    let sample: Vec<_> = invalid.by_ref().take(SAMPLE_SIZE).collect();
    Ok((!sample.is_empty()).then(|| CheckFailure {
        error,
        stage,
        sample: Some(sample),
        ..CheckFailure::default()
    }))
}

/// Checks for a value that several entities have.
fn repeated_value(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<Option<CheckFailure>, Failure> {
    let values = transact::values(writer, attribute)?;
    let mut known = HashMap::<Vec<u8>, Vec<&Value>>::new();
    let shared = values.iter().map(|(_, value)| value).filter(|value| !value.is_null()).find(|value| {
        // Different values may have the same key.
        let alike = known.entry(index::key(attribute, value)).or_default();
        let found = alike.iter().any(|other| transact::same(other, value));
        alike.push(value);
        found
    });
    let Some(shared) = shared else { return Ok(None) };
    let having = values.iter().filter(|(_, value)| transact::same(shared, value));
    Ok(Some(not_unique(having.take(SAMPLE_SIZE).cloned().collect())))
}

/// Checks for an entity that several entities link to.
fn shared_target(writer: &Writer<'_>, attribute: &Attribute) -> Result<Option<CheckFailure>, Failure> {
    let mut sources = HashMap::<Uuid, Vec<Uuid>>::new();
    for (from, to) in transact::links(writer, attribute)? {
        sources.entry(to).or_default().push(from);
    }
    let shared = sources.into_iter().filter(|(_, sources)| sources.len() > 1).min();
    Ok(shared.map(|(to, sources)| {
        not_unique(sources.into_iter().take(SAMPLE_SIZE).map(|from| (from, Value::from(to))).collect())
    }))
}

fn not_unique(sample: Vec<(Uuid, Value)>) -> CheckFailure {
    CheckFailure {
        error: "triple-not-unique-error",
        stage: "update-triples",
        repeated: sample.first().map(|(_, value)| value.clone()),
        sample: Some(sample),
        data: None,
    }
}
