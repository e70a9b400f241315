//! Validates a collected schema: every link has both of its namespaces, and every attribute has one
//! type.
//!
//! A server would take the first of two types and accept anything for a missing namespace. Both
//! mistakes would surface late, through unexpected data.

use std::collections::HashMap;

use instant_core::schema::{AttrDef, CheckedType, Schema};

use crate::{Error, error::ErrorKind};

/// Returns an error with all mistakes if a linked namespace is missing or an attribute has two
/// types.
pub(crate) fn validate(schema: &Schema, kind: ErrorKind) -> Result<(), Error> {
    let mut mistakes = twice(schema);
    mistakes.extend(missing(schema));
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(Error::new(kind, format!("invalid schema: {}", mistakes.join("; "))))
}

/// Finds linked namespaces that are missing. A link with neither end listed extends the schema of
/// an existing app.
fn missing(schema: &Schema) -> Vec<String> {
    let listed = |namespace: &str| schema.entities.iter().any(|entity| entity.namespace == namespace);
    let mut mistakes = Vec::new();
    for link in &schema.links {
        for (end, other) in [(&link.forward, &link.reverse), (&link.reverse, &link.forward)] {
            let target = &other.on;
            if target.starts_with('$') || listed(target) || !listed(&end.on) {
                continue;
            }
            mistakes.push(format!(
                "`{}.{}` leads to `{target}`, which is not listed: add the struct for `{target}` to `schema![..]`",
                end.on, end.label
            ));
        }
    }
    mistakes
}

fn twice(schema: &Schema) -> Vec<String> {
    let mut mistakes = Vec::new();
    for entity in &schema.entities {
        let mut known = HashMap::<&str, &AttrDef>::new();
        for attr in &entity.attrs {
            let first = known.entry(&attr.label).or_insert(attr);
            if first.checked_type != attr.checked_type {
                mistakes.push(format!(
                    "`{}.{}` is declared twice: {} by one struct, {} by another",
                    entity.namespace,
                    attr.label,
                    word(first.checked_type),
                    word(attr.checked_type)
                ));
            }
        }
    }
    mistakes
}

fn word(checked: Option<CheckedType>) -> &'static str {
    checked.map_or("json", CheckedType::as_str)
}
