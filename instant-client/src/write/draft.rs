//! A write to one entity, without its types.

use instant_core::{
    Object, Value,
    steps::{EntityRef, LinkTargets, StepTarget, UpdateMode},
};

use super::{TargetName, Targets};
use crate::BuildError;

/// A write without its types.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) namespace: &'static str,
    pub(crate) target: Option<EntityRef>,
    pub(crate) action: Action,
    pub(crate) values: Object,
    /// Ordered, because merges into one attribute build on each other.
    pub(crate) merges: Vec<(&'static str, Value)>,
    pub(crate) links: Vec<LinkTargets>,
    pub(crate) unlinks: Vec<LinkTargets>,
    pub(crate) mode: UpdateMode,
    pub(crate) rule_params: Option<Object>,
    pub(crate) error: Option<BuildError>,
}

/// The action on the entity itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    /// Sends an update step even without values, which creates an entity that does not exist.
    Update,
    /// Sends only the steps that were added.
    Touch,
    Delete,
}

impl Draft {
    pub(super) fn new(
        namespace: &'static str,
        target: Result<TargetName, BuildError>,
        action: Action,
    ) -> Self {
        let (target, error) = match target {
            Ok(target) => (Some(target.into_ref()), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            namespace,
            target,
            action,
            values: Object::new(),
            merges: Vec::new(),
            links: Vec::new(),
            unlinks: Vec::new(),
            mode: UpdateMode::Upsert,
            rule_params: None,
            error,
        }
    }

    /// Keeps the first error until the write is sent.
    pub(super) fn fail(&mut self, error: BuildError) {
        self.error.get_or_insert(error);
    }

    pub(super) fn set(&mut self, label: &'static str, value: Result<Value, BuildError>) {
        match value {
            Ok(_) if label == "id" => self.fail(BuildError::new("the id of an entity cannot be set")),
            Ok(value) => drop(self.values.insert(label, value)),
            Err(error) => self.fail(error.within(label)),
        }
    }

    pub(super) fn rule_params(&mut self, params: Value) {
        match params {
            Value::Object(params) => self.rule_params = Some(params),
            other => self.fail(BuildError::new(format!("rule params must be a JSON object, found {other}"))),
        }
    }

    /// Returns the link targets of `label`.
    pub(super) fn edges<E, M>(&mut self, label: &'static str, to: impl Targets<E, M>) -> LinkTargets {
        let mut refs = Vec::new();
        if let Err(error) = to.add_to(&mut refs) {
            self.fail(error.within(label));
        }
        LinkTargets { label: label.to_owned(), targets: refs }
    }

    pub(super) fn step_target(&self) -> Result<StepTarget, BuildError> {
        match (&self.error, &self.target) {
            (None, Some(entity)) => {
                Ok(StepTarget { namespace: self.namespace.to_owned(), entity: entity.clone() })
            }
            (Some(error), _) => Err(error.clone()),
            (None, None) => Err(BuildError::new("the write has no target entity")),
        }
    }
}
