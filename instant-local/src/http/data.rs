//! Reading and writing: `POST /admin/query`, `POST /admin/transact` (`http-api.md` 4).

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::steps;

use super::{
    Refusal,
    call::Call,
    credentials::{Caller, app_id, caller, unknown_app},
    json, offload, offload_query, params,
};
use crate::{
    app::{QueryRequest, TransactRequest},
    apps::{Apps, Hosted},
    failure::Failure,
    query::{Asked, Gone},
};

/// `POST /admin/query`: the fields `query` and `inference?`; answers the result tree itself.
pub(super) async fn query(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    params::required(&["body", "query"], call.field("query"), params::object)?;
    let Caller { app, identity } = caller(&apps, &call, app_id)?;
    let inference = params::flag(call.field("inference?"));
    let query = call.fields.remove("query").unwrap_or_default();
    let base = call.base();
    let source = call.source();
    let answer = move |at_once: bool, gone: Option<&Gone>| {
        let request = QueryRequest { query: &query, inference };
        // An app that does not exist looks like an empty one to a guest.
        let Some(app) = &app else { return Hosted::empty()?.query(&identity, request) };
        app.readable()?;
        let asked = Asked { at_once, gone, source: Some(&source), ..Asked::default() };
        app.app.at(&base).answer(&identity, request, &asked).map(|answer| answer.body)
    };
    if call.body_size <= SMALL {
        match answer(true, None) {
            // Begun again below, where it keeps nobody waiting.
            Err(failure) if failure.is_timeout() => {}
            answered => return Ok(json(answered?)),
        }
    }
    Ok(json(offload_query(move |gone| answer(false, Some(gone))).await??))
}

/// A query in a larger body, in bytes, takes long only to be read.
const SMALL: usize = 16 << 10;

/// `POST /admin/transact`: the fields `steps` and `throw-on-missing-attrs?`; answers `{"tx-id": <int>}`.
pub(super) async fn transact(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Refusal> {
    let app_id = app_id(&call)?;
    params::required(&["body", "steps"], call.field("steps"), params::collection)?;
    let throw_on_missing_attrs = params::flag(call.field("throw-on-missing-attrs?"));
    let Caller { app, identity } = caller(&apps, &call, app_id)?;
    let app = app.ok_or_else(unknown_app)?;
    let steps = call.fields.remove("steps").unwrap_or_default();
    let source = call.source();
    let tx_id = offload(move || {
        if let Err(refusal) = app.writable() {
            // What is no list of steps is told first.
            steps::parse(&steps).map_err(|invalid| Failure::invalid(&invalid, steps.clone()))?;
            return Err(refusal);
        }
        let request = TransactRequest { steps: &steps, throw_on_missing_attrs };
        app.app.transact_from(source, &identity, request)
    })
    .await??;
    Ok(json(format!("{{\"tx-id\":{tx_id}}}")))
}
