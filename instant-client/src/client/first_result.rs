//! Asks a live endpoint one thing: opens the stream, takes the first answer, and closes. It is the only way to page info and counts.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE};
use instant_core::Value;
use tokio::time;

use super::{
    event_stream::EventStream,
    pipeline::{Attempts, Failed, Options, Pipeline, refused},
    response,
    session_message::{self, Message, QueryResult},
    trace::Trace,
};
use crate::{
    Error,
    error::ErrorKind,
    retry::Effect,
    transport::{Broken, Request},
};

impl Pipeline {
    /// The first answer to `query`. Timeout and deadline are for the time until it is there.
    pub(super) async fn first_result(&self, query: &Value, options: &Options) -> Result<QueryResult, Error> {
        let body = Bytes::from(format!("{{\"query\":{query},\"inference?\":true}}"));
        let path = "/admin/subscribe-query".into();
        let request = Request { method: Method::POST, path, headers: self.headers()?, body };
        let trace = Trace::of(&request);
        let mut attempts = Attempts::new(Effect::Read, options, &trace);
        let asking = async {
            loop {
                let timeout = attempts.time();
                let answered = match time::timeout(timeout, self.listen(&request)).await {
                    Ok(answered) => answered,
                    Err(_) => Err(self.silent(&request, timeout)),
                };
                match answered {
                    Ok(answered) => return Ok(attempts.good(answered)),
                    Err(failed) => attempts.pause(failed).await?,
                }
            }
        };
        trace.within(asking).await
    }

    async fn listen(&self, request: &Request<'_>) -> Result<QueryResult, Failed> {
        let broken = |broken| self.broken(request, broken);
        let (head, mut pieces) =
            self.transport.open(request, request.body.clone().into()).await.map_err(broken)?;
        if head.status != StatusCode::OK || !is_stream(&head.headers) {
            let body = pieces.refusal().await.map_err(broken)?;
            return Err(refused(response::refused(&head, &body, request, &self.redactor)));
        }
        let mut events = EventStream::default();
        while let Some(piece) = pieces.next().await.map_err(broken)? {
            events.push(&piece);
            while let Some(data) = events.next() {
                let data = response::text(data).map_err(refused)?;
                let messages = session_message::read(&data).map_err(|error| {
                    let message = "the server sent an event that is no JSON";
                    refused(Error::caused(ErrorKind::UnexpectedAnswer, message, error))
                })?;
                for message in messages {
                    match message {
                        Message::QueryResult(answered) => return Ok(answered),
                        Message::Refused(message) => {
                            return Err(refused(response::refused_in_stream(message, &self.redactor)));
                        }
                        Message::Other => {}
                    }
                }
            }
        }
        Err(broken(Broken::Lost("the stream ended before it answered".into())))
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}
