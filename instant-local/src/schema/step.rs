//! The steps of schema changes and their JSON (`docs/protocol/schema-and-platform.md`,
//! "4.5 Every step's JSON").

use instant_core::{
    Object, Uuid, Value,
    schema::{Attr, Cardinality, CheckedType, Identity},
};

use super::json::payload;

/// A step of a schema change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) action: StepAction,
    /// The JSON that clients see: `[name, payload]`.
    pub(crate) json: Value,
}

/// The action of a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StepAction {
    /// `add-attr`.
    Add(Attr),
    /// `update-attr`.
    Update(Update),
    /// `delete-attr`, which plans never contain.
    Delete(Uuid),
    /// A check, which the real server performs in the background.
    Check {
        /// The attribute's id.
        attr: Uuid,
        check: PropertyChange,
    },
    /// A step with an unknown name, which responses repeat and which does nothing.
    Nothing,
}

/// Changes of an existing attribute. Missing members stay unchanged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Update {
    pub(crate) id: Uuid,
    pub(crate) forward: Option<Identity>,
    pub(crate) reverse: Option<Identity>,
    pub(crate) cardinality: Option<Cardinality>,
    pub(crate) unique: Option<bool>,
    pub(crate) index: Option<bool>,
    pub(crate) required: Option<bool>,
    /// The cascades are always set; a missing one is removed.
    pub(crate) on_delete: bool,
    pub(crate) on_delete_reverse: bool,
}

/// A property of an attribute to set, if the data allows it, or to unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PropertyChange {
    Index(bool),
    Unique(bool),
    Required(bool),
    /// A type, or `None` to remove it.
    Type(Option<CheckedType>),
}

impl Update {
    /// Applies the changes to an attribute.
    pub(super) fn apply(&self, attr: &mut Attr) {
        // A renamed identity keeps its id.
        let rename = |name: &mut Identity, to: &Option<Identity>| {
            if let Some(to) = to {
                (name.namespace, name.label) = (to.namespace.clone(), to.label.clone());
            }
        };
        rename(&mut attr.forward, &self.forward);
        if let Some(reverse) = &mut attr.reverse {
            rename(reverse, &self.reverse);
        }
        attr.cardinality = self.cardinality.unwrap_or(attr.cardinality);
        attr.unique = self.unique.unwrap_or(attr.unique);
        attr.index = self.index.unwrap_or(attr.index);
        attr.required = self.required.unwrap_or(attr.required);
        attr.on_delete = self.on_delete;
        attr.on_delete_reverse = self.on_delete_reverse;
    }
}

impl PropertyChange {
    /// Returns the name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Index(true) => "index",
            Self::Index(false) => "remove-index",
            Self::Unique(true) => "unique",
            Self::Unique(false) => "remove-unique",
            Self::Required(true) => "required",
            Self::Required(false) => "remove-required",
            Self::Type(Some(_)) => "check-data-type",
            Self::Type(None) => "remove-data-type",
        }
    }

    /// Parses the name of a check; `checked` is the type, for the checks that need one.
    pub(crate) fn parse(word: &str, checked: Option<CheckedType>) -> Option<Self> {
        let all = [true, false].into_iter().flat_map(|on| {
            [Self::Index(on), Self::Unique(on), Self::Required(on), Self::Type(checked.filter(|_| on))]
        });
        all.into_iter().find(|check| check.as_str() == word)
    }

    /// Applies the change to an attribute.
    pub(super) fn apply(self, attr: &mut Attr) {
        match self {
            Self::Index(on) => attr.index = on,
            Self::Unique(on) => attr.unique = on,
            Self::Required(on) => attr.required = on,
            Self::Type(checked) => attr.checked_type = checked,
        }
    }
}

impl Step {
    /// Returns whether the step adds, changes or deletes an attribute directly.
    pub(crate) fn changes_attributes(&self) -> bool {
        matches!(self.action, StepAction::Add(_) | StepAction::Update(_) | StepAction::Delete(_))
    }

    /// Returns the JSON of the step with the id of its job.
    pub(super) fn with_job(&self, job: Uuid) -> Value {
        let mut json = self.json.clone();
        if let Value::Array(parts) = &mut json
            && let Some(Value::Object(payload)) = parts.get_mut(1)
        {
            payload.insert("job-id", job);
        }
        json
    }

    /// Creates a step that adds an attribute.
    pub(super) fn add(attr: Attr) -> Self {
        let mut payload = payload(&attr, &["inferred-types"]);
        if attr.forward.label == "id" {
            payload.remove("required?");
        }
        Self { json: named("add-attr", payload), action: StepAction::Add(attr) }
    }

    /// Creates a step that changes the existing attribute with the ids of `attr` to `attr`.
    pub(super) fn update(attr: &Attr) -> Self {
        let update = Update {
            id: attr.id,
            forward: Some(attr.forward.clone()),
            reverse: attr.reverse.clone(),
            cardinality: Some(attr.cardinality),
            unique: Some(attr.unique),
            index: Some(attr.index),
            required: Some(attr.required),
            on_delete: attr.on_delete,
            on_delete_reverse: attr.on_delete_reverse,
        };
        let payload = payload(attr, &["inferred-types", "checked-data-type"]);
        Self { json: named("update-attr", payload), action: StepAction::Update(update) }
    }

    /// Creates a step that sets or unsets a property of an existing attribute.
    pub(super) fn check(known: &Attr, check: PropertyChange) -> Self {
        let mut out = Object::new();
        out.insert("attr-id", known.id);
        let name = &known.forward;
        out.insert(
            "forward-identity",
            Value::from([name.id.into(), Value::from(&name.namespace), (&name.label).into()]),
        );
        if let PropertyChange::Type(Some(checked)) = check {
            out.insert("checked-data-type", checked);
        }
        Self { json: named(check.as_str(), out), action: StepAction::Check { attr: known.id, check } }
    }
}

fn named(name: &str, payload: Object) -> Value {
    [Value::from(name), payload.into()].into()
}
