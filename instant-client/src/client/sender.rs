//! Sends one call: attempts, pauses between them, the time they may take.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Method};
use instant_core::Uuid;
use tokio::time;

use super::answer;
use crate::{
    Error,
    error::ErrorKind,
    retry::{self, Effect, Ending},
    transport::{Broken, Request, Transport},
};

/// How calls are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// For one attempt.
    pub(crate) timeout: Duration,
    /// For all attempts and the pauses between them.
    pub(crate) deadline: Duration,
    /// How many attempts may follow the first.
    pub(crate) retries: u32,
    /// Whether writes may be sent twice.
    pub(crate) idempotent: bool,
}

impl Default for Options {
    fn default() -> Self {
        // The server gives a transaction 35 seconds.
        Self {
            timeout: Duration::from_secs(45),
            deadline: Duration::from_secs(90),
            retries: 3,
            idempotent: false,
        }
    }
}

/// A way to a server, and what opens an app there.
pub(crate) struct Sender {
    pub(crate) transport: Transport,
    pub(crate) app_id: Uuid,
    /// What every call carries; the token among it is marked as sensitive.
    pub(crate) headers: HeaderMap,
    /// What must not show in errors.
    pub(crate) secrets: Vec<String>,
}

impl Sender {
    /// Posts JSON text, and gives the JSON text of the answer.
    pub(crate) async fn post(
        &self,
        path: impl Into<Cow<'static, str>>,
        body: String,
        effect: Effect,
        options: &Options,
    ) -> Result<String, Error> {
        let request =
            Request { method: Method::POST, path: path.into(), headers: &self.headers, body: body.into() };
        self.text(&request, effect, options).await
    }

    /// Reads, and gives the JSON text of the answer.
    pub(crate) async fn get(
        &self,
        path: impl Into<Cow<'static, str>>,
        options: &Options,
    ) -> Result<String, Error> {
        let request =
            Request { method: Method::GET, path: path.into(), headers: &self.headers, body: Bytes::new() };
        self.text(&request, Effect::Read, options).await
    }

    async fn text(&self, request: &Request<'_>, effect: Effect, options: &Options) -> Result<String, Error> {
        let body = self.send(request, effect, options).await?;
        String::from_utf8(body.into()).map_err(|error| {
            Error::caused(ErrorKind::UnexpectedAnswer, "the answer is not UTF-8", error.utf8_error())
        })
    }

    /// Sends a call, again where that is safe, and gives the body of a good answer.
    pub(crate) async fn send(
        &self,
        request: &Request<'_>,
        effect: Effect,
        options: &Options,
    ) -> Result<Bytes, Error> {
        let began = Instant::now();
        let mut attempt = 1;
        loop {
            let left = options.deadline.saturating_sub(began.elapsed());
            let (error, ending) = match self.attempt(request, options.timeout.min(left)).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            let error = error.after_attempts(attempt);
            let pause = retry::pause(attempt, error.retry_after(), retry::random());
            let in_time = began.elapsed().saturating_add(pause) < options.deadline;
            if attempt > options.retries || !in_time || !retry::again(effect, ending) {
                return Err(error);
            }
            time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, request: &Request<'_>, timeout: Duration) -> Result<Bytes, (Error, Ending)> {
        let answer = match time::timeout(timeout, self.transport.send(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(Broken::NotSent(cause))) => {
                let message = format!("could not reach the server at {}", self.transport);
                return Err((Error::caused(ErrorKind::Connect, message, cause), Ending::NotSent));
            }
            Ok(Err(Broken::Lost(cause))) => {
                let message = format!("the connection to the server at {} broke", self.transport);
                return Err((Error::caused(ErrorKind::Connection, message, cause), Ending::NoAnswer));
            }
            Err(_) => {
                let server = &self.transport;
                let message = format!("no answer from the server at {server} within {timeout:?}");
                return Err((Error::new(ErrorKind::Timeout, message), Ending::NoAnswer));
            }
        };
        let status = answer.status.as_u16();
        answer::read(answer, &self.secrets).map_err(|error| {
            let slow_query = error.kind() == ErrorKind::QueryTimeout;
            (error, Ending::Refused { status, slow_query })
        })
    }
}
