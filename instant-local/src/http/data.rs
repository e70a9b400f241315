//! Reading and writing: `POST /admin/query`, `POST /admin/transact` (`http-api.md` 4).

use axum::{body::Body, extract::State};
use http::Response;

use super::{
    Refusal,
    call::Call,
    credentials::{Caller, app_id, caller},
    json, offload, params,
};
use crate::{
    app::{App, Identity, QueryRequest, TransactRequest},
    apps::{Apps, Hosted},
    failure::Failure,
};

/// `POST /admin/query`: the fields `query` and `inference?`; answers the result tree itself.
pub(super) async fn query(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    params::required(&["body", "query"], call.field("query"), params::object)?;
    let Caller { app, identity } = caller(&apps, &call, app_id)?;
    let inference = params::flag(call.field("inference?"));
    let query = call.fields.remove("query").unwrap_or_default();
    let body = offload(move || {
        let request = QueryRequest { query: &query, inference };
        // An app that does not exist looks like an empty one to a guest.
        let Some(app) = app else { return Hosted::empty()?.query(&identity, request) };
        app.readable()?;
        app.app.query(&identity, request)
    })
    .await??;
    Ok(json(body))
}

/// `POST /admin/transact`: the fields `steps` and `throw-on-missing-attrs?`; answers `{"tx-id": <int>}`.
pub(super) async fn transact(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    params::required(&["body", "steps"], call.field("steps"), params::collection)?;
    let throw_on_missing_attrs = params::flag(call.field("throw-on-missing-attrs?"));
    let Caller { app, identity } = caller(&apps, &call, app_id)?;
    let app = app.ok_or_else(unknown_app)?;
    let steps = call.fields.remove("steps").unwrap_or_default();
    let tx_id = offload(move || {
        app.writable()?;
        app.app.transact(&identity, TransactRequest { steps: &steps, throw_on_missing_attrs })
    })
    .await??;
    Ok(json(format!("{{\"tx-id\":{tx_id}}}")))
}

/// What the database answers to a write for an app that does not exist.
fn unknown_app() -> Failure {
    const VIOLATION: &str = "foreign-key-violation";
    Failure::refused("record-foreign-key-invalid", format!("Foreign Key Invalid: {VIOLATION}")).with_hint([
        ("table", "transactions".into()),
        ("condition", VIOLATION.into()),
        ("constraint", "transactions_app_id_fkey".into()),
    ])
}
