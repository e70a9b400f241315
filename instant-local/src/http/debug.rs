//! Why somebody may see or change something: `POST /admin/query_perms_check`, `POST /admin/transact_perms_check`
//! (`http-api.md` 5).

use std::sync::Arc;

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Issue, Object, Uuid, ValidationError, Value};

use super::{
    Refusal,
    call::Call,
    credentials::{Caller, admin, app_id, caller},
    json, offload, offload_query, params,
};
use crate::{
    app::{Identity, QueryRequest, TransactRequest},
    apps::{Apps, Hosted},
    failure::Failure,
    query::Asked,
    rules::{Checked, Debug, Permissions, Rules, Source},
};

/// `POST /admin/query_perms_check`: the fields `query`, `inference?` `rules-override`, `ip-override`, `origin-override`.
pub(super) async fn query(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    let (app, identity) = tested(&apps, &call, app_id)?;
    let rules = rules_override(&app, &call)?;
    let source = source(&call)?;
    params::required(&["body", "query"], call.field("query"), params::object)?;
    let inference = params::flag(call.field("inference?"));
    let query = call.fields.remove("query").unwrap_or_default();
    let base = call.base();
    let answer = offload_query(move |gone| {
        app.readable()?;
        let own = app.app.view()?.permissions(source)?;
        let permissions = Permissions { rules: rules.unwrap_or(own.rules), debug: true, ..own };
        let asked = Asked { permissions: Some(&permissions), gone: Some(gone), ..Asked::default() };
        app.app.at(&base).answer(&identity, QueryRequest { query: &query, inference }, &asked)
    })
    .await??;
    let mut out = format!("{{\"check-results\":{},\"result\":", checks(answer.checks)).into_bytes();
    out.extend(answer.body);
    out.extend(b",\"rule-wheres\":null}");
    Ok(json(out))
}

/// `POST /admin/transact_perms_check`: the fields `steps`, `throw-on-missing-attrs?`, `dangerously-commit-tx` `rules-override`, `ip-override`, `origin-override`.
pub(super) async fn transact(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    let (app, identity) = tested(&apps, &call, app_id)?;
    let source = source(&call)?;
    params::required(&["body", "steps"], call.field("steps"), params::collection)?;
    let rules = rules_override(&app, &call)?;
    let throw_on_missing_attrs = params::flag(call.field("throw-on-missing-attrs?"));
    let commit = call.field("dangerously-commit-tx").is_some_and(Value::is_truthy);
    let steps = call.fields.remove("steps").unwrap_or_default();
    let done = offload(move || {
        app.writable()?;
        let request = TransactRequest { steps: &steps, throw_on_missing_attrs };
        app.app.debug_transaction(source, &identity, request, Debug { rules: rules.as_ref(), commit })
    })
    .await??;
    let mut out = Object::new();
    out.insert("tx-id", done.id);
    out.insert("all-checks-ok?", done.all_passed);
    out.insert("committed?", done.committed);
    out.insert("check-results", checks(done.checks));
    Ok(json(Value::from(out).to_string()))
}

/// The app, and whom its rules are tested as: not the admin, for whom there are none.
fn tested(apps: &Apps, call: &Call, app_id: Uuid) -> Result<(Arc<Hosted>, Identity), Failure> {
    let app = admin(apps, call, app_id)?;
    let Caller { identity, .. } = caller(apps, call, app_id)?;
    if identity == Identity::Admin {
        let issue = Issue::message("Cannot test perms as admin");
        return Err(Failure::invalid(&ValidationError::new("non-admin", issue), "non-admin".into()));
    }
    Ok((app, identity))
}

/// Where the request is said to come from: the fields `ip-override` and `origin-override`.
fn source(call: &Call) -> Result<Source, Failure> {
    let mut source = call.source();
    for (field, place) in [("ip-override", &mut source.ip), ("origin-override", &mut source.origin)] {
        if let Some(text) = params::optional(&["body", field], call.field(field), params::non_blank)? {
            *place = text;
        }
    }
    Ok(source)
}

/// The field `rules-override`: rules in place of the app's.
fn rules_override(app: &Hosted, call: &Call) -> Result<Option<Arc<Rules>>, Failure> {
    match params::optional(&["body", "rules-override"], call.field("rules-override"), params::object)? {
        None => Ok(None),
        Some(rules) => app.app.rules().instead(rules.clone()).map(Some),
    }
}

fn checks(checks: Vec<Checked>) -> Value {
    checks.into_iter().map(|check| Value::from(check.members)).collect()
}
