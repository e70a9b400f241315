//! The environment of rules: rows, the caller's user and the request. Values are read when an
//! expression first accesses them.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
    sync::Arc,
};

use instant_cel::{CelValue, Host, Record, RuleError};
use instant_core::{Object, Uuid, Value, dates};

use super::{EvalError, document::Rules};
use crate::{
    auth::{User, UserKey},
    budget::Budget,
    caller::Caller,
    catalog::{Catalog, NamespaceNo, Side},
    clock::now,
    document::Document,
    failure::Failure,
    layout,
    request::Origin,
    state::StateRef,
    store::Direction,
};

/// The context that all evaluations of one request share: its caller and origin, and values of the
/// caller's user.
#[derive(Debug)]
pub(crate) struct RuleContext {
    pub(crate) caller: Caller,
    pub(crate) app_id: Uuid,
    pub(crate) origin: Origin,
    user: OnceCell<Object>,
    /// The results of `auth.ref`, by path. They are the same for every row.
    auth_references: RefCell<HashMap<String, Arc<[CelValue]>>>,
    ticks: Cell<i64>,
    pub(crate) budget: Rc<Budget>,
}

impl RuleContext {
    pub(crate) fn new(caller: Caller, app_id: Uuid, origin: Origin, budget: Rc<Budget>) -> Self {
        Self {
            caller,
            app_id,
            origin,
            user: OnceCell::new(),
            auth_references: RefCell::default(),
            ticks: Cell::new(0),
            budget,
        }
    }

    /// Sets the user that rules see as `auth`, for a user that is not stored yet.
    pub(crate) fn with_user(self, user: Object) -> Self {
        Self { user: OnceCell::from(user), ..self }
    }

    /// Returns the user as rules see it. It is empty for a guest and for a user that does not
    /// exist.
    fn user(&self, state: StateRef<'_>) -> Result<&Object, EvalError> {
        if let Some(user) = self.user.get() {
            return Ok(user);
        }
        let user = match &self.caller {
            Caller::User(id) => User::find(state, &UserKey::Id(*id)).map_err(abort)?,
            Caller::Admin | Caller::Guest => None,
        };
        let user = user.map(|user| user.to_json(self.app_id, None)).unwrap_or_default();
        Ok(self.user.get_or_init(|| user))
    }

    /// Discards the results of `auth.ref`, because the state has changed.
    pub(crate) fn clear_references(&self) {
        self.auth_references.borrow_mut().clear();
    }

    /// Returns the time in nanoseconds since 1970, later at each call.
    fn time(&self) -> i128 {
        self.ticks.set(self.ticks.get() + 1);
        i128::from(now()) * 1_000_000 + i128::from(self.ticks.get()) * 1000
    }
}

/// A row that a rule accesses, as `data`, `newData` or `linkedData`.
#[derive(Debug, Clone)]
pub(crate) enum RuleRow<'a> {
    /// A stored row. It has no values if it has no document.
    Stored { namespace: NamespaceNo, id: Uuid, document: Option<Document<'a>> },
    /// Values computed before the evaluation. `ref` follows links from `links_from`, if it is set.
    Computed { values: Option<Object>, links_from: Option<(NamespaceNo, Uuid)> },
    /// A missing row. Reading it is an error.
    Absent,
}

impl RuleRow<'_> {
    fn field(&self, state: StateRef<'_>, name: &str) -> Result<CelValue, EvalError> {
        match self {
            Self::Stored { namespace, id, document } => {
                let label = state.catalog.namespace_by_no(*namespace).and_then(|known| known.label(name));
                let attribute =
                    label.filter(|label| label.side == Side::Forward && label.attribute.is_to_one());
                let stored = attribute.and_then(|label| document.as_ref()?.get(label.attribute.no));
                Ok(match stored {
                    Some(json) => CelValue::from_json_text(json),
                    None if name == "id" && document.is_some() => CelValue::string(id.to_string()),
                    None => CelValue::Null,
                })
            }
            Self::Computed { values, .. } => {
                let value = values.as_ref().and_then(|values| values.get(name)).cloned();
                Ok(value.map(CelValue::from_json).unwrap_or_default())
            }
            Self::Absent => Err(missing_row()),
        }
    }

    /// Returns all values, or `None` if the row does not exist.
    pub(crate) fn to_object(&self, state: StateRef<'_>) -> Option<Object> {
        match self {
            Self::Stored { document, .. } => Some(values(state.catalog, document.as_ref()?)),
            Self::Computed { values, .. } => values.clone(),
            Self::Absent => None,
        }
    }
}

/// Returns the values of a row by label.
pub(crate) fn values(catalog: &Catalog, document: &Document<'_>) -> Object {
    let named = |(no, json)| {
        let attribute = catalog.attribute(no)?;
        Some((attribute.label().to_owned(), Value::parse(json).unwrap_or_default()))
    };
    document.values().filter_map(named).collect()
}

/// The host of one evaluation of a rule.
pub(crate) struct RuleHost<'a> {
    pub(crate) state: StateRef<'a>,
    pub(crate) rule_context: &'a RuleContext,
    pub(crate) rules: &'a Rules,
    pub(crate) rule_params: Option<&'a Value>,
    pub(crate) data: RuleRow<'a>,
    pub(crate) new_data: RuleRow<'a>,
    pub(crate) linked_data: RuleRow<'a>,
    pub(crate) actions: Object,
    pub(crate) modified: &'a [String],
}

impl<'a> RuleHost<'a> {
    /// Creates a host that has rows only.
    pub(crate) fn new(
        state: StateRef<'a>,
        rule_context: &'a RuleContext,
        rules: &'a Rules,
        data: RuleRow<'a>,
        new_data: RuleRow<'a>,
    ) -> Self {
        let (linked_data, actions, modified) = (RuleRow::Absent, Object::new(), &[]);
        Self { state, rule_context, rules, rule_params: None, data, new_data, linked_data, actions, modified }
    }
}

impl RuleHost<'_> {
    fn row(&self, record: Record) -> Option<&RuleRow<'_>> {
        match record {
            Record::Data => Some(&self.data),
            Record::NewData => Some(&self.new_data),
            Record::LinkedData => Some(&self.linked_data),
            Record::Auth | Record::RuleParams | Record::Actions => None,
        }
    }

    fn rule_params(&self) -> Result<Option<&Object>, EvalError> {
        match self.rule_params {
            // A list has no keys.
            None | Some(Value::Null | Value::Array(_)) => Ok(None),
            Some(Value::Object(params)) => Ok(Some(params)),
            Some(other) => Err(RuleError::new(
                "INTERNAL_ERROR",
                format!("expected ruleParams to be an object, found {}", other.type_name()),
            )
            .into()),
        }
    }
}

impl Host for RuleHost<'_> {
    type Error = Failure;

    fn field(&self, record: Record, name: &str) -> Result<CelValue, EvalError> {
        let of = |object: Option<&Object>| object.and_then(|object| object.get(name)).cloned();
        let found = match record {
            Record::Auth => of(Some(self.rule_context.user(self.state)?)),
            Record::RuleParams => of(self.rule_params()?),
            Record::Actions => of(Some(&self.actions)),
            Record::Data => return self.data.field(self.state, name),
            Record::NewData => return self.new_data.field(self.state, name),
            Record::LinkedData => return self.linked_data.field(self.state, name),
        };
        Ok(found.map(CelValue::from_json).unwrap_or_default())
    }

    fn object(&self, record: Record) -> Result<CelValue, EvalError> {
        let object = match record {
            Record::Auth => self.rule_context.user(self.state)?.clone(),
            Record::RuleParams => self.rule_params()?.cloned().unwrap_or_default(),
            Record::Actions => self.actions.clone(),
            _ => match self.row(record) {
                Some(RuleRow::Absent) => return Err(missing_row()),
                row => row.and_then(|row| row.to_object(self.state)).unwrap_or_default(),
            },
        };
        Ok(CelValue::from_json(object.into()))
    }

    fn reference(&self, record: Record, path: &str) -> Result<Arc<[CelValue]>, EvalError> {
        if record == Record::Auth {
            let Caller::User(id) = self.rule_context.caller else { return Ok(Arc::default()) };
            if let Some(known) = self.rule_context.auth_references.borrow().get(path) {
                return Ok(Arc::clone(known));
            }
            let users = self.state.catalog.namespace("$users").map(|users| users.no);
            let links = path.strip_prefix("$user.").unwrap_or(path);
            let found = users.map_or(Ok(Vec::new()), |users| {
                follow(self.state, &self.rule_context.budget, users, id, links)
            })?;
            let found = Arc::from(found);
            self.rule_context.auth_references.borrow_mut().insert(path.to_owned(), Arc::clone(&found));
            return Ok(found);
        }
        match self.row(record) {
            Some(
                RuleRow::Stored { namespace, id, .. }
                | RuleRow::Computed { links_from: Some((namespace, id)), .. },
            ) => follow(self.state, &self.rule_context.budget, *namespace, *id, path).map(Arc::from),
            Some(RuleRow::Absent) => Err(missing_row()),
            _ => Err(RuleError::new("OVERLOAD_NOT_FOUND", "No matching overload for function 'ref'.").into()),
        }
    }

    fn request(&self, field: &str) -> CelValue {
        match field {
            "time" => CelValue::Timestamp(self.rule_context.time()),
            "ip" => CelValue::string(&self.rule_context.origin.ip),
            "origin" => CelValue::string(&self.rule_context.origin.origin),
            _ => CelValue::List(self.modified.iter().map(CelValue::string).collect()),
        }
    }

    fn take_tokens(&self, name: &str, key: &CelValue, tokens: i64) -> Result<(), EvalError> {
        self.rules.rate_limits.take(&self.rules.token_levels, name, key, tokens)
    }

    fn checkpoint(&self, steps: usize, bytes: usize) -> Result<(), EvalError> {
        let budget = &self.rule_context.budget;
        budget.hold(bytes).map_err(abort)?;
        budget.spend((steps / STEPS_PER_UNIT) as u32).map_err(abort)
    }

    fn parse_timestamp(&self, text: &str) -> Option<i128> {
        let micros = dates::operand_text(text)?;
        (micros != dates::INFINITY && micros != dates::MINUS_INFINITY).then(|| i128::from(micros) * 1000)
    }
}

/// The steps of a rule that are as much work as reading a row.
const STEPS_PER_UNIT: usize = 8;

/// The number of entities that one path may reach.
const MAX_REFERENCED: usize = 100_000;

/// Returns the values at the end of a path of links. Missing values are omitted.
fn follow(
    state: StateRef<'_>,
    budget: &Budget,
    from: NamespaceNo,
    id: Uuid,
    path: &str,
) -> Result<Vec<CelValue>, EvalError> {
    let labels: Vec<_> = path.split('.').collect();
    let Some((last, links)) = labels.split_last() else { return Ok(Vec::new()) };
    let (mut namespace, mut ids) = (from, vec![id]);
    for name in links {
        let (label, attribute) = label(state.catalog, namespace, name)?;
        let target = label.filter(|_| attribute.attr.is_link()).and_then(crate::catalog::Label::target);
        let Some((label, target)) = label.zip(target) else {
            return Err(not_a_link(state.catalog, namespace, name, "needs to be a link"));
        };
        let mut next = Vec::new();
        for id in &ids {
            budget.tick().map_err(abort)?;
            let prefix = match label.side {
                Side::Forward => layout::links_from(attribute.no, id),
                Side::Reverse => layout::links_to(attribute.no, id),
            };
            for entry in
                state.snapshot.scan(&prefix, Direction::Ascending).map_err(|error| abort(error.into()))?
            {
                next.push(layout::last_id(&entry.map_err(|error| abort(error.into()))?.0));
                budget.tick().map_err(abort)?;
                if next.len() > MAX_REFERENCED {
                    let message = format!("'{path}' leads to more than {MAX_REFERENCED} entities");
                    return Err(RuleError::new("ITERATION_BUDGET_EXCEEDED", message).into());
                }
            }
        }
        (namespace, ids) = (target, next);
    }
    let (_, attribute) = label(state.catalog, namespace, last)?;
    if attribute.attr.is_link() {
        return Err(not_a_link(state.catalog, namespace, last, "cannot be a link"));
    }
    let mut out = Vec::with_capacity(ids.len());
    for id in ids {
        budget.tick().map_err(abort)?;
        let bytes =
            state.snapshot.get(&layout::entity(namespace, &id)).map_err(|error| abort(error.into()))?;
        let Some(bytes) = bytes else { continue };
        if let Some(json) = Document::new(&bytes).get(attribute.no).filter(|json| *json != "null") {
            budget.hold(json.len()).map_err(abort)?;
            out.push(CelValue::from_json_text(json));
        }
    }
    Ok(out)
}

type LabelAndAttribute<'a> = (Option<&'a crate::catalog::Label>, &'a crate::catalog::Attribute);

fn label<'a>(
    catalog: &'a Catalog,
    namespace: NamespaceNo,
    name: &str,
) -> Result<LabelAndAttribute<'a>, EvalError> {
    let known = catalog.namespace_by_no(namespace).and_then(|known| known.label(name));
    known.map(|label| (Some(label), &*label.attribute)).ok_or_else(|| {
        let namespace = catalog.namespace_name(namespace).unwrap_or_default();
        let failure = Failure::rejected("record-not-found", "Record not found: attr")
            .with_hint([("args", [namespace, name].into()), ("record-type", "attr".into())]);
        EvalError::Host(failure)
    })
}

fn not_a_link(catalog: &Catalog, namespace: NamespaceNo, name: &str, problem: &str) -> EvalError {
    let namespace = catalog.namespace_name(namespace).unwrap_or_default();
    let issue = instant_core::Issue::message(format!("{namespace}.{name} {problem}"));
    let failure =
        Failure::invalid(&instant_core::ValidationError::new("ref-path", issue), [namespace, name].into());
    EvalError::Host(failure)
}

fn missing_row() -> EvalError {
    RuleError::new("INTERNAL_ERROR", "the row does not exist").into()
}

fn abort(failure: Failure) -> EvalError {
    EvalError::Abort(failure)
}
