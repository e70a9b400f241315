//! Queries: parsed, resolved, planned, evaluated and written (`instaql.md`).
//!
//! [`resolve`] turns names into attributes and refuses what the server refuses; [`source`] finds what drives a condition;
//! [`eval`] says whether an entity passes; [`find`] finds the rows of a namespace, and [`page`] cuts them; [`emit`] writes JSON.
//! [`cost`] tells beforehand whether all that is little work; [`clock`] ends what takes too long, or what nobody waits for.

mod check;
mod clock;
mod cost;
mod cursor;
mod emit;
mod eval;
mod filter;
mod find;
mod like;
mod list;
mod observer;
mod operands;
mod order;
mod page;
mod resolve;
mod source;
#[cfg(test)]
mod tests;
mod witness;

use std::cell::LazyCell;

use instant_core::{Object, Value, query::Query};

use self::{clock::Clock, eval::Eval, resolve::Form, resolve::Resolver};
pub(crate) use self::{clock::Gone, observer::Observer};
use crate::{
    app::{App, Identity, QueryRequest, View, now},
    failure::Failure,
    limits::Limits,
    rules::{Checked, Guard, Permissions, Source, State},
};

/// What a query is answered with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The tree of rows, as JSON.
    pub(crate) body: Vec<u8>,
    /// `page-info`: per namespace that was ordered or cut.
    pub(crate) page_info: Object,
    /// `aggregate`: per namespace that was counted.
    pub(crate) aggregate: Object,
    /// The last transaction that the answer knows of, if there was one.
    pub(crate) transaction: Option<i64>,
    /// What rules said, if the permissions are to be debugged.
    pub(crate) checks: Vec<Checked>,
}

impl App {
    /// Performs `POST /admin/query` on the newest state; the body of the answer.
    ///
    /// # Errors
    ///
    /// The refusals of `instaql.md` 14, and a query that takes too long.
    pub(crate) fn query(&self, identity: &Identity, request: QueryRequest<'_>) -> Result<Vec<u8>, Failure> {
        Ok(self.answer(identity, request, &Asked::default())?.body)
    }

    /// As [`App::query`], with all that is asked.
    pub(crate) fn answer(
        &self,
        identity: &Identity,
        request: QueryRequest<'_>,
        asked: &Asked<'_>,
    ) -> Result<Answer, Failure> {
        run(&self.view()?, identity, request, asked, None)
    }

    /// How the rows of each namespace would be found: what drives the search, in words. For tests and the curious.
    pub(crate) fn explain(&self, query: &Value) -> Result<Vec<String>, Failure> {
        let view = self.view()?;
        let request = QueryRequest { query, inference: false };
        let limits = self.limits();
        let forms = resolve(&view, &Identity::Admin, request, &limits)?;
        let mut eval = Eval::new(&view, Clock::new(limits.time, None), None);
        let explain = |form: &Form| match &form.rows {
            Some(rows) => Ok(find::plan(&mut eval, rows)?.describe(rows, &view.catalog)),
            None => Ok("nothing: a name is unknown".to_owned()),
        };
        forms.iter().map(explain).collect()
    }
}

/// What is asked beyond the query itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// Page info and counts, too.
    pub(crate) info: bool,
    /// Nothing but a timeout if the answer is not to be had at once: see [`cost`].
    pub(crate) at_once: bool,
    /// Who waits for the answer, if it is somebody who may leave.
    pub(crate) gone: Option<&'a Gone>,
    /// Where the request comes from, for rules that ask.
    pub(crate) source: Option<&'a Source>,
    /// The rules to apply instead of the app's own.
    pub(crate) permissions: Option<&'a Permissions>,
}

/// Queries nested deeper than this are evaluated on a stack of their own, so that the usual ones need not care for theirs.
const DEEP: usize = 32;
const DEEP_STACK: usize = 64 << 20;

/// Answers a query on one state of an app.
///
/// # Errors
///
/// As [`App::query`].
pub(crate) fn run(
    view: &View,
    identity: &Identity,
    request: QueryRequest<'_>,
    asked: &Asked<'_>,
    observer: Option<&mut (dyn Observer + Send + '_)>,
) -> Result<Answer, Failure> {
    let work = || {
        let observer = observer.map(|observer| observer as &mut dyn Observer);
        answer(view, identity, request, asked, observer)
    };
    if depth(request.query, DEEP) < DEEP {
        return work();
    }
    if asked.at_once {
        return Err(Clock::run_out());
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, work);
        let refused = |message: &str| Failure::refused("unknown", message);
        let thread = thread.map_err(|_| refused("there is no memory for a query that nests this deep"))?;
        thread.join().map_err(|_| refused("the query could not be evaluated"))?
    })
}

fn answer(
    view: &View,
    identity: &Identity,
    request: QueryRequest<'_>,
    asked: &Asked<'_>,
    observer: Option<&mut dyn Observer>,
) -> Result<Answer, Failure> {
    let limits = view.limits();
    let forms = resolve(view, identity, request, &limits)?;
    let own;
    let permissions = match asked.permissions {
        _ if *identity == Identity::Admin => None,
        Some(permissions) => Some(permissions),
        None => {
            own = view.permissions(asked.source.cloned().unwrap_or_default())?;
            Some(&own)
        }
    };
    // What is begun again would take its tokens again.
    if asked.at_once && permissions.is_some_and(|permissions| permissions.rules.has_rate_limits()) {
        return Err(Clock::run_out());
    }
    let state = State { snapshot: &view.snapshot, catalog: &view.catalog };
    let guard = permissions.map(|permissions| Guard::new(state, permissions, identity, request.query));
    let time = if asked.at_once { limits.time.min(cost::AT_ONCE) } else { limits.time };
    let mut eval = Eval::new(view, Clock::new(time, asked.gone), observer).guarded(guard);
    let mut plans = Vec::with_capacity(forms.len());
    for form in &forms {
        let plan = |rows| Ok::<_, Failure>((rows, find::plan(&mut eval, rows)?));
        plans.push(form.rows.as_ref().map(plan).transpose()?);
    }
    if asked.at_once && !cost::is_small(&mut eval, plans.iter().flatten())? {
        return Err(Clock::run_out());
    }
    let transaction = if asked.info { view.transaction()? } else { None };
    let (page_info, aggregate) = (Object::new(), Object::new());
    let mut answer =
        Answer { body: Vec::with_capacity(1024), page_info, aggregate, transaction, checks: Vec::new() };
    answer.body.push(b'{');
    for (form, plan) in forms.iter().zip(&plans) {
        if answer.body.len() > 1 {
            answer.body.push(b',');
        }
        answer.body.extend_from_slice(form.key.as_bytes());
        match plan {
            None => answer.body.extend_from_slice(b"[]"),
            Some((rows, plan)) if rows.aggregate => {
                answer.body.extend_from_slice(b"[]");
                if asked.info {
                    let count = find::count(&mut eval, rows, plan)?;
                    answer
                        .aggregate
                        .insert(&form.name, Object::from_iter([("count".to_owned(), count.into())]));
                }
            }
            Some((rows, plan)) => {
                if let Some(info) = emit::top(&mut eval, &mut answer.body, rows, plan, asked.info)? {
                    answer.page_info.insert(&form.name, info.0);
                }
            }
        }
    }
    answer.body.push(b'}');
    answer.checks = eval.checks();
    Ok(answer)
}

fn resolve(
    view: &View,
    identity: &Identity,
    request: QueryRequest<'_>,
    limits: &Limits,
) -> Result<Vec<Form>, Failure> {
    let QueryRequest { query: input, inference } = request;
    let query = Query::parse(input).map_err(|invalid| Failure::invalid(&invalid, input.clone()))?;
    let now: LazyCell<i64> = LazyCell::new(|| now().saturating_mul(1000));
    let admin = *identity == Identity::Admin;
    Resolver { catalog: &view.catalog, limits, inference, admin, now, input }.query(&query)
}

/// How deep a value nests, as far as `most`.
fn depth(value: &Value, most: usize) -> usize {
    let inside = |value: &Value| depth(value, most - 1);
    match value {
        _ if most == 0 => 0,
        Value::Array(items) => 1 + items.iter().map(inside).max().unwrap_or(0),
        Value::Object(members) => 1 + members.iter().map(|(_, value)| inside(value)).max().unwrap_or(0),
        _ => 0,
    }
}
