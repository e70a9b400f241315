//! Reads the first result of a live query, and closes the stream.
//!
//! Only live endpoints return page info and aggregates.

use http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE};
use instant_core::Value;
use tokio::time;

use super::{
    event_stream::EventStream,
    pipeline::{CallOptions, CallPolicy, Exchange, Failure, Limits, Pipeline},
    response,
    session_message::{self, Message, QueryResult},
};
use crate::{
    Error,
    error::ErrorKind,
    retry::Effect,
    transport::{Request, TransportError},
};

impl Pipeline {
    /// Subscribes to `query` and returns its first result. `POST /admin/subscribe-query`.
    ///
    /// Timeout and deadline apply until the result has arrived.
    pub(super) async fn first_result(
        &self,
        query: &Value,
        options: &CallOptions,
    ) -> Result<QueryResult, Error> {
        let body = format!("{{\"query\":{query},\"inference?\":true}}");
        let request = self.request(Method::POST, "/admin/subscribe-query", body)?;
        self.run(&request, CallPolicy::api(Effect::Read, options), FirstResult).await
    }
}

/// A subscription that ends with its first result.
struct FirstResult;

impl Exchange for FirstResult {
    type Output = QueryResult;

    async fn attempt(
        &mut self,
        pipeline: &Pipeline,
        request: &Request<'_>,
        limits: Limits,
    ) -> Result<QueryResult, Failure> {
        let result = time::timeout(limits.attempt, subscribe(pipeline, request)).await;
        result.unwrap_or_else(|_| Err(pipeline.timed_out(request, limits.attempt)))
    }
}

async fn subscribe(pipeline: &Pipeline, request: &Request<'_>) -> Result<QueryResult, Failure> {
    let disconnected = |error| pipeline.disconnected(request, error);
    let redactor = &pipeline.redactor;
    let response = pipeline.transport.open(request, request.body.clone().into()).await;
    let (head, mut body) = response.map_err(disconnected)?;
    if head.status != StatusCode::OK || !is_event_stream(&head.headers) {
        let body = body.read_rejection().await.map_err(disconnected)?;
        return Err(Failure::rejected(response::rejection(&head, &body, request, redactor)));
    }
    let mut events = EventStream::default();
    while let Some(chunk) = body.chunk().await.map_err(disconnected)? {
        events.push(&chunk);
        while let Some(data) = events.next() {
            if let Some(result) = result_in(data, |message| response::stream_rejection(message, redactor))
                .map_err(Failure::rejected)?
            {
                return Ok(result);
            }
        }
    }
    Err(disconnected(TransportError::Lost("the event stream ended before the first result".into())))
}

/// Returns the first result among the messages of an event.
///
/// # Errors
///
/// `rejection` of an `error` message.
fn result_in(data: Vec<u8>, rejection: impl Fn(&str) -> Error) -> Result<Option<QueryResult>, Error> {
    let data = response::text(data)?;
    let messages = session_message::read(&data).map_err(|error| {
        Error::caused(ErrorKind::UnexpectedResponse, "the server sent an event that is not JSON", error)
    })?;
    for message in messages {
        match message {
            Message::Result(result) => return Ok(Some(result)),
            Message::Rejected(message) => return Err(rejection(message)),
            Message::Other => {}
        }
    }
    Ok(None)
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}
