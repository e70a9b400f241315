//! The permission checks of one transaction (`docs/protocol/transactions.md`,
//! "Appendix B: permissions"): some on the state before it, others on the state after it.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use instant_core::{Object, Uuid, Value};

use super::{
    DebugMode,
    intents::{Intent, Intents, NamedEntity},
};
use crate::{
    app::App,
    budget::Budget,
    catalog::{Attribute, NamespaceNo},
    document::Document,
    failure::Failure,
    layout,
    request::RequestContext,
    rules::{Action, LinkedRow, PermissionCheck, RowCheck, RuleSource, WriteChecks, values},
    state::StateRef,
};

/// Checks a transaction against the rules of an app.
#[derive(Debug)]
pub(super) struct TransactionGuard<'a> {
    context: &'a RequestContext,
    rules: RuleSource<'a>,
    app_id: Uuid,
    debug: Option<DebugMode>,
    budget: Rc<Budget>,
    checks: Option<WriteChecks>,
    rows: HashMap<NamedEntity, RowChange>,
    /// The rows to which the transaction writes values or at least an id.
    written: HashSet<NamedEntity>,
    /// The checks that ran or are scheduled. Each would copy the row to find that it ran before.
    checked: HashSet<(NamedEntity, RowCheckKind)>,
    /// The checks to run after all writes.
    pending: Vec<PendingCheck>,
}

/// A row before and after the transaction.
#[derive(Debug)]
struct RowChange {
    /// The row before the transaction; `None` if it does not exist.
    before: Option<Object>,
    /// The row after the transaction.
    after: Object,
    modified: Vec<String>,
    rule_params: Option<Value>,
}

/// A check that concerns only a row, not another one that it is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RowCheckKind {
    Write,
    View { link: bool },
}

/// A check of a row that does not exist before the transaction.
#[derive(Debug)]
enum PendingCheck {
    Row(Action, NamedEntity),
    Link { action: Action, row: NamedEntity, other: NamedEntity, reported_as: NamespaceNo },
}

impl<'a> TransactionGuard<'a> {
    pub(super) fn new(
        app: &App,
        context: &'a RequestContext,
        rules: RuleSource<'a>,
        debug: Option<DebugMode>,
        budget: &Rc<Budget>,
    ) -> Self {
        Self {
            context,
            rules,
            app_id: app.id(),
            debug,
            budget: Rc::clone(budget),
            checks: None,
            rows: HashMap::new(),
            written: HashSet::new(),
            checked: HashSet::new(),
            pending: Vec::new(),
        }
    }

    /// Runs the checks on `state`, the state before the transaction.
    ///
    /// # Errors
    ///
    /// Returns the rejection by a rule.
    pub(super) fn check_before(&mut self, intents: &Intents<'_>, state: StateRef<'_>) -> Result<(), Failure> {
        let permissions = self.rules.permissions(state.snapshot, self.app_id, self.debug.is_some())?;
        let mut checks = WriteChecks::new(permissions, self.context, Rc::clone(&self.budget));
        let mut pass = CheckPass {
            intents,
            state,
            checks: &mut checks,
            budget: &self.budget,
            rows: &mut self.rows,
            written: &mut self.written,
            checked: &mut self.checked,
            pending: &mut self.pending,
        };
        pass.before()?;
        let verdict = checks.verdict();
        self.checks = Some(checks);
        verdict
    }

    /// Runs the remaining checks on `state`, the state after the transaction, whose writes are
    /// valid.
    ///
    /// # Errors
    ///
    /// Returns the rejection by a rule.
    pub(super) fn check_after(&mut self, intents: &Intents<'_>, state: StateRef<'_>) -> Result<(), Failure> {
        let Some(checks) = &mut self.checks else { return Ok(()) };
        checks.state_changed();
        let pending = std::mem::take(&mut self.pending);
        let mut pass = CheckPass {
            intents,
            state,
            checks,
            budget: &self.budget,
            rows: &mut self.rows,
            written: &mut self.written,
            checked: &mut self.checked,
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

/// One pass of checks, before or after the writes.
struct CheckPass<'t, 'p> {
    intents: &'t Intents<'p>,
    state: StateRef<'t>,
    checks: &'t mut WriteChecks,
    budget: &'t Budget,
    rows: &'t mut HashMap<NamedEntity, RowChange>,
    written: &'t mut HashSet<NamedEntity>,
    checked: &'t mut HashSet<(NamedEntity, RowCheckKind)>,
    pending: &'t mut Vec<PendingCheck>,
}

impl CheckPass<'_, '_> {
    fn before(&mut self) -> Result<(), Failure> {
        for intent in &self.intents.all {
            if let Intent::Write { entity } = intent {
                self.written.insert(self.intents.canonical(*entity));
            }
        }
        for intent in &self.intents.all {
            self.budget.tick()?;
            match intent {
                Intent::Write { entity } => self.check_write(*entity)?,
                Intent::Link { attribute, from, to } => self.check_link(attribute, *from, *to, true)?,
                Intent::Unlink { attribute, from, to } => self.check_link(attribute, *from, *to, false)?,
                Intent::Delete { entity } => {
                    let Some(id) = self.intents.id(*entity) else { continue };
                    let rule_params = self.change(*entity)?.rule_params.clone();
                    let data = self.stored_values(*entity)?;
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

    /// Checks the update of an existing row, or schedules the check of a new one.
    fn check_write(&mut self, row: NamedEntity) -> Result<(), Failure> {
        if !self.checked.insert((self.intents.canonical(row), RowCheckKind::Write)) {
            return Ok(());
        }
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

    fn check_link(
        &mut self,
        attribute: &Attribute,
        from: NamedEntity,
        to: NamedEntity,
        link: bool,
    ) -> Result<(), Failure> {
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
                self.check_write(from)?;
            }
            return self.check_view(to, link);
        }
        for (at, (row, other, action)) in sides.into_iter().enumerate().filter(|(at, _)| defined[*at]) {
            let forward = at == 0;
            let reported_as = from.namespace;
            let change = self.change(row)?;
            let (before, after) = (change.before.clone(), change.after.clone());
            let rule_params = change.rule_params.clone();
            let Some((mut data, id)) = before.zip(self.intents.id(row)) else {
                if link && self.written.contains(&self.intents.canonical(row)) {
                    self.pending.push(PendingCheck::Link { action, row, other, reported_as });
                }
                continue;
            };
            if !forward {
                data.insert("$action", "update");
            }
            let actions = [self.link_effect(row)?, self.link_effect(other)?];
            // From the other side, the row that stores the link is seen with the link.
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

    /// Checks whether the caller may view the target of a link, after the writes if it is new.
    fn check_view(&mut self, row: NamedEntity, link: bool) -> Result<(), Failure> {
        if !self.checked.insert((self.intents.canonical(row), RowCheckKind::View { link })) {
            return Ok(());
        }
        let id = self.intents.id(row);
        let change = self.change(row)?;
        let Some((before, id)) = change.before.clone().zip(id) else {
            if link && self.written.contains(&self.intents.canonical(row)) {
                self.pending.push(PendingCheck::Row(Action::View, row));
            }
            return Ok(());
        };
        let (after, rule_params) = (change.after.clone(), change.rule_params.clone());
        let row_check = row_check(Action::View, row, id, Some(before), Some(after));
        self.checks.check_row(self.state, RowCheck { rule_params: rule_params.as_ref(), ..row_check })
    }

    fn link_effect(&mut self, row: NamedEntity) -> Result<&'static str, Failure> {
        Ok(if self.change(row)?.before.is_some() { "update" } else { "create" })
    }

    /// Returns a row that the transaction created, with the values that its steps set. Values that
    /// the backend adds are omitted.
    fn created_row(&mut self, row: NamedEntity) -> Result<Option<(Uuid, Object)>, Failure> {
        let Some(id) = self.intents.id(row) else { return Ok(None) };
        let Some(stored) = self.stored_values(row)? else { return Ok(None) };
        let after = self.change(row)?.after.clone();
        let labels = HashSet::<&str>::from_iter(after.keys());
        let kept = stored.into_iter().filter(|(label, value)| !value.is_null() || labels.contains(&**label));
        let kept = Vec::from_iter(kept);
        let known = HashSet::<String>::from_iter(kept.iter().map(|(label, _)| label.clone()));
        let added = after.into_iter().filter(|(label, _)| !known.contains(label));
        Ok(Some((id, kept.into_iter().chain(added).collect())))
    }

    /// Returns how the transaction changes a row, which is computed once in the first pass.
    fn change(&mut self, row: NamedEntity) -> Result<&RowChange, Failure> {
        let row = self.intents.canonical(row);
        if !self.rows.contains_key(&row) {
            let before = self.stored_values(row)?;
            let mut after = self.intents.values_after(row, before.clone().unwrap_or_default());
            if let (Some(_), Some(lookup)) = (&before, self.intents.lookup_of(row)) {
                after.insert("id", lookup);
            }
            let modified = self.intents.modified(row).into_iter().map(str::to_owned).collect();
            let rule_params = Some(self.intents.rule_params(row)).filter(|params| !params.is_empty());
            let change = RowChange { before, after, modified, rule_params: rule_params.map(Value::from) };
            self.rows.insert(row, change);
        }
        self.rows.get(&row).ok_or_else(|| Failure::damaged("a row without a recorded change"))
    }

    /// Returns the values of a row; `None` if it has none.
    fn stored_values(&self, row: NamedEntity) -> Result<Option<Object>, Failure> {
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
    row: NamedEntity,
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
