//! Permission checks of transactions: each rule is evaluated once per row, and the first that
//! denies rejects the transaction (`docs/protocol/transactions.md`, "B.5 Writes").

use std::{collections::HashSet, rc::Rc, sync::Arc};

use instant_core::{Object, Uuid, Value};

use super::{
    PermissionCheck, Permissions,
    document::{Action, Rule},
    env::{RuleContext, RuleHost, RuleRow},
    evaluate,
    reads::debug_value,
};
use crate::{
    budget::Budget, catalog::NamespaceNo, failure::Failure, request::RequestContext, state::StateRef,
};

/// The permission checks of one transaction.
#[derive(Debug)]
pub(crate) struct WriteChecks {
    pub(crate) permissions: Rc<Permissions>,
    rule_context: Rc<RuleContext>,
    checked: HashSet<(Action, NamespaceNo, Uuid, Option<Uuid>)>,
    denied: Option<Failure>,
    /// The recorded checks, in debug requests.
    pub(crate) records: Vec<PermissionCheck>,
}

/// A check of one action on one row.
#[derive(Debug)]
pub(crate) struct RowCheck<'q> {
    pub(crate) action: Action,
    pub(crate) namespace: NamespaceNo,
    pub(crate) id: Uuid,
    pub(crate) data: Option<Object>,
    pub(crate) new_data: Option<Object>,
    /// The row at the other end, for `link` and `unlink`.
    pub(crate) linked: Option<LinkedRow>,
    pub(crate) modified: &'q [String],
    pub(crate) rule_params: Option<&'q Value>,
    /// The namespace that errors and debug responses name. For both ends of a link the server names
    /// the one that stores it.
    pub(crate) reported_as: NamespaceNo,
}

/// The row at the other end of a link.
#[derive(Debug)]
pub(crate) struct LinkedRow {
    pub(crate) namespace: NamespaceNo,
    pub(crate) id: Uuid,
    /// `None` if the row does not exist.
    pub(crate) data: Option<Object>,
    /// The effect on this row and on the other: `create` or `update`.
    pub(crate) actions: [&'static str; 2],
}

const ATTRS: &str = "attrs";

impl WriteChecks {
    pub(crate) fn new(permissions: Permissions, context: &RequestContext, budget: Rc<Budget>) -> Self {
        let rule_context =
            RuleContext::new(context.caller, permissions.app_id, context.origin.clone(), budget);
        Self {
            permissions: Rc::new(permissions),
            rule_context: Rc::new(rule_context),
            checked: HashSet::new(),
            denied: None,
            records: Vec::new(),
        }
    }

    /// Evaluates the rule for an action on a row, once per transaction.
    ///
    /// # Errors
    ///
    /// Returns an error if the rule does not compile, or fails to evaluate. A denial is kept for
    /// [`WriteChecks::verdict`].
    pub(crate) fn check_row(&mut self, state: StateRef<'_>, row_check: RowCheck<'_>) -> Result<(), Failure> {
        let RowCheck { action, namespace, id, data, new_data, linked, modified, rule_params, reported_as } =
            row_check;
        // The rows were copied for this check.
        let copied = data.as_ref().map_or(0, Object::len) + new_data.as_ref().map_or(0, Object::len);
        self.rule_context.budget.spend(copied as u32)?;
        let other = linked.as_ref().map(|linked| linked.id);
        if !self.checked.insert((action.clone(), namespace, id, other)) {
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
        let links_from = Some((namespace, id));
        let (linked_data, actions) = match linked {
            Some(LinkedRow { namespace, id, data: Some(data), actions }) => {
                (RuleRow::Computed { values: Some(data), links_from: Some((namespace, id)) }, actions)
            }
            Some(LinkedRow { actions, .. }) => (RuleRow::Absent, actions),
            None => (RuleRow::Absent, ["", ""]),
        };
        let (rule_context, permissions) = (Rc::clone(&self.rule_context), Rc::clone(&self.permissions));
        let host = RuleHost {
            state,
            rule_context: &rule_context,
            rules: &permissions.rules,
            rule_params,
            data: RuleRow::Computed { values: data, links_from },
            new_data: RuleRow::Computed { values: new_data, links_from: None },
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
            Some(rule) if reported_as != namespace => {
                let namespace = state.catalog.namespace_name(reported_as).unwrap_or_default().to_owned();
                Some(Arc::new(Rule { namespace, ..Rule::clone(&rule) }))
            }
            rule => rule,
        };
        self.decide(rule.as_deref(), &host, members, denied)
    }

    /// Evaluates the rule for creating an attribute.
    ///
    /// # Errors
    ///
    /// As [`WriteChecks::check_row`].
    pub(crate) fn check_attr_creation(
        &mut self,
        state: StateRef<'_>,
        mut attribute: Object,
    ) -> Result<(), Failure> {
        // The row that rules see omits flags that are false.
        for key in ["required?", "inferred-types"] {
            if attribute.get(key).is_some_and(|value| !value.is_truthy()) {
                attribute.remove(key);
            }
        }
        let rule = self.permissions.rules.rule(ATTRS, &Action::Create)?;
        let mut members = attr_check("create");
        let data = [("data".to_owned(), Value::from(attribute.clone()))];
        members.insert("bindings", Object::from_iter(data));
        let (rule_context, permissions) = (Rc::clone(&self.rule_context), Rc::clone(&self.permissions));
        let [data, new_data] = [attribute.clone(), attribute]
            .map(|values| RuleRow::Computed { values: Some(values), links_from: None });
        let host = RuleHost::new(state, &rule_context, &permissions.rules, data, new_data);
        self.decide(rule.as_deref(), &host, members, denied_attr)
    }

    /// Denies the deletion of an attribute, which only the admin may do.
    pub(crate) fn deny_attr_deletion(&mut self) {
        let mut members = attr_check("delete");
        members.insert("bindings", Object::new());
        self.record(members, Object::new(), Value::Bool(false), false);
        self.denied.get_or_insert_with(denied_attr);
    }

    /// Reports the first denial. In debug requests a denial does not reject the transaction.
    ///
    /// # Errors
    ///
    /// Returns the rejection.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        match &self.denied {
            Some(denied) if !self.permissions.debug => Err(denied.clone()),
            _ => Ok(()),
        }
    }

    /// Discards cached references after the state has changed.
    pub(crate) fn state_changed(&self) {
        self.rule_context.clear_references();
    }

    pub(crate) fn all_passed(&self) -> bool {
        self.denied.is_none()
    }

    fn decide(
        &mut self,
        rule: Option<&Rule>,
        host: &RuleHost<'_>,
        members: Object,
        denied: impl FnOnce() -> Failure,
    ) -> Result<(), Failure> {
        let value = match rule {
            None => super::CelValue::Bool(true),
            Some(rule) => evaluate(rule, host, self.permissions.debug)?,
        };
        let passes = value.allows();
        if self.permissions.debug {
            self.record(members, rule.map(Rule::to_json).unwrap_or_default(), debug_value(&value)?, passes);
        }
        if !passes {
            self.denied.get_or_insert_with(denied);
        }
        Ok(())
    }

    fn record(&mut self, mut members: Object, program: Object, result: Value, passes: bool) {
        members.insert("program", program);
        members.insert("check-result", result);
        members.insert("check-pass?", passes);
        self.records.push(PermissionCheck { members });
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

/// Returns `bindings` of debug responses.
fn bindings(
    state: StateRef<'_>,
    action: &Action,
    data: &Option<Object>,
    new_data: &Option<Object>,
    linked: Option<&LinkedRow>,
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
