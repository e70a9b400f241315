//! What of the data whoever asks may see: rows by their `view` rules, attributes by field rules. Each rule runs once per row and
//! query, as on the real server.

use std::{collections::HashMap, sync::Arc};

use instant_core::{Object, Uuid, Value};

use super::{
    Checked, Permissions,
    document::{Action, Rule},
    env::{Asker, Row, Scene},
    evaluate,
};
use crate::{
    catalog::{AttrNo, Attribute, NamespaceNo},
    document::Document,
    failure::Failure,
    request::RequestContext,
    state::StateRef,
};

/// Judges rows for one query.
#[derive(Debug)]
pub(crate) struct Guard<'a> {
    state: StateRef<'a>,
    permissions: &'a Permissions,
    asker: Asker,
    rule_params: Option<&'a Value>,
    rules: HashMap<NamespaceNo, NamespaceRules>,
    rows: HashMap<(NamespaceNo, Uuid), bool>,
    fields: HashMap<(AttrNo, Uuid), bool>,
    /// All checks, when somebody wants to know.
    pub(crate) trace: Vec<Checked>,
}

#[derive(Debug)]
struct NamespaceRules {
    view: Option<Arc<Rule>>,
    has_fields: bool,
    fields: HashMap<AttrNo, Option<Arc<Rule>>>,
}

impl<'a> Guard<'a> {
    /// Creates a guard for one query, which brings `rule_params`.
    pub(crate) fn new(
        state: StateRef<'a>,
        permissions: &'a Permissions,
        context: &RequestContext,
        rule_params: Option<&'a Value>,
    ) -> Self {
        Self {
            state,
            permissions,
            asker: Asker::new(context.caller, permissions.app_id, context.origin.clone()),
            rule_params,
            rules: HashMap::new(),
            rows: HashMap::new(),
            fields: HashMap::new(),
            trace: Vec::new(),
        }
    }

    /// Whether a row may be seen. What is no row may not.
    ///
    /// # Errors
    ///
    /// A rule that fails, or does not compile.
    pub(crate) fn row(
        &mut self,
        namespace: NamespaceNo,
        id: &Uuid,
        document: Option<Document<'_>>,
    ) -> Result<bool, Failure> {
        if document.is_none_or(|document| document.created().is_none()) {
            return Ok(false);
        }
        if let Some(known) = self.rows.get(&(namespace, *id)) {
            return Ok(*known);
        }
        let rule = self.rules(namespace)?.view.clone();
        let allowed = self.judge(rule.as_deref(), namespace, id, document, None)?;
        self.rows.insert((namespace, *id), allowed);
        Ok(allowed)
    }

    /// Whether an attribute of a row may be seen, as far as its own rule goes. What a row lacks nobody need be kept from.
    ///
    /// # Errors
    ///
    /// As [`Guard::row`].
    pub(crate) fn field(
        &mut self,
        attribute: &Attribute,
        id: &Uuid,
        document: Option<Document<'_>>,
    ) -> Result<bool, Failure> {
        let namespace = attribute.forward;
        if !self.rules(namespace)?.has_fields {
            return Ok(true);
        }
        if attribute.is_to_one() && document.is_none_or(|document| document.get(attribute.no).is_none()) {
            return Ok(true);
        }
        if let Some(known) = self.fields.get(&(attribute.no, *id)) {
            return Ok(*known);
        }
        let Some(rule) = self.field_rule(attribute)? else { return Ok(true) };
        let allowed = self.judge(Some(&rule), namespace, id, document, Some(attribute.label()))?;
        self.fields.insert((attribute.no, *id), allowed);
        Ok(allowed)
    }

    /// Asks about attributes that a query reads, of a row that it found, whether the row may be seen or not.
    ///
    /// # Errors
    ///
    /// As [`Guard::row`].
    pub(crate) fn fields(
        &mut self,
        attributes: &mut dyn Iterator<Item = &Attribute>,
        id: &Uuid,
        document: Option<Document<'_>>,
    ) -> Result<(), Failure> {
        for attribute in attributes {
            self.field(attribute, id, document)?;
        }
        Ok(())
    }

    /// Whether some attribute of a namespace has a rule of its own.
    pub(crate) fn has_fields(&mut self, namespace: NamespaceNo) -> Result<bool, Failure> {
        Ok(self.rules(namespace)?.has_fields)
    }

    fn rules(&mut self, namespace: NamespaceNo) -> Result<&mut NamespaceRules, Failure> {
        // Looked up twice, because a reference that is returned on one path only is kept on all of them.
        if !self.rules.contains_key(&namespace) {
            let name = self.state.catalog.namespace_name(namespace).unwrap_or_default();
            let rules = &self.permissions.rules;
            let known = NamespaceRules {
                view: rules.rule(name, &Action::View)?,
                has_fields: rules.has_fields(name),
                fields: HashMap::new(),
            };
            self.rules.insert(namespace, known);
        }
        self.rules.get_mut(&namespace).ok_or_else(|| Failure::damaged("a namespace without rules"))
    }

    fn field_rule(&mut self, attribute: &Attribute) -> Result<Option<Arc<Rule>>, Failure> {
        if let Some(known) = self.rules(attribute.forward)?.fields.get(&attribute.no) {
            return Ok(known.clone());
        }
        let name = self.state.catalog.namespace_name(attribute.forward).unwrap_or_default();
        let rule = self.permissions.rules.rule(name, &Action::Field(attribute.label().to_owned()))?;
        self.rules(attribute.forward)?.fields.insert(attribute.no, rule.clone());
        Ok(rule)
    }

    fn judge(
        &mut self,
        rule: Option<&Rule>,
        namespace: NamespaceNo,
        id: &Uuid,
        document: Option<Document<'_>>,
        label: Option<&str>,
    ) -> Result<bool, Failure> {
        let constant = rule.map(|rule| rule.program.constant());
        match constant {
            None if !self.permissions.debug => return Ok(true),
            Some(Some(value)) if !self.permissions.debug => return Ok(value.allows()),
            _ => {}
        }
        let data = Row::Stored { namespace, id: *id, document };
        let record = self.permissions.debug.then(|| data.whole(self.state));
        let (allowed, check) = match rule {
            None => (true, Value::Bool(true)),
            Some(rule) => {
                let scene = Scene {
                    rule_params: self.rule_params,
                    ..Scene::new(self.state, &self.asker, &self.permissions.rules, data, Row::Absent)
                };
                let value = evaluate(rule, &scene, self.permissions.debug)?;
                let shown = if self.permissions.debug { shown(&value)? } else { Value::Null };
                (value.allows(), shown)
            }
        };
        if let Some(record) = record {
            let name = self.state.catalog.namespace_name(namespace).unwrap_or_default();
            let members = Object::from_iter([
                ("id".to_owned(), Value::from(*id)),
                ("entity".to_owned(), name.into()),
                ("label".to_owned(), label.map_or(Value::Null, Value::from)),
                ("record".to_owned(), record.unwrap_or_default().into()),
                ("program".to_owned(), rule.map(Rule::to_json).unwrap_or_default().into()),
                ("check".to_owned(), check),
            ]);
            self.trace.push(Checked { members });
        }
        Ok(allowed)
    }
}

/// The value of a rule in a debug answer.
pub(super) fn shown(value: &super::CelValue) -> Result<Value, Failure> {
    let beyond = || {
        let message = "the rule's value cannot be shown as JSON: it is unsigned, bytes, a type or a part of the request";
        Failure::refused("validation-failed", message)
    };
    value.to_json().ok_or_else(beyond)
}
