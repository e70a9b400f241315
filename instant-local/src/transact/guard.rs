//! The permission checks of one transaction (`docs/protocol/transactions.md`, appendix B): of the
//! state before it, and of the state after it.

use std::collections::{HashMap, HashSet};

use instant_core::{Object, Uuid, Value};

use super::{
    DebugMode,
    intents::{Intent, Intents, Named},
};
use crate::{
    app::App,
    catalog::{Attribute, NamespaceNo},
    document::Document,
    failure::Failure,
    layout,
    request::RequestContext,
    rules::{Action, LinkedRow, PermissionCheck, RowCheck, RuleSource, WriteChecks, values},
    state::StateRef,
};

/// Checks one transaction against the rules of an app.
#[derive(Debug)]
pub(super) struct TransactionGuard<'a> {
    context: &'a RequestContext,
    rules: RuleSource<'a>,
    app_id: Uuid,
    debug: Option<DebugMode>,
    checks: Option<WriteChecks>,
    rows: HashMap<Named, RowChange>,
    /// The rows that get values, an id at least.
    written: HashSet<Named>,
    /// What is checked when everything is written.
    pending: Vec<PendingCheck>,
}

/// What the transaction does to a row.
#[derive(Debug)]
struct RowChange {
    /// As it is; none if it does not exist.
    before: Option<Object>,
    /// As it will be.
    after: Object,
    modified: Vec<String>,
    rule_params: Option<Value>,
}

/// A row_check about a row that exists only when the transaction is done.
#[derive(Debug)]
enum PendingCheck {
    Row(Action, Named),
    Link { action: Action, row: Named, other: Named, reported_as: NamespaceNo },
}

impl<'a> TransactionGuard<'a> {
    pub(super) fn new(
        app: &App,
        context: &'a RequestContext,
        rules: RuleSource<'a>,
        debug: Option<DebugMode>,
    ) -> Self {
        Self {
            context,
            rules,
            app_id: app.id(),
            debug,
            checks: None,
            rows: HashMap::new(),
            written: HashSet::new(),
            pending: Vec::new(),
        }
    }

    /// Checks what can be checked before anything is written. `state` is that before the
    /// transaction.
    ///
    /// # Errors
    ///
    /// The rejection by a rule.
    pub(super) fn before(&mut self, intents: &Intents<'_>, state: StateRef<'_>) -> Result<(), Failure> {
        let permissions = self.rules.permissions(state.snapshot, self.app_id, self.debug.is_some())?;
        let mut checks = WriteChecks::new(permissions, self.context);
        let mut pass = CheckPass {
            intents,
            state,
            checks: &mut checks,
            rows: &mut self.rows,
            written: &mut self.written,
            pending: &mut self.pending,
        };
        pass.before()?;
        let verdict = checks.verdict();
        self.checks = Some(checks);
        verdict
    }

    /// Checks what is left when everything is written and valid. `state` is that after the
    /// transaction.
    ///
    /// # Errors
    ///
    /// The rejection by a rule.
    pub(super) fn after(&mut self, intents: &Intents<'_>, state: StateRef<'_>) -> Result<(), Failure> {
        let Some(checks) = &mut self.checks else { return Ok(()) };
        checks.state_changed();
        let pending = std::mem::take(&mut self.pending);
        let mut pass = CheckPass {
            intents,
            state,
            checks,
            rows: &mut self.rows,
            written: &mut self.written,
            pending: &mut self.pending,
        };
        pass.after(pending)?;
        checks.verdict()
    }

    /// Returns whether all checks passed.
    pub(super) fn all_passed(&self) -> bool {
        self.checks.as_ref().is_none_or(WriteChecks::all_passed)
    }

    /// Returns the checks, if they are recorded.
    pub(super) fn into_checks(self) -> Vec<PermissionCheck> {
        self.checks.map(|checks| checks.records).unwrap_or_default()
    }
}

/// One turn of questions.
struct CheckPass<'t, 'p> {
    intents: &'t Intents<'p>,
    state: StateRef<'t>,
    checks: &'t mut WriteChecks,
    rows: &'t mut HashMap<Named, RowChange>,
    written: &'t mut HashSet<Named>,
    pending: &'t mut Vec<PendingCheck>,
}

impl CheckPass<'_, '_> {
    fn before(&mut self) -> Result<(), Failure> {
        for intent in &self.intents.all {
            if let Intent::Write { entity } = intent {
                self.written.insert(self.intents.same(*entity));
            }
        }
        for intent in &self.intents.all {
            match intent {
                Intent::Write { entity } => self.own(*entity)?,
                Intent::Link { attribute, from, to } => self.link(attribute, *from, *to, true)?,
                Intent::Unlink { attribute, from, to } => self.link(attribute, *from, *to, false)?,
                Intent::Delete { entity } => {
                    let Some(id) = self.intents.id(*entity) else { continue };
                    let rule_params = self.change(*entity)?.rule_params.clone();
                    let data = self.read(*entity)?;
                    let row_check = row_check(Action::Delete, *entity, id, data, None);
                    self.checks
                        .check_row(self.state, RowCheck { rule_params: rule_params.as_ref(), ..row_check })?;
                }
                Intent::DeleteAttr => self.checks.deny_attr_deletion(),
                Intent::AddAttr { .. } => {}
            }
        }
        Ok(())
    }

    fn after(&mut self, pending: Vec<PendingCheck>) -> Result<(), Failure> {
        for pending in pending {
            match pending {
                PendingCheck::Row(action, row) => {
                    let Some((id, data)) = self.created_row(row)? else { continue };
                    let change = self.change(row)?;
                    let (modified, rule_params) = (change.modified.clone(), change.rule_params.clone());
                    let row_check = row_check(action, row, id, Some(data.clone()), Some(data));
                    let rule_params = rule_params.as_ref();
                    self.checks
                        .check_row(self.state, RowCheck { modified: &modified, rule_params, ..row_check })?;
                }
                PendingCheck::Link { action, row, other, reported_as } => {
                    let Some((id, data)) = self.created_row(row)? else { continue };
                    let actions = [self.link_effect(row)?, self.link_effect(other)?];
                    let linked = self.intents.id(other).map(|id| (id, other));
                    let linked = match linked {
                        Some((id, other)) => {
                            let data = self.created_row(other)?.map(|(_, data)| data);
                            Some(LinkedRow { namespace: other.namespace, id, data, actions })
                        }
                        None => None,
                    };
                    let rule_params = self.change(row)?.rule_params.clone();
                    let row_check = row_check(action, row, id, Some(data.clone()), Some(data));
                    let rule_params = rule_params.as_ref();
                    self.checks
                        .check_row(self.state, RowCheck { linked, rule_params, reported_as, ..row_check })?;
                }
            }
        }
        for intent in &self.intents.all {
            if let Intent::AddAttr { attr: Value::Object(attribute) } = intent {
                self.checks.check_attr_creation(self.state, attribute.clone())?;
            }
        }
        Ok(())
    }

    /// Asks whether the row may be updated, or, pending, created.
    fn own(&mut self, row: Named) -> Result<(), Failure> {
        let id = self.intents.id(row);
        let change = self.change(row)?;
        let (Some(before), Some(id)) = (&change.before, id) else {
            self.pending.push(PendingCheck::Row(Action::Create, row));
            return Ok(());
        };
        let (before, after) = (Some(before.clone()), Some(change.after.clone()));
        let (modified, rule_params) = (change.modified.clone(), change.rule_params.clone());
        let row_check = row_check(Action::Update, row, id, before, after);
        self.checks.check_row(
            self.state,
            RowCheck { modified: &modified, rule_params: rule_params.as_ref(), ..row_check },
        )
    }

    fn link(&mut self, attribute: &Attribute, from: Named, to: Named, link: bool) -> Result<(), Failure> {
        let reverse = attribute.attr.reverse.as_ref().map_or("", |reverse| &reverse.label);
        let action = |label: &str| {
            if link { Action::Link(label.to_owned()) } else { Action::Unlink(label.to_owned()) }
        };
        let sides = [(from, to, action(attribute.label())), (to, from, action(reverse))];
        let mut defined = [false, false];
        for ((row, _, action), defined) in sides.iter().zip(&mut defined) {
            let name = self.state.catalog.namespace_name(row.namespace).unwrap_or_default();
            *defined = self.checks.permissions.rules.rule(name, action)?.is_some();
        }
        if defined == [false, false] {
            if link || self.change(from)?.before.is_some() {
                self.own(from)?;
            }
            return self.view(to, link);
        }
        for (at, (row, other, action)) in sides.into_iter().enumerate().filter(|(at, _)| defined[*at]) {
            let forward = at == 0;
            let reported_as = from.namespace;
            let change = self.change(row)?;
            let (before, after) = (change.before.clone(), change.after.clone());
            let rule_params = change.rule_params.clone();
            let Some((mut data, id)) = before.zip(self.intents.id(row)) else {
                if link && self.written.contains(&self.intents.same(row)) {
                    self.pending.push(PendingCheck::Link { action, row, other, reported_as });
                }
                continue;
            };
            if !forward {
                data.insert("$action", "update");
            }
            let actions = [self.link_effect(row)?, self.link_effect(other)?];
            // The row that stores the link is seen with it from the other side.
            let other_change = self.change(other)?;
            let linked_data =
                if forward { other_change.before.clone() } else { Some(other_change.after.clone()) };
            let linked = LinkedRow {
                namespace: other.namespace,
                id: self.intents.id(other).unwrap_or_default(),
                data: linked_data,
                actions,
            };
            let row_check = row_check(action, row, id, Some(data), Some(after));
            let (linked, rule_params) = (Some(linked), rule_params.as_ref());
            self.checks.check_row(self.state, RowCheck { linked, rule_params, reported_as, ..row_check })?;
        }
        Ok(())
    }

    /// Asks whether the target of a link may be seen, now or once it is created_row.
    fn view(&mut self, row: Named, link: bool) -> Result<(), Failure> {
        let id = self.intents.id(row);
        let change = self.change(row)?;
        let Some((before, id)) = change.before.clone().zip(id) else {
            if link && self.written.contains(&self.intents.same(row)) {
                self.pending.push(PendingCheck::Row(Action::View, row));
            }
            return Ok(());
        };
        let (after, rule_params) = (change.after.clone(), change.rule_params.clone());
        let row_check = row_check(Action::View, row, id, Some(before), Some(after));
        self.checks.check_row(self.state, RowCheck { rule_params: rule_params.as_ref(), ..row_check })
    }

    fn link_effect(&mut self, row: Named) -> Result<&'static str, Failure> {
        Ok(if self.change(row)?.before.is_some() { "update" } else { "create" })
    }

    /// A row that the transaction created_row, as steps say; what the backend adds by itself is not shown.
    fn created_row(&mut self, row: Named) -> Result<Option<(Uuid, Object)>, Failure> {
        let Some(id) = self.intents.id(row) else { return Ok(None) };
        let Some(stored) = self.read(row)? else { return Ok(None) };
        let after = self.change(row)?.after.clone();
        let mut data = Object::new();
        for (label, value) in stored {
            if !value.is_null() || after.get(&label).is_some() {
                data.insert(label, value);
            }
        }
        for (label, value) in after {
            if data.get(&label).is_none() {
                data.insert(label, value);
            }
        }
        Ok(Some((id, data)))
    }

    /// What the transaction does to a row, found out in the first turn.
    fn change(&mut self, row: Named) -> Result<&RowChange, Failure> {
        let row = self.intents.same(row);
        if !self.rows.contains_key(&row) {
            let before = self.read(row)?;
            let mut after = self.intents.applied(row, before.clone().unwrap_or_default());
            if let (Some(_), Some(lookup)) = (&before, self.intents.lookup_of(row)) {
                after.insert("id", lookup);
            }
            let modified = self.intents.modified(row).into_iter().map(str::to_owned).collect();
            let rule_params = Some(self.intents.rule_params(row)).filter(|params| !params.is_empty());
            let change = RowChange { before, after, modified, rule_params: rule_params.map(Value::from) };
            self.rows.insert(row, change);
        }
        self.rows.get(&row).ok_or_else(|| Failure::damaged("a row that nobody looked at"))
    }

    /// The values of a row; none if it has none.
    fn read(&self, row: Named) -> Result<Option<Object>, Failure> {
        let Some(id) = self.intents.id(row) else { return Ok(None) };
        let Some(bytes) = self.state.snapshot.get(&layout::entity(row.namespace, &id))? else {
            return Ok(None);
        };
        let values = values(self.state.catalog, &Document::new(&bytes));
        Ok(Some(values).filter(|values| !values.is_empty()))
    }
}

fn row_check<'q>(
    action: Action,
    row: Named,
    id: Uuid,
    data: Option<Object>,
    new_data: Option<Object>,
) -> RowCheck<'q> {
    let namespace = row.namespace;
    RowCheck {
        action,
        namespace,
        id,
        data,
        new_data,
        linked: None,
        modified: &[],
        rule_params: None,
        reported_as: namespace,
    }
}
