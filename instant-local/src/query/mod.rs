//! Queries: parses, resolves, plans and evaluates InstaQL, and writes the result
//! (`docs/protocol/instaql.md`).
//!
//! [`parse`] parses JSON. [`resolve`] resolves names to attributes and rejects invalid queries.
//! [`find`] plans and finds the rows of a namespace, from the index ranges that [`source`] chooses;
//! [`eval`] tests entities; [`page`] applies limits and cursors; [`emit`] writes JSON. [`cost`]
//! estimates the work beforehand.

mod cost;
mod cursor;
mod emit;
mod eval;
mod filter;
mod find;
mod json_text;
mod like;
mod list;
mod observer;
mod operands;
mod order;
mod page;
mod parse;
mod resolve;
mod source;
#[cfg(test)]
mod tests;
mod value_test;
mod visibility;

use std::{cell::LazyCell, rc::Rc};

use instant_core::{Object, query::Query};

use self::{
    eval::Eval,
    resolve::{Form, Resolver},
};
pub(crate) use self::{observer::Observer, parse::parse};
use crate::{
    budget::{Budget, Operation},
    caller::Caller,
    clock,
    failure::Failure,
    limits::Limits,
    request::RequestContext,
    rules::{PermissionCheck, QueryGuard, RuleSource},
    state::State,
};

/// Options of a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryOptions<'a> {
    /// Writes to-one links as objects instead of lists.
    pub(crate) inference: bool,
    /// Returns page info and counts.
    pub(crate) page_info: bool,
    /// Returns [`Outcome::TooLarge`] unless the query is small, see [`cost`].
    pub(crate) inline: bool,
    /// Records every permission check.
    pub(crate) debug: bool,
    pub(crate) limits: &'a Limits,
    /// The permission rules, which apply to every caller but the admin.
    pub(crate) rules: RuleSource<'a>,
}

impl<'a> QueryOptions<'a> {
    /// Creates the options of a plain query.
    pub(crate) fn new(limits: &'a Limits, rules: RuleSource<'a>) -> Self {
        Self { inference: false, page_info: false, inline: false, debug: false, limits, rules }
    }
}

/// The result of a query that was not rejected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Done(QueryResponse),
    /// The query is too large for [`QueryOptions::inline`] and was not evaluated.
    TooLarge,
}

impl Outcome {
    /// Returns the response of a query that ran without [`QueryOptions::inline`].
    pub(crate) fn into_response(self) -> Result<QueryResponse, Failure> {
        match self {
            Self::Done(response) => Ok(response),
            Self::TooLarge => Err(Failure::timeout()),
        }
    }
}

/// The result of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryResponse {
    /// The tree of rows, as JSON.
    pub(crate) body: Vec<u8>,
    /// `page-info`: per namespace that was ordered or cut.
    pub(crate) page_info: Object,
    /// `aggregate`: per namespace that was counted.
    pub(crate) aggregate: Object,
    /// The number of the last transaction that the result reflects, if there was one.
    pub(crate) transaction: Option<i64>,
    /// The permission checks, if they are recorded.
    pub(crate) checks: Vec<PermissionCheck>,
}

/// Evaluates a query on one state of an app.
///
/// # Errors
///
/// Returns the rejections of `docs/protocol/instaql.md`, "14. Error catalogue", or an error if the
/// query takes too long or the client disconnects.
pub(crate) fn execute(
    state: &State,
    context: &RequestContext,
    query: &Query,
    options: &QueryOptions<'_>,
) -> Result<Outcome, Failure> {
    execute_observed(state, context, query, options, None)
}

/// As [`execute`], and reports to `observer` what the result depends on.
///
/// # Errors
///
/// As [`execute`].
pub(crate) fn execute_observed(
    state: &State,
    context: &RequestContext,
    query: &Query,
    options: &QueryOptions<'_>,
    observer: Option<&mut (dyn Observer + Send + '_)>,
) -> Result<Outcome, Failure> {
    let work = || {
        let observer = observer.map(|observer| observer as &mut dyn Observer);
        evaluate(state, context, query, options, observer)
    };
    match parse::is_deep(query) {
        false => work(),
        true if options.inline => Ok(Outcome::TooLarge),
        true => parse::on_deep_stack(work)?,
    }
}

/// Describes how the rows of each namespace of a query are found.
///
/// # Errors
///
/// As [`execute`].
pub(crate) fn explain(state: &State, query: &Query, limits: &Limits) -> Result<Vec<String>, Failure> {
    let context = RequestContext::internal(Caller::Admin);
    let budget = Rc::new(Budget::new(Operation::Query, limits, &context));
    let forms = resolve(state, Caller::Admin, query, false, &budget)?;
    let mut eval = Eval::new(state, &context, budget);
    let explain = |form: &Form| match &form.rows {
        Some(rows) => Ok(find::plan(&mut eval, rows)?.describe(rows, &state.catalog)),
        None => Ok("nothing: a name is unknown".to_owned()),
    };
    forms.iter().map(explain).collect()
}

fn evaluate(
    state: &State,
    context: &RequestContext,
    query: &Query,
    options: &QueryOptions<'_>,
    observer: Option<&mut dyn Observer>,
) -> Result<Outcome, Failure> {
    let QueryOptions { inline, limits, page_info, .. } = *options;
    let budget = Budget::new(Operation::Query, limits, context);
    let budget = Rc::new(if inline { budget.within(cost::INLINE_TIME) } else { budget });
    let forms = match resolve(state, context.caller, query, options.inference, &budget) {
        Err(failure) if inline && failure.is_timeout() => return Ok(Outcome::TooLarge),
        forms => forms?,
    };
    let permissions = match context.caller {
        Caller::Admin => None,
        Caller::User(_) | Caller::Guest => {
            Some(options.rules.permissions(&state.snapshot, state.app.id, options.debug)?)
        }
    };
    // Evaluating the query a second time would take its rate-limit tokens again.
    if inline && permissions.as_ref().is_some_and(|permissions| permissions.rules.has_rate_limits()) {
        return Ok(Outcome::TooLarge);
    }
    let guard = permissions.as_ref().map(|permissions| {
        QueryGuard::new(state.by_ref(), permissions, context, query.rule_params.as_ref(), Rc::clone(&budget))
    });
    let mut eval = Eval::new(state, context, budget).with_observer(observer).with_guard(guard);
    let response = respond(&mut eval, &forms, inline, page_info);
    match response {
        // The estimate was too low.
        Err(failure) if inline && failure.is_timeout() => Ok(Outcome::TooLarge),
        Err(failure) => Err(failure),
        Ok(None) => Ok(Outcome::TooLarge),
        Ok(Some(response)) => Ok(Outcome::Done(QueryResponse { checks: eval.checks(), ..response })),
    }
}

/// Evaluates resolved forms; `None` if `inline` is set and they are too large.
fn respond(
    eval: &mut Eval<'_, '_>,
    forms: &[Form],
    inline: bool,
    with_info: bool,
) -> Result<Option<QueryResponse>, Failure> {
    let mut plans = Vec::with_capacity(forms.len());
    for form in forms {
        let plan = |rows| Ok::<_, Failure>((rows, find::plan(eval, rows)?));
        plans.push(form.rows.as_ref().map(plan).transpose()?);
    }
    if inline && !cost::is_small(eval, plans.iter().flatten())? {
        return Ok(None);
    }
    let transaction = if with_info { eval.state.transaction()? } else { None };
    let mut body = Vec::with_capacity(1024);
    let (mut page_info, mut aggregate) = (Object::new(), Object::new());
    body.push(b'{');
    for (form, plan) in forms.iter().zip(&plans) {
        if body.len() > 1 {
            body.push(b',');
        }
        body.extend_from_slice(form.key.as_bytes());
        match plan {
            None => body.extend_from_slice(b"[]"),
            Some((rows, plan)) if rows.aggregate => {
                body.extend_from_slice(b"[]");
                if with_info {
                    let count = find::count(eval, rows, plan)?;
                    aggregate.insert(&form.name, Object::from_iter([("count".to_owned(), count.into())]));
                }
            }
            Some((rows, plan)) => {
                if let Some(info) = emit::top(eval, &mut body, rows, plan, with_info)? {
                    page_info.insert(&form.name, info.0);
                }
            }
        }
    }
    body.push(b'}');
    Ok(Some(QueryResponse { body, page_info, aggregate, transaction, checks: Vec::new() }))
}

fn resolve(
    state: &State,
    caller: Caller,
    query: &Query,
    inference: bool,
    budget: &Budget,
) -> Result<Vec<Form>, Failure> {
    let now: LazyCell<i64> = LazyCell::new(|| clock::now().saturating_mul(1000));
    let admin = caller == Caller::Admin;
    Resolver { catalog: &state.catalog, budget, inference, admin, now }.query(query)
}
