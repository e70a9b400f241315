//! Whether the data allows a property of an attribute: what the real server finds out in the background.

use std::collections::HashMap;

use instant_core::{Object, Uuid, Value};

use super::step::Check;
use crate::{
    catalog::Attribute,
    failure::Failure,
    index,
    transact::{self, Writer},
};

/// How many values an answer shows.
const SHOWN: usize = 10;

/// Why the data does not allow a property.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Trouble {
    /// The wire's word.
    pub(crate) error: &'static str,
    /// How far the real server gets.
    pub(crate) stage: &'static str,
    /// Entities and their values.
    pub(crate) sample: Option<Vec<(Uuid, Value)>>,
    /// A value that several entities have.
    pub(crate) repeated: Option<Value>,
    pub(crate) data: Option<Value>,
}

/// Looks for what stands in the way of a check; an attribute of the system cannot be changed at all.
pub(super) fn trouble(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    check: Check,
) -> Result<Option<Trouble>, Failure> {
    if attribute.system {
        let stage = match check {
            Check::Required(_) => "update-attr",
            _ => "update-attr-start",
        };
        return Ok(Some(Trouble { error: "invalid-attr-state-error", stage, ..Trouble::default() }));
    }
    match check {
        Check::Required(true) => missing(writer, attribute),
        Check::Index(true) | Check::Unique(true) | Check::Type(Some(_)) if attribute.attr.is_link() => {
            if check == Check::Unique(true) {
                shared_target(writer, attribute)
            } else {
                Ok(None)
            }
        }
        Check::Index(true) => unfit(writer, attribute, check, "triple-too-large-error", "update-triples"),
        Check::Type(Some(_)) => unfit(writer, attribute, check, "invalid-triple-error", "validate"),
        Check::Unique(true) => {
            match unfit(writer, attribute, check, "triple-too-large-error", "update-triples")? {
                Some(trouble) => Ok(Some(trouble)),
                None => repeated(writer, attribute),
            }
        }
        _ => Ok(None),
    }
}

/// Entities without a value.
fn missing(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<Option<Trouble>, Failure> {
    let name = &attribute.attr.forward;
    if name.namespace.starts_with('$') {
        let stage = "update-attr";
        return Ok(Some(Trouble { error: "unexpected-error", stage, ..Trouble::default() }));
    }
    let missing = transact::without(writer, attribute)?;
    if missing.is_empty() {
        return Ok(None);
    }
    let shown = &missing[..missing.len().min(SHOWN)];
    let mut data = Object::new();
    data.insert("count", i64::try_from(missing.len()).unwrap_or(i64::MAX));
    data.insert("etype", &name.namespace);
    data.insert("label", &name.label);
    data.insert("entity-ids", Value::from_iter(shown.iter().copied()));
    Ok(Some(Trouble {
        error: "missing-required-error",
        stage: "validate",
        sample: Some(shown.iter().map(|id| (*id, Value::Null)).collect()),
        data: Some(data.into()),
        ..Trouble::default()
    }))
}

/// Values that are too large, or of another type, for what the attribute would be.
fn unfit(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    check: Check,
    error: &'static str,
    stage: &'static str,
) -> Result<Option<Trouble>, Failure> {
    let mut wanted = attribute.clone();
    check.apply(&mut wanted.attr);
    let values = transact::values(writer, attribute)?;
    let mut unfit = values.into_iter().filter(|(id, value)| transact::refusal(&wanted, id, value).is_some());
    let sample: Vec<_> = unfit.by_ref().take(SHOWN).collect();
    Ok((!sample.is_empty()).then(|| Trouble { error, stage, sample: Some(sample), ..Trouble::default() }))
}

/// Entities that share a value.
fn repeated(writer: &mut Writer<'_>, attribute: &Attribute) -> Result<Option<Trouble>, Failure> {
    let values = transact::values(writer, attribute)?;
    let mut known = HashMap::<Vec<u8>, Vec<&Value>>::new();
    let shared = values.iter().map(|(_, value)| value).filter(|value| !value.is_null()).find(|value| {
        // Different values may share a key.
        let alike = known.entry(index::key(attribute, value)).or_default();
        let found = alike.iter().any(|other| transact::same(other, value));
        alike.push(value);
        found
    });
    let Some(shared) = shared else { return Ok(None) };
    let having = values.iter().filter(|(_, value)| transact::same(shared, value));
    Ok(Some(not_unique(having.take(SHOWN).cloned().collect())))
}

/// Entities that link to one and the same.
fn shared_target(writer: &Writer<'_>, attribute: &Attribute) -> Result<Option<Trouble>, Failure> {
    let mut sources = HashMap::<Uuid, Vec<Uuid>>::new();
    for (from, to) in transact::links(writer, attribute)? {
        sources.entry(to).or_default().push(from);
    }
    let shared = sources.into_iter().filter(|(_, sources)| sources.len() > 1).min();
    Ok(shared.map(|(to, sources)| {
        not_unique(sources.into_iter().take(SHOWN).map(|from| (from, Value::from(to))).collect())
    }))
}

fn not_unique(sample: Vec<(Uuid, Value)>) -> Trouble {
    Trouble {
        error: "triple-not-unique-error",
        stage: "update-triples",
        repeated: sample.first().map(|(_, value)| value.clone()),
        sample: Some(sample),
        data: None,
    }
}
