//! Permission checks of queries: `view` rules decide which rows the caller sees, field rules which
//! attributes. Each rule runs once per row and query, as on the real server.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use instant_core::{Object, Uuid, Value};

use super::{
    PermissionCheck, Permissions,
    document::{Action, Rule},
    env::{RuleContext, RuleHost, RuleRow},
    evaluate,
};
use crate::{
    budget::Budget,
    catalog::{AttrNo, Attribute, NamespaceNo},
    document::Document,
    failure::Failure,
    request::RequestContext,
    state::StateRef,
};

/// The permission checks of one query.
#[derive(Debug)]
pub(crate) struct QueryGuard<'a> {
    state: StateRef<'a>,
    permissions: &'a Permissions,
    rule_context: RuleContext,
    rule_params: Option<&'a Value>,
    rules: HashMap<NamespaceNo, NamespaceRules>,
    rows: HashMap<(NamespaceNo, Uuid), bool>,
    fields: HashMap<(AttrNo, Uuid), bool>,
    /// The recorded checks, in debug requests.
    pub(crate) records: Vec<PermissionCheck>,
}

#[derive(Debug)]
struct NamespaceRules {
    view: Option<Arc<Rule>>,
    has_fields: bool,
    fields: HashMap<AttrNo, Option<Arc<Rule>>>,
}

impl<'a> QueryGuard<'a> {
    /// Creates the checks of a query that sends `rule_params`.
    pub(crate) fn new(
        state: StateRef<'a>,
        permissions: &'a Permissions,
        context: &RequestContext,
        rule_params: Option<&'a Value>,
        budget: Rc<Budget>,
    ) -> Self {
        Self {
            state,
            permissions,
            rule_context: RuleContext::new(
                context.caller,
                permissions.app_id,
                context.origin.clone(),
                budget,
            ),
            rule_params,
            rules: HashMap::new(),
            rows: HashMap::new(),
            fields: HashMap::new(),
            records: Vec::new(),
        }
    }

    /// Returns whether the caller may see a row. Returns false for an entity that is not a row.
    ///
    /// # Errors
    ///
    /// Returns an error if the rule does not compile, or fails to evaluate.
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
        let allowed = self.check(rule.as_deref(), namespace, id, document, None)?;
        self.rows.insert((namespace, *id), allowed);
        Ok(allowed)
    }

    /// Returns whether the field rule of an attribute lets the caller see it. An attribute without
    /// a value is visible.
    ///
    /// # Errors
    ///
    /// As [`QueryGuard::row`].
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
        let allowed = self.check(Some(&rule), namespace, id, document, Some(attribute.label()))?;
        self.fields.insert((attribute.no, *id), allowed);
        Ok(allowed)
    }

    /// Evaluates the field rules of attributes that the query reads. Debug responses list them even
    /// if the row itself is not visible.
    ///
    /// # Errors
    ///
    /// As [`QueryGuard::row`].
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

    /// Returns whether any attribute of a namespace has a field rule.
    pub(crate) fn has_fields(&mut self, namespace: NamespaceNo) -> Result<bool, Failure> {
        Ok(self.rules(namespace)?.has_fields)
    }

    fn rules(&mut self, namespace: NamespaceNo) -> Result<&mut NamespaceRules, Failure> {
        // Two lookups, because the borrow checker extends a conditionally returned reference to all
        // paths.
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

    fn check(
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
        let data = RuleRow::Stored { namespace, id: *id, document };
        let record = self.permissions.debug.then(|| data.to_object(self.state));
        let (allowed, check) = match rule {
            None => (true, Value::Bool(true)),
            Some(rule) => {
                let host = RuleHost {
                    rule_params: self.rule_params,
                    ..RuleHost::new(
                        self.state,
                        &self.rule_context,
                        &self.permissions.rules,
                        data,
                        RuleRow::Absent,
                    )
                };
                let value = evaluate(rule, &host, self.permissions.debug)?;
                let debug_value = if self.permissions.debug { debug_value(&value)? } else { Value::Null };
                (value.allows(), debug_value)
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
            self.records.push(PermissionCheck { members });
        }
        Ok(allowed)
    }
}

/// Converts the value of a rule for debug responses.
pub(super) fn debug_value(value: &super::CelValue) -> Result<Value, Failure> {
    let beyond = || {
        let message = "the rule's value cannot be represented as JSON: it is unsigned, bytes, a type or a part of the request";
        Failure::rejected("validation-failed", message)
    };
    value.to_json().ok_or_else(beyond)
}
