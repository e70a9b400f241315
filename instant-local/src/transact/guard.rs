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
    rules::{Action, Checked, Judge, Linked, Question, RuleSource, values},
    state::StateRef,
};

/// Checks one transaction against the rules of an app.
#[derive(Debug)]
pub(super) struct TransactionGuard<'a> {
    context: &'a RequestContext,
    rules: RuleSource<'a>,
    app_id: Uuid,
    debug: Option<DebugMode>,
    judge: Option<Judge>,
    rows: HashMap<Named, Touched>,
    /// The rows that get values, an id at least.
    written: HashSet<Named>,
    /// What is checked when everything is written.
    later: Vec<Later>,
}

/// What the transaction does to a row.
#[derive(Debug)]
struct Touched {
    /// As it is; none if it does not exist.
    before: Option<Object>,
    /// As it will be.
    after: Object,
    modified: Vec<String>,
    rule_params: Option<Value>,
}

/// A question about a row that exists only when the transaction is done.
#[derive(Debug)]
enum Later {
    Row(Action, Named),
    Link { action: Action, row: Named, other: Named, named: NamespaceNo },
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
            judge: None,
            rows: HashMap::new(),
            written: HashSet::new(),
            later: Vec::new(),
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
        let mut judge = Judge::new(permissions, self.context);
        let mut asking = Asking {
            intents,
            state,
            judge: &mut judge,
            rows: &mut self.rows,
            written: &mut self.written,
            later: &mut self.later,
        };
        asking.before()?;
        let verdict = judge.verdict();
        self.judge = Some(judge);
        verdict
    }

    /// Checks what is left when everything is written and valid. `state` is that after the
    /// transaction.
    ///
    /// # Errors
    ///
    /// The rejection by a rule.
    pub(super) fn after(&mut self, intents: &Intents<'_>, state: StateRef<'_>) -> Result<(), Failure> {
        let Some(judge) = &mut self.judge else { return Ok(()) };
        judge.state_changed();
        let later = std::mem::take(&mut self.later);
        let mut asking = Asking {
            intents,
            state,
            judge,
            rows: &mut self.rows,
            written: &mut self.written,
            later: &mut self.later,
        };
        asking.after(later)?;
        judge.verdict()
    }

    /// Returns whether all checks passed.
    pub(super) fn all_passed(&self) -> bool {
        self.judge.as_ref().is_none_or(Judge::all_passed)
    }

    /// Returns the checks, if they are recorded.
    pub(super) fn into_checks(self) -> Vec<Checked> {
        self.judge.map(|judge| judge.trace).unwrap_or_default()
    }
}

/// One turn of questions.
struct Asking<'t, 'p> {
    intents: &'t Intents<'p>,
    state: StateRef<'t>,
    judge: &'t mut Judge,
    rows: &'t mut HashMap<Named, Touched>,
    written: &'t mut HashSet<Named>,
    later: &'t mut Vec<Later>,
}

impl Asking<'_, '_> {
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
                    let rule_params = self.touched(*entity)?.rule_params.clone();
                    let data = self.read(*entity)?;
                    let question = question(Action::Delete, *entity, id, data, None);
                    self.judge.ask(self.state, Question { rule_params: rule_params.as_ref(), ..question })?;
                }
                Intent::DeleteAttr => self.judge.refuse_attr(),
                Intent::AddAttr { .. } => {}
            }
        }
        Ok(())
    }

    fn after(&mut self, later: Vec<Later>) -> Result<(), Failure> {
        for later in later {
            match later {
                Later::Row(action, row) => {
                    let Some((id, data)) = self.made(row)? else { continue };
                    let touched = self.touched(row)?;
                    let (modified, rule_params) = (touched.modified.clone(), touched.rule_params.clone());
                    let question = question(action, row, id, Some(data.clone()), Some(data));
                    let rule_params = rule_params.as_ref();
                    self.judge.ask(self.state, Question { modified: &modified, rule_params, ..question })?;
                }
                Later::Link { action, row, other, named } => {
                    let Some((id, data)) = self.made(row)? else { continue };
                    let actions = [self.becomes(row)?, self.becomes(other)?];
                    let linked = self.intents.id(other).map(|id| (id, other));
                    let linked = match linked {
                        Some((id, other)) => {
                            let data = self.made(other)?.map(|(_, data)| data);
                            Some(Linked { namespace: other.namespace, id, data, actions })
                        }
                        None => None,
                    };
                    let rule_params = self.touched(row)?.rule_params.clone();
                    let question = question(action, row, id, Some(data.clone()), Some(data));
                    let rule_params = rule_params.as_ref();
                    self.judge.ask(self.state, Question { linked, rule_params, named, ..question })?;
                }
            }
        }
        for intent in &self.intents.all {
            if let Intent::AddAttr { attr: Value::Object(attribute) } = intent {
                self.judge.ask_attr(self.state, attribute.clone())?;
            }
        }
        Ok(())
    }

    /// Asks whether the row may be updated, or, later, created.
    fn own(&mut self, row: Named) -> Result<(), Failure> {
        let id = self.intents.id(row);
        let touched = self.touched(row)?;
        let (Some(before), Some(id)) = (&touched.before, id) else {
            self.later.push(Later::Row(Action::Create, row));
            return Ok(());
        };
        let (before, after) = (Some(before.clone()), Some(touched.after.clone()));
        let (modified, rule_params) = (touched.modified.clone(), touched.rule_params.clone());
        let question = question(Action::Update, row, id, before, after);
        self.judge
            .ask(self.state, Question { modified: &modified, rule_params: rule_params.as_ref(), ..question })
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
            *defined = self.judge.permissions.rules.rule(name, action)?.is_some();
        }
        if defined == [false, false] {
            if link || self.touched(from)?.before.is_some() {
                self.own(from)?;
            }
            return self.view(to, link);
        }
        for (at, (row, other, action)) in sides.into_iter().enumerate().filter(|(at, _)| defined[*at]) {
            let forward = at == 0;
            let named = from.namespace;
            let touched = self.touched(row)?;
            let (before, after) = (touched.before.clone(), touched.after.clone());
            let rule_params = touched.rule_params.clone();
            let Some((mut data, id)) = before.zip(self.intents.id(row)) else {
                if link && self.written.contains(&self.intents.same(row)) {
                    self.later.push(Later::Link { action, row, other, named });
                }
                continue;
            };
            if !forward {
                data.insert("$action", "update");
            }
            let actions = [self.becomes(row)?, self.becomes(other)?];
            // The row that stores the link is seen with it from the other side.
            let there = self.touched(other)?;
            let linked_data = if forward { there.before.clone() } else { Some(there.after.clone()) };
            let linked = Linked {
                namespace: other.namespace,
                id: self.intents.id(other).unwrap_or_default(),
                data: linked_data,
                actions,
            };
            let question = question(action, row, id, Some(data), Some(after));
            let (linked, rule_params) = (Some(linked), rule_params.as_ref());
            self.judge.ask(self.state, Question { linked, rule_params, named, ..question })?;
        }
        Ok(())
    }

    /// Asks whether the target of a link may be seen, now or once it is made.
    fn view(&mut self, row: Named, link: bool) -> Result<(), Failure> {
        let id = self.intents.id(row);
        let touched = self.touched(row)?;
        let Some((before, id)) = touched.before.clone().zip(id) else {
            if link && self.written.contains(&self.intents.same(row)) {
                self.later.push(Later::Row(Action::View, row));
            }
            return Ok(());
        };
        let (after, rule_params) = (touched.after.clone(), touched.rule_params.clone());
        let question = question(Action::View, row, id, Some(before), Some(after));
        self.judge.ask(self.state, Question { rule_params: rule_params.as_ref(), ..question })
    }

    fn becomes(&mut self, row: Named) -> Result<&'static str, Failure> {
        Ok(if self.touched(row)?.before.is_some() { "update" } else { "create" })
    }

    /// A row that the transaction made, as steps say; what the backend adds by itself is not shown.
    fn made(&mut self, row: Named) -> Result<Option<(Uuid, Object)>, Failure> {
        let Some(id) = self.intents.id(row) else { return Ok(None) };
        let Some(stored) = self.read(row)? else { return Ok(None) };
        let after = self.touched(row)?.after.clone();
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
    fn touched(&mut self, row: Named) -> Result<&Touched, Failure> {
        let row = self.intents.same(row);
        if !self.rows.contains_key(&row) {
            let before = self.read(row)?;
            let mut after = self.intents.applied(row, before.clone().unwrap_or_default());
            if let (Some(_), Some(lookup)) = (&before, self.intents.lookup_of(row)) {
                after.insert("id", lookup);
            }
            let modified = self.intents.modified(row).into_iter().map(str::to_owned).collect();
            let rule_params = Some(self.intents.rule_params(row)).filter(|params| !params.is_empty());
            let touched = Touched { before, after, modified, rule_params: rule_params.map(Value::from) };
            self.rows.insert(row, touched);
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

fn question<'q>(
    action: Action,
    row: Named,
    id: Uuid,
    data: Option<Object>,
    new_data: Option<Object>,
) -> Question<'q> {
    let namespace = row.namespace;
    Question {
        action,
        namespace,
        id,
        data,
        new_data,
        linked: None,
        modified: &[],
        rule_params: None,
        named: namespace,
    }
}
