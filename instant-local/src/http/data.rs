//! Reading and writing: `POST /admin/query`, `POST /admin/transact` (`http-api.md` 4).

use std::time::Duration;

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::steps;

use super::{
    Refusal,
    call::Call,
    credentials::{Caller, app_id, caller, unknown_app},
    json, offload, params,
};
use crate::{
    app::{QueryRequest, TransactRequest},
    apps::{Apps, Hosted},
    failure::Failure,
    query::{Asked, Limits},
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
    let limits = app.as_ref().map_or_else(Limits::default, |app| app.app.limits());
    let answer = move |limits: &Limits| {
        let request = QueryRequest { query: &query, inference };
        // An app that does not exist looks like an empty one to a guest.
        let Some(app) = &app else { return Hosted::empty()?.query(&identity, request) };
        app.readable()?;
        let asked = Asked { limits: *limits, source: Some(&source), ..Asked::default() };
        app.app.at(&base).query_within(&identity, request, &asked)
    };
    if call.body_size <= SMALL {
        let quick = Limits { time: QUICK.min(limits.time), ..limits };
        match answer(&quick) {
            // Begun again below, where it keeps nobody waiting.
            Err(failure) if failure.is_timeout() && limits.time > QUICK => {}
            answered => return Ok(json(answered?)),
        }
    }
    Ok(json(offload(move || answer(&limits)).await??))
}

/// A query that is answered within this time is answered at once: another thread would cost more than that.
const QUICK: Duration = Duration::from_micros(300);

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
