//! What expressions see: rows, whoever asks, and the request. Everything is read when it is touched.

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::HashMap,
    sync::Arc,
};

use instant_cel::{CelValue, Host, Record, RuleError};
use instant_core::{Object, Uuid, Value};

use super::{EvalError, document::Rules};
use crate::{
    auth::{User, UserKey},
    caller::Caller,
    catalog::{Catalog, NamespaceNo, Side},
    clock::now,
    dates,
    document::Document,
    failure::Failure,
    layout,
    request::Origin,
    state::StateRef,
    store::Direction,
};

/// Who asks, and where from.
#[derive(Debug)]
pub(crate) struct Asker {
    pub(crate) caller: Caller,
    pub(crate) app_id: Uuid,
    pub(crate) origin: Origin,
    user: OnceCell<Object>,
    /// What was found from the user, by path: it is the same for every row.
    found: RefCell<HashMap<String, Arc<[CelValue]>>>,
    ticks: Cell<i64>,
}

impl Asker {
    pub(crate) fn new(caller: Caller, app_id: Uuid, origin: Origin) -> Self {
        Self { caller, app_id, origin, user: OnceCell::new(), found: RefCell::default(), ticks: Cell::new(0) }
    }

    /// A user who is not stored yet.
    pub(crate) fn seen_as(self, user: Object) -> Self {
        Self { user: OnceCell::from(user), ..self }
    }

    /// The user as rules see it; nothing of a guest without a row.
    fn user(&self, state: StateRef<'_>) -> Result<&Object, EvalError> {
        if let Some(user) = self.user.get() {
            return Ok(user);
        }
        let user = match &self.caller {
            Caller::User(id) => User::find(state, &UserKey::Id(*id)).map_err(fatal)?,
            Caller::Admin | Caller::Guest => None,
        };
        let user = user.map(|user| user.to_json(self.app_id, None)).unwrap_or_default();
        Ok(self.user.get_or_init(|| user))
    }

    /// Forgets what was found, because the state is another one now.
    pub(crate) fn forget(&self) {
        self.found.borrow_mut().clear();
    }

    /// Nanoseconds since 1970, a little later each time.
    fn time(&self) -> i128 {
        self.ticks.set(self.ticks.get() + 1);
        i128::from(now()) * 1_000_000 + i128::from(self.ticks.get()) * 1000
    }
}

/// One of the rows that a rule speaks of.
#[derive(Debug, Clone)]
pub(crate) enum Row<'a> {
    /// As it is stored; without a document it has no values.
    Stored { namespace: NamespaceNo, id: Uuid, document: Option<Document<'a>> },
    /// Read or made up before the rule is asked. Links are followed from the place that it stands for, if there is one.
    Made { values: Option<Object>, place: Option<(NamespaceNo, Uuid)> },
    /// Not there, and reading it fails.
    Absent,
}

impl Row<'_> {
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
            Self::Made { values, .. } => {
                let value = values.as_ref().and_then(|values| values.get(name)).cloned();
                Ok(value.map(CelValue::from_json).unwrap_or_default())
            }
            Self::Absent => Err(absent()),
        }
    }

    /// All values; none of a row that does not exist.
    pub(crate) fn whole(&self, state: StateRef<'_>) -> Option<Object> {
        match self {
            Self::Stored { document, .. } => Some(values(state.catalog, document.as_ref()?)),
            Self::Made { values, .. } => values.clone(),
            Self::Absent => None,
        }
    }
}

/// The values of a row, by their labels.
pub(crate) fn values(catalog: &Catalog, document: &Document<'_>) -> Object {
    let named = |(no, json)| {
        let attribute = catalog.attribute(no)?;
        Some((attribute.label().to_owned(), Value::parse(json).unwrap_or_default()))
    };
    document.values().filter_map(named).collect()
}

/// What one evaluation of a rule sees.
pub(crate) struct Scene<'a> {
    pub(crate) state: StateRef<'a>,
    pub(crate) asker: &'a Asker,
    pub(crate) rules: &'a Rules,
    pub(crate) rule_params: Option<&'a Value>,
    pub(crate) data: Row<'a>,
    pub(crate) new_data: Row<'a>,
    pub(crate) linked_data: Row<'a>,
    pub(crate) actions: Object,
    pub(crate) modified: &'a [String],
}

impl<'a> Scene<'a> {
    /// One without anything but rows.
    pub(crate) fn new(
        state: StateRef<'a>,
        asker: &'a Asker,
        rules: &'a Rules,
        data: Row<'a>,
        new_data: Row<'a>,
    ) -> Self {
        let (linked_data, actions, modified) = (Row::Absent, Object::new(), &[]);
        Self { state, asker, rules, rule_params: None, data, new_data, linked_data, actions, modified }
    }
}

impl Scene<'_> {
    fn row(&self, record: Record) -> Option<&Row<'_>> {
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

impl Host for Scene<'_> {
    type Error = Failure;

    fn field(&self, record: Record, name: &str) -> Result<CelValue, EvalError> {
        let of = |object: Option<&Object>| object.and_then(|object| object.get(name)).cloned();
        let found = match record {
            Record::Auth => of(Some(self.asker.user(self.state)?)),
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
            Record::Auth => self.asker.user(self.state)?.clone(),
            Record::RuleParams => self.rule_params()?.cloned().unwrap_or_default(),
            Record::Actions => self.actions.clone(),
            _ => match self.row(record) {
                Some(Row::Absent) => return Err(absent()),
                row => row.and_then(|row| row.whole(self.state)).unwrap_or_default(),
            },
        };
        Ok(CelValue::from_json(object.into()))
    }

    fn reference(&self, record: Record, path: &str) -> Result<Arc<[CelValue]>, EvalError> {
        if record == Record::Auth {
            let Caller::User(id) = self.asker.caller else { return Ok(Arc::default()) };
            if let Some(known) = self.asker.found.borrow().get(path) {
                return Ok(Arc::clone(known));
            }
            let users = self.state.catalog.namespace("$users").map(|users| users.no);
            let links = path.strip_prefix("$user.").unwrap_or(path);
            let found = users.map_or(Ok(Vec::new()), |users| follow(self.state, users, id, links))?;
            let found = Arc::from(found);
            self.asker.found.borrow_mut().insert(path.to_owned(), Arc::clone(&found));
            return Ok(found);
        }
        match self.row(record) {
            Some(Row::Stored { namespace, id, .. } | Row::Made { place: Some((namespace, id)), .. }) => {
                follow(self.state, *namespace, *id, path).map(Arc::from)
            }
            Some(Row::Absent) => Err(absent()),
            _ => Err(RuleError::new("OVERLOAD_NOT_FOUND", "No matching overload for function 'ref'.").into()),
        }
    }

    fn request(&self, field: &str) -> CelValue {
        match field {
            "time" => CelValue::Timestamp(self.asker.time()),
            "ip" => CelValue::string(&self.asker.origin.ip),
            "origin" => CelValue::string(&self.asker.origin.origin),
            _ => CelValue::List(self.modified.iter().map(CelValue::string).collect()),
        }
    }

    fn take_tokens(&self, name: &str, key: &CelValue, tokens: i64) -> Result<(), EvalError> {
        self.rules.rate_limits.take(&self.rules.token_levels, name, key, tokens)
    }

    fn parse_timestamp(&self, text: &str) -> Option<i128> {
        let micros = dates::operand_text(text)?;
        (micros != dates::INFINITY && micros != dates::MINUS_INFINITY).then(|| i128::from(micros) * 1000)
    }
}

/// More entities than that are not looked at for one path.
const MANY: usize = 100_000;

/// The values at the end of a path of links; what is missing is left out.
fn follow(state: StateRef<'_>, from: NamespaceNo, id: Uuid, path: &str) -> Result<Vec<CelValue>, EvalError> {
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
            let prefix = match label.side {
                Side::Forward => layout::links_from(attribute.no, id),
                Side::Reverse => layout::links_to(attribute.no, id),
            };
            for entry in
                state.snapshot.scan(&prefix, Direction::Ascending).map_err(|error| fatal(error.into()))?
            {
                next.push(layout::last_id(&entry.map_err(|error| fatal(error.into()))?.0));
                if next.len() > MANY {
                    let message = format!("'{path}' leads to more than {MANY} entities");
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
        let bytes =
            state.snapshot.get(&layout::entity(namespace, &id)).map_err(|error| fatal(error.into()))?;
        let Some(bytes) = bytes else { continue };
        if let Some(json) = Document::new(&bytes).get(attribute.no).filter(|json| *json != "null") {
            out.push(CelValue::from_json_text(json));
        }
    }
    Ok(out)
}

type Labelled<'a> = (Option<&'a crate::catalog::Label>, &'a crate::catalog::Attribute);

fn label<'a>(catalog: &'a Catalog, namespace: NamespaceNo, name: &str) -> Result<Labelled<'a>, EvalError> {
    let known = catalog.namespace_by_no(namespace).and_then(|known| known.label(name));
    known.map(|label| (Some(label), &*label.attribute)).ok_or_else(|| {
        let namespace = catalog.namespace_name(namespace).unwrap_or_default();
        let failure = Failure::refused("record-not-found", "Record not found: attr")
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

fn absent() -> EvalError {
    RuleError::new("INTERNAL_ERROR", "there is no such row").into()
}

fn fatal(failure: Failure) -> EvalError {
    EvalError::Abort(failure)
}
