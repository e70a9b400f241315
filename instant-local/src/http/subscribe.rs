//! `POST /admin/subscribe-query`: an event stream whose first result contains page info and counts
//! (`docs/protocol/sse.md`, "4. subscribe-query").
//!
//! Only the first result is sent; then the stream stays open and silent until the client closes it.
//! Refreshes after changes of the data, and their keep-alive lines, are not implemented yet.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{body::Body, extract::State};
use bytes::Bytes;
use futures_core::Stream;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONNECTION},
};
use instant_core::{Object, Uuid, Value};

use super::{
    Rejection, build_response,
    call::Call,
    credentials::{Access, access, app_id},
    params, run_request,
};
use crate::{
    failure::Failure,
    query::{self, QueryOptions, QueryResponse},
    rules::RuleSource,
};

/// Reads the fields `query` and `inference?`. Errors of the query itself are sent in the stream.
pub(super) async fn subscribe(
    State(apps): State<crate::apps::Apps>,
    mut call: Call,
) -> Result<Response<Body>, Rejection> {
    let app_id = app_id(&call)?;
    params::required(&["body", "query"], call.field("query"), params::object)?;
    let Access { app, caller } = access(&apps, &call, app_id)?;
    let inference = params::flag(call.field("inference?"));
    let sent = call.fields.remove("query").unwrap_or_default();
    // A guest of an app that does not exist gets a stream without messages, as from the real
    // server.
    let Some(app) = app else { return Ok(stream(None)) };
    let messages = run_request(call.context(caller), move |context| {
        let session = Session::new();
        let run = || {
            app.readable()?;
            let limits = app.limits();
            let options = QueryOptions::new(&limits, RuleSource::stored(&app.rules));
            let options = QueryOptions { inference, page_info: true, ..options };
            query::execute(&app.state()?, context, &query::parse(&sent)?, &options)?.into_response()
        };
        match run() {
            Ok(response) => session.messages(&session.first_response(&sent, &response)),
            Err(failure) => session.messages(&session.error(&sent, failure.quoting(&sent))),
        }
    })
    .await?;
    Ok(stream(Some(messages.into())))
}

fn stream(first: Option<Bytes>) -> Response<Body> {
    const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream; charset=UTF-8");
    let mut response = build_response(StatusCode::OK, Some(EVENTS), Body::from_stream(Events(first)));
    // Not `no-cache`: this is what the real server sends.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("nocache"));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A stream of one message that never ends.
struct Events(Option<Bytes>);

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.take().map_or(Poll::Pending, |first| Poll::Ready(Some(Ok(first))))
    }
}

/// The ids of one stream and its query.
struct Session {
    id: Uuid,
    event: Uuid,
}

impl Session {
    fn new() -> Self {
        Self { id: Uuid::new_v4(), event: Uuid::new_v4() }
    }

    /// Returns the start of a stream, followed by `message`.
    fn messages(&self, message: &str) -> String {
        let mut init = Object::new();
        init.insert("op", "sse-init");
        init.insert("machine-id", Uuid::new_v4());
        init.insert("session-id", self.id);
        init.insert("sse-token", Uuid::new_v4());
        init.insert("trace-id", trace_id());
        format!("retry:500\n\ndata:{}\n\ndata:{message}\n\n", Value::from(init))
    }

    fn first_response(&self, query: &Value, response: &QueryResponse) -> String {
        let result = String::from_utf8_lossy(&response.body);
        let mut rest = Object::new();
        let mut meta = Object::new();
        meta.insert("page-info", response.page_info.clone());
        meta.insert("aggregate", response.aggregate.clone());
        rest.insert("result-meta", meta);
        rest.insert("processed-tx-id", response.transaction);
        rest.insert("processed-isn", Value::Null);
        rest.insert("client-event-id", self.event);
        rest.insert("trace-id", trace_id());
        let rest = Value::from(rest).to_string();
        // The result is JSON already.
        format!(
            "{{\"op\":\"add-query-ok\",\"q\":{query},\"result\":{result},{}",
            rest.trim_start_matches('{')
        )
    }

    fn error(&self, query: &Value, failure: Failure) -> String {
        let mut event = Object::new();
        event.insert("op", "add-query");
        event.insert("session-id", self.id);
        event.insert("client-event-id", self.event);
        event.insert("q", query.clone());
        event.insert("return-type", "tree");
        // A timeout has status 500 in a stream, and status 429 elsewhere.
        let status = if failure.is_timeout() { 500 } else { failure.status };
        let mut out = Object::new();
        out.insert("op", "error");
        out.insert("status", status);
        out.insert("client-event-id", self.event);
        out.insert("original-event", event);
        out.insert("type", failure.error.kind);
        out.insert("message", failure.error.message);
        out.insert("hint", failure.error.hint.map_or(Value::Null, Value::Object));
        out.insert("trace-id", trace_id());
        Value::from(out).to_string()
    }
}

fn trace_id() -> String {
    Uuid::new_v4().simple().to_string()
}
