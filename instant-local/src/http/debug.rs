//! Why somebody may see or change something: `POST /admin/query_perms_check`, `POST /admin/transact_perms_check`
//! (`http-api.md` 5).

use std::sync::Arc;

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Invalid, Issue, Object, Value};

use super::{
    Refusal,
    call::Call,
    credentials::{Caller, admin, app_id, caller},
    json, offload, params,
};
use crate::{
    app::{Identity, QueryRequest, TransactRequest},
    apps::{Apps, Hosted},
    failure::Failure,
    query::Asked,
    rules::{Checked, Debug, Permissions, Rules, Source},
};

/// `POST /admin/query_perms_check`: the fields `query`, `inference?` and those of [`Test`].
pub(super) async fn query(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    params::required(&["body", "query"], call.field("query"), params::object)?;
    let Test { app, identity, rules, source } = Test::new(&apps, &call, app_id)?;
    let inference = params::flag(call.field("inference?"));
    let query = call.fields.remove("query").unwrap_or_default();
    let answer = offload(move || {
        app.readable()?;
        let own = app.app.view()?.permissions(source)?;
        let permissions = Permissions { rules: rules.unwrap_or(own.rules), debug: true, ..own };
        let asked = Asked { permissions: Some(&permissions), ..Asked::default() };
        app.app.answer_as(&identity, QueryRequest { query: &query, inference }, &asked)
    })
    .await??;
    let mut out = format!("{{\"check-results\":{},\"result\":", checks(answer.checks)).into_bytes();
    out.extend(answer.body);
    out.extend(b",\"rule-wheres\":null}");
    Ok(json(out))
}

/// `POST /admin/transact_perms_check`: the fields `steps`, `throw-on-missing-attrs?`, `dangerously-commit-tx` and those of [`Test`].
pub(super) async fn transact(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    params::required(&["body", "steps"], call.field("steps"), params::collection)?;
    let Test { app, identity, rules, source } = Test::new(&apps, &call, app_id)?;
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

/// What both endpoints take: an identity other than the admin's, and the fields `rules-override`, `ip-override` and
/// `origin-override`.
struct Test {
    app: Arc<Hosted>,
    identity: Identity,
    rules: Option<Arc<Rules>>,
    source: Source,
}

impl Test {
    fn new(apps: &Apps, call: &Call, app_id: instant_core::Uuid) -> Result<Self, Failure> {
        let app = admin(apps, call, app_id)?;
        let Caller { identity, .. } = caller(apps, call, app_id)?;
        if identity == Identity::Admin {
            let issue = Issue::message("Cannot test perms as admin");
            return Err(Failure::invalid(&Invalid::new("non-admin", issue), "non-admin".into()));
        }
        let mut source = call.source();
        for (field, place) in [("ip-override", &mut source.ip), ("origin-override", &mut source.origin)] {
            if let Some(value) = call.field(field).filter(|value| value.is_truthy()) {
                let text = params::non_blank(value);
                *place = text.ok_or_else(|| params::malformed(&["body", field], value.clone()))?;
            }
        }
        let rules = match call.field("rules-override").filter(|rules| rules.is_truthy()) {
            None => None,
            Some(rules @ Value::Object(_)) => Some(app.app.rules().instead(rules.clone())?),
            Some(other) => return Err(params::malformed(&["body", "rules-override"], other.clone())),
        };
        Ok(Self { app, identity, rules, source })
    }
}

fn checks(checks: Vec<Checked>) -> Value {
    checks.into_iter().map(|check| Value::from(check.members)).collect()
}
