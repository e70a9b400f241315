//! Queries and transactions: `POST /admin/query`, `POST /admin/transact`
//! (`docs/protocol/http-api.md`, "4. Data").

use std::sync::Arc;

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Value, query::Query, steps};

use super::{
    Rejection,
    call::Call,
    credentials::{Access, access, app_id, unknown_app},
    json, params, run_request,
};
use crate::{
    apps::{Apps, HostedApp},
    failure::Failure,
    query::{self, Outcome, QueryOptions, QueryResponse},
    request::RequestContext,
    rules::RuleSource,
    transact::{self, TransactOptions},
};

/// The body size in bytes up to which a query may run on the async thread. Parsing a larger one
/// takes too long.
const SMALL: usize = 16 << 10;

/// `POST /admin/query`: the fields `query` and `inference?`. Responds with the result tree.
pub(super) async fn query(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Rejection> {
    let app_id = app_id(&call)?;
    params::required(&["body", "query"], call.field("query"), params::object)?;
    let Access { app, caller } = access(&apps, &call, app_id)?;
    let request = QueryRequest {
        // For a guest, an app that does not exist looks empty.
        app: app.map_or_else(|| HostedApp::empty().map(Arc::new), Ok)?,
        inference: params::flag(call.field("inference?")),
        query: call.fields.remove("query").unwrap_or_default(),
    };
    let context = call.context(caller);
    let mut parsed = None;
    if call.body_size <= SMALL {
        let query = parsed.insert(request.parse()?);
        match request.execute(&context, query, true)? {
            Outcome::Done(response) => return Ok(json(response.body)),
            Outcome::TooLarge => {}
        }
    }
    let response = run_request(context, move |context| {
        let query = parsed.map_or_else(|| request.parse(), Ok)?;
        request.finish(context, &query)
    });
    Ok(json(response.await??.body))
}

/// A query as it was sent.
struct QueryRequest {
    app: Arc<HostedApp>,
    inference: bool,
    query: Value,
}

impl QueryRequest {
    fn parse(&self) -> Result<Query, Failure> {
        self.app.readable()?;
        query::parse(&self.query).map_err(|failure| failure.quoting(&self.query))
    }

    fn execute(&self, context: &RequestContext, query: &Query, inline: bool) -> Result<Outcome, Failure> {
        let limits = self.app.limits();
        let rules = RuleSource::stored(&self.app.rules);
        let options = QueryOptions { inference: self.inference, inline, ..QueryOptions::new(&limits, rules) };
        query::execute(&self.app.state()?, context, query, &options)
            .map_err(|failure| failure.quoting(&self.query))
    }

    fn finish(&self, context: &RequestContext, query: &Query) -> Result<QueryResponse, Failure> {
        self.execute(context, query, false)?.into_response()
    }
}

/// `POST /admin/transact`: the fields `steps` and `throw-on-missing-attrs?`. Responds with
/// `{"tx-id": <int>}`.
pub(super) async fn transact(State(apps): State<Apps>, mut call: Call) -> Result<Response<Body>, Rejection> {
    let app_id = app_id(&call)?;
    params::required(&["body", "steps"], call.field("steps"), params::collection)?;
    let throw_on_missing_attrs = params::flag(call.field("throw-on-missing-attrs?"));
    let Access { app, caller } = access(&apps, &call, app_id)?;
    let app = app.ok_or_else(unknown_app)?;
    let sent = call.fields.remove("steps").unwrap_or_default();
    let context = call.context(caller);
    let outcome = run_request(context, move |context| {
        let run = || {
            // Malformed steps are reported before the status of the app.
            let steps = steps::parse(&sent).map_err(|invalid| Failure::invalid_request(&invalid))?;
            app.writable()?;
            let limits = app.limits();
            let options = TransactOptions::new(&limits, RuleSource::stored(&app.rules));
            let options = TransactOptions { throw_on_missing_attrs, ..options };
            transact::execute(&app.app, context, &steps, options)
        };
        run().map_err(|failure| failure.quoting(&sent))
    });
    Ok(json(format!("{{\"tx-id\":{}}}", outcome.await??.number)))
}
