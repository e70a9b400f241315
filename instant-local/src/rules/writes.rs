//! Checks of a transaction: each rule is asked once, and the first that denies refuses everything
//! (`docs/protocol/transactions.md`, "B.5 Writes").

use std::{collections::HashSet, rc::Rc, sync::Arc};

use instant_core::{Object, Uuid, Value};

use super::{
    Checked, Permissions,
    document::{Action, Rule},
    env::{Asker, Row, Scene},
    evaluate,
    reads::shown,
};
use crate::{catalog::NamespaceNo, failure::Failure, request::RequestContext, state::StateRef};

/// Asks rules for one transaction.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) permissions: Rc<Permissions>,
    asker: Rc<Asker>,
    asked: HashSet<(Action, NamespaceNo, Uuid, Option<Uuid>)>,
    denied: Option<Failure>,
    /// All checks, when somebody wants to know.
    pub(crate) trace: Vec<Checked>,
}

/// One question: may this be done to this row?
#[derive(Debug)]
pub(crate) struct Question<'q> {
    pub(crate) action: Action,
    pub(crate) namespace: NamespaceNo,
    pub(crate) id: Uuid,
    pub(crate) data: Option<Object>,
    pub(crate) new_data: Option<Object>,
    /// Of a link: the other row.
    pub(crate) linked: Option<Linked>,
    pub(crate) modified: &'q [String],
    pub(crate) rule_params: Option<&'q Value>,
    /// The namespace that errors and debug answers name; the server names that which stores a link for both of its ends.
    pub(crate) named: NamespaceNo,
}

/// The row at the other end of a link.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) namespace: NamespaceNo,
    pub(crate) id: Uuid,
    /// None if it is not there.
    pub(crate) data: Option<Object>,
    /// What becomes of this row and of the other: `create` or `update`.
    pub(crate) actions: [&'static str; 2],
}

const ATTRS: &str = "attrs";

impl Judge {
    pub(crate) fn new(permissions: Permissions, context: &RequestContext) -> Self {
        let asker = Asker::new(context.caller, permissions.app_id, context.origin.clone());
        Self {
            permissions: Rc::new(permissions),
            asker: Rc::new(asker),
            asked: HashSet::new(),
            denied: None,
            trace: Vec::new(),
        }
    }

    /// Asks about a row, unless that was asked before.
    ///
    /// # Errors
    ///
    /// A rule that fails, or does not compile. That it denies is told by [`Judge::verdict`].
    pub(crate) fn ask(&mut self, state: StateRef<'_>, question: Question<'_>) -> Result<(), Failure> {
        let Question { action, namespace, id, data, new_data, linked, modified, rule_params, named } =
            question;
        let other = linked.as_ref().map(|linked| linked.id);
        if !self.asked.insert((action.clone(), namespace, id, other)) {
            return Ok(());
        }
        let name = state.catalog.namespace_name(namespace).unwrap_or_default();
        let rule = self.permissions.rules.rule(name, &action)?;
        if rule.is_none() && !self.permissions.debug {
            return Ok(());
        }
        let mut members = Object::from_iter([
            ("scope".to_owned(), Value::from("object")),
            ("action".to_owned(), action.name().into()),
            ("etype".to_owned(), name.into()),
            ("eid".to_owned(), id.into()),
        ]);
        if self.permissions.debug {
            let bindings = bindings(state, &action, &data, &new_data, linked.as_ref(), modified, rule_params);
            members.insert("bindings", bindings);
        }
        let place = Some((namespace, id));
        let (linked_data, actions) = match linked {
            Some(Linked { namespace, id, data: Some(data), actions }) => {
                (Row::Made { values: Some(data), place: Some((namespace, id)) }, actions)
            }
            Some(Linked { actions, .. }) => (Row::Absent, actions),
            None => (Row::Absent, ["", ""]),
        };
        let (asker, permissions) = (Rc::clone(&self.asker), Rc::clone(&self.permissions));
        let scene = Scene {
            state,
            asker: &asker,
            rules: &permissions.rules,
            rule_params,
            data: Row::Made { values: data, place },
            new_data: Row::Made { values: new_data, place: None },
            linked_data,
            actions: ["data", "linkedData"]
                .into_iter()
                .map(str::to_owned)
                .zip(actions.map(Value::from))
                .collect(),
            modified,
        };
        let denied = || Failure::denied([name, "object"], EXPECTED);
        let rule = match rule {
            Some(rule) if named != namespace => {
                let namespace = state.catalog.namespace_name(named).unwrap_or_default().to_owned();
                Some(Arc::new(Rule { namespace, ..Rule::clone(&rule) }))
            }
            rule => rule,
        };
        self.decide(rule.as_deref(), &scene, members, denied)
    }

    /// Asks whether an attribute may be created.
    ///
    /// # Errors
    ///
    /// As [`Judge::ask`].
    pub(crate) fn ask_attr(&mut self, state: StateRef<'_>, mut attribute: Object) -> Result<(), Failure> {
        // What an attribute is not, its row does not say.
        for key in ["required?", "inferred-types"] {
            if attribute.get(key).is_some_and(|value| !value.is_truthy()) {
                attribute.remove(key);
            }
        }
        let rule = self.permissions.rules.rule(ATTRS, &Action::Create)?;
        let mut members = attr_check("create");
        let data = [("data".to_owned(), Value::from(attribute.clone()))];
        members.insert("bindings", Object::from_iter(data));
        let (asker, permissions) = (Rc::clone(&self.asker), Rc::clone(&self.permissions));
        let [data, new_data] =
            [attribute.clone(), attribute].map(|values| Row::Made { values: Some(values), place: None });
        let scene = Scene::new(state, &asker, &permissions.rules, data, new_data);
        self.decide(rule.as_deref(), &scene, members, denied_attr)
    }

    /// Nobody but the admin deletes attributes.
    pub(crate) fn refuse_attr(&mut self) {
        let mut members = attr_check("delete");
        members.insert("bindings", Object::new());
        self.keep(members, Object::new(), Value::Bool(false), false);
        self.denied.get_or_insert_with(denied_attr);
    }

    /// The first refusal so far; none in a debugged transaction, which tells all.
    ///
    /// # Errors
    ///
    /// That refusal.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        match &self.denied {
            Some(denied) if !self.permissions.debug => Err(denied.clone()),
            _ => Ok(()),
        }
    }

    /// The questions that follow are about another state.
    pub(crate) fn state_changed(&self) {
        self.asker.forget();
    }

    pub(crate) fn all_passed(&self) -> bool {
        self.denied.is_none()
    }

    fn decide(
        &mut self,
        rule: Option<&Rule>,
        scene: &Scene<'_>,
        members: Object,
        denied: impl FnOnce() -> Failure,
    ) -> Result<(), Failure> {
        let value = match rule {
            None => super::CelValue::Bool(true),
            Some(rule) => evaluate(rule, scene, self.permissions.debug)?,
        };
        let passes = value.allows();
        if self.permissions.debug {
            self.keep(members, rule.map(Rule::to_json).unwrap_or_default(), shown(&value)?, passes);
        }
        if !passes {
            self.denied.get_or_insert_with(denied);
        }
        Ok(())
    }

    fn keep(&mut self, mut members: Object, program: Object, result: Value, passes: bool) {
        members.insert("program", program);
        members.insert("check-result", result);
        members.insert("check-pass?", passes);
        self.trace.push(Checked { members });
    }
}

const EXPECTED: &str = "perms-pass?";

fn denied_attr() -> Failure {
    Failure::denied([ATTRS, "attr"], EXPECTED)
}

fn attr_check(action: &str) -> Object {
    Object::from_iter([
        ("scope".to_owned(), Value::from("attr")),
        ("action".to_owned(), action.into()),
        ("etype".to_owned(), ATTRS.into()),
    ])
}

/// `bindings` of debug answers.
fn bindings(
    state: StateRef<'_>,
    action: &Action,
    data: &Option<Object>,
    new_data: &Option<Object>,
    linked: Option<&Linked>,
    modified: &[String],
    rule_params: Option<&Value>,
) -> Object {
    let object = |object: &Option<Object>| object.clone().map_or(Value::Null, Value::Object);
    let mut out = Object::new();
    out.insert("data", object(data));
    out.insert("rule-params", rule_params.cloned().unwrap_or_default());
    if *action != Action::Delete {
        out.insert("new-data", object(new_data));
    }
    if matches!(action, Action::Create | Action::Update) {
        out.insert("modified-fields", modified.iter().map(Value::from).collect::<Value>());
    }
    if let Some(linked) = linked {
        out.insert("linked-data", object(&linked.data));
        out.insert("linked-etype", state.catalog.namespace_name(linked.namespace).unwrap_or_default());
        if matches!(action, Action::Link(_)) {
            let actions = ["data", "linkedData"].into_iter().map(str::to_owned);
            out.insert("actions", actions.zip(linked.actions.map(Value::from)).collect::<Object>());
        }
    }
    out
}
