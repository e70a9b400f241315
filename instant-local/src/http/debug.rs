//! Permission debugging: `POST /admin/query_perms_check` and `POST /admin/transact_perms_check`
//! (`docs/protocol/http-api.md`, "5. Permission debugging").

use std::sync::Arc;

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Issue, Object, Uuid, ValidationError, Value, steps};

use super::{
    Rejection,
    call::Call,
    credentials::{Access, access, admin, app_id},
    json, params, run_request,
};
use crate::{
    apps::{Apps, HostedApp},
    caller::Caller,
    failure::Failure,
    query::{self, QueryOptions},
    request::RequestContext,
    rules::{PermissionCheck, RuleSource, Rules},
    transact::{self, DebugMode, TransactOptions},
};

/// `POST /admin/query_perms_check`: the fields `query`, `inference?`, `rules-override`,
/// `ip-override`, `origin-override`.
pub(super) async fn query(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Rejection> {
    let app_id = app_id(&call)?;
    let (app, caller) = app_and_caller(&apps, &call, app_id)?;
    let rules = rules_override(&app, &call)?;
    let context = context(&call, caller)?;
    params::required(&["body", "query"], call.field("query"), params::object)?;
    let inference = params::flag(call.field("inference?"));
    let sent = call.fields.remove("query").unwrap_or_default();
    let response = run_request(context, move |context| {
        app.readable()?;
        let limits = app.limits();
        let rules = RuleSource::stored(&app.rules).replaced_by(rules.as_ref());
        let options = QueryOptions { inference, debug: true, ..QueryOptions::new(&limits, rules) };
        let run = || query::execute(&app.state()?, context, &query::parse(&sent)?, &options)?.into_response();
        run().map_err(|failure| failure.quoting(&sent))
    })
    .await??;
    let mut out = format!("{{\"check-results\":{},\"result\":", checks(response.checks)).into_bytes();
    out.extend(response.body);
    out.extend(b",\"rule-wheres\":null}");
    Ok(json(out))
}

/// `POST /admin/transact_perms_check`: the fields `steps`, `throw-on-missing-attrs?`,
/// `dangerously-commit-tx`, `rules-override`, `ip-override`, `origin-override`.
pub(super) async fn transact(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Rejection> {
    let app_id = app_id(&call)?;
    let (app, caller) = app_and_caller(&apps, &call, app_id)?;
    let context = context(&call, caller)?;
    params::required(&["body", "steps"], call.field("steps"), params::collection)?;
    let rules = rules_override(&app, &call)?;
    let throw_on_missing_attrs = params::flag(call.field("throw-on-missing-attrs?"));
    let commit = call.field("dangerously-commit-tx").is_some_and(Value::is_truthy);
    let debug = Some(if commit { DebugMode::CommitIfAllowed } else { DebugMode::DryRun });
    let sent = call.fields.remove("steps").unwrap_or_default();
    let outcome = run_request(context, move |context| {
        let run = || {
            app.writable()?;
            let steps = steps::parse(&sent).map_err(|invalid| Failure::invalid_request(&invalid))?;
            let limits = app.limits();
            let rules = RuleSource::stored(&app.rules).replaced_by(rules.as_ref());
            let options =
                TransactOptions { throw_on_missing_attrs, debug, ..TransactOptions::new(&limits, rules) };
            transact::execute(&app.app, context, &steps, options)
        };
        run().map_err(|failure| failure.quoting(&sent))
    })
    .await??;
    let mut out = Object::new();
    out.insert("tx-id", outcome.number);
    out.insert("all-checks-ok?", outcome.all_passed);
    out.insert("committed?", outcome.committed);
    out.insert("check-results", checks(outcome.checks));
    Ok(json(Value::from(out).to_string()))
}

/// Returns the app and the caller whose permissions are debugged. The admin is not allowed, because
/// rules do not apply to it.
fn app_and_caller(apps: &Apps, call: &Call, app_id: Uuid) -> Result<(Arc<HostedApp>, Caller), Failure> {
    let app = admin(apps, call, app_id)?;
    let Access { caller, .. } = access(apps, call, app_id)?;
    if caller.is_admin() {
        let issue = Issue::message("Cannot test perms as admin");
        return Err(Failure::invalid(&ValidationError::new("non-admin", issue), "non-admin".into()));
    }
    Ok((app, caller))
}

/// Returns the context of the request, with the fields `ip-override` and `origin-override` applied.
fn context(call: &Call, caller: Caller) -> Result<RequestContext, Failure> {
    let mut context = call.context(caller);
    let origin = &mut context.origin;
    for (field, place) in [("ip-override", &mut origin.ip), ("origin-override", &mut origin.origin)] {
        if let Some(text) = params::optional(&["body", field], call.field(field), params::non_blank)? {
            *place = text;
        }
    }
    Ok(context)
}

/// Returns the rules of the field `rules-override`.
fn rules_override(app: &HostedApp, call: &Call) -> Result<Option<Arc<Rules>>, Failure> {
    match params::optional(&["body", "rules-override"], call.field("rules-override"), params::object)? {
        None => Ok(None),
        Some(rules) => app.rules.replacement(rules.clone()).map(Some),
    }
}

fn checks(checks: Vec<PermissionCheck>) -> Value {
    checks.into_iter().map(|check| Value::from(check.members)).collect()
}
