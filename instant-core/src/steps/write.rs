//! Converts steps to the wire's JSON.

use super::{EntityRef, LinkTargets, Lookup, Step, StepTarget, UpdateMode};
use crate::{Object, Value};

/// Returns the JSON that the wire carries under `steps`.
///
/// ```
/// use instant_core::{Value, steps};
///
/// let json = Value::parse(r#"[["update", "goals", ["slug", "fit"], {"done": true}]]"#).unwrap();
/// let steps = steps::parse(&json).unwrap();
/// assert_eq!(steps::to_json(&steps), json);
/// ```
pub fn to_json(steps: &[Step]) -> Value {
    Value::from_iter(steps.iter().map(Step::to_json))
}

impl Step {
    /// Returns the JSON array that the wire carries for this step.
    pub fn to_json(&self) -> Value {
        let mut out = vec![self.action().into()];
        if let Some(StepTarget { namespace, entity }) = self.target() {
            out.extend([namespace.into(), entity_json(entity)]);
        }
        match self {
            Self::Create(_, values) | Self::RuleParams(_, values) => out.push(values.clone().into()),
            Self::Update(_, values, mode) | Self::Merge(_, values, mode) => {
                out.push(values.clone().into());
                if *mode == UpdateMode::Strict {
                    out.push(Object::from_iter([("upsert".to_owned(), false.into())]).into());
                }
            }
            Self::Link(_, links) | Self::Unlink(_, links) => {
                out.push(links.iter().map(link_targets_json).collect::<Object>().into());
            }
            Self::Delete(_) => {}
            Self::AddAttr(attr) => out.push(attr.to_json()),
            Self::DeleteAttr(id) => out.push((*id).into()),
        }
        Value::Array(out)
    }
}

/// Returns the JSON of a step's entity, where a lookup is a pair of attribute and value.
fn entity_json(entity: &EntityRef) -> Value {
    match entity {
        EntityRef::Id(id) => (*id).into(),
        EntityRef::Lookup(lookup) => [Value::from(&lookup.attr), lookup.value.clone()].into(),
        EntityRef::Malformed(value) => value.clone(),
    }
}

/// Returns the label and the JSON of a link's targets.
///
/// The server reads a pair as two ids, so a lookup is encoded as a string. An attribute whose name
/// makes that encoding ambiguous is written as a pair within a list.
fn link_targets_json(link: &LinkTargets) -> (String, Value) {
    let ambiguous = |lookup: &Lookup| lookup.attr.contains("__") || lookup.attr.ends_with('_');
    let target = |entity: &EntityRef| match entity {
        EntityRef::Lookup(lookup) if !ambiguous(lookup) => {
            format!("lookup__{}__{}", lookup.attr, lookup.value).into()
        }
        entity => entity_json(entity),
    };
    let targets = match link.targets.as_slice() {
        [one] if target(one).as_str().is_some() => target(one),
        many => Value::from_iter(many.iter().map(target)),
    };
    (link.label.clone(), targets)
}
