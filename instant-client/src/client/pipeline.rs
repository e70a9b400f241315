//! Sends one call: attempts, pauses between them, the time they may take.

use std::{borrow::Cow, error::Error as StdError, io, iter, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use instant_core::Uuid;
use reqwest::Url;
use tokio::time::{self, Instant};

use super::{redaction::Redactor, response, trace::Trace};
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
    /// For all attempts and the pauses between them, if the caller said so.
    pub(crate) deadline: Option<Duration>,
    /// How many attempts may follow the first.
    pub(crate) retries: u32,
    /// Whether writes may be sent twice.
    pub(crate) idempotent: bool,
}

impl Default for Options {
    fn default() -> Self {
        // The server gives a transaction 35 seconds.
        Self { timeout: Duration::from_secs(45), deadline: None, retries: 3, idempotent: false }
    }
}

impl Options {
    /// For all attempts of a call and the pauses between them. What moves bytes of files has no such end unless the caller says so.
    pub(crate) fn deadline(&self) -> Duration {
        self.deadline.unwrap_or(Duration::from_secs(90))
    }

    /// The same for the rest of a call that `began` then.
    pub(crate) fn since(&self, began: Instant) -> Self {
        Self { deadline: self.deadline.map(|deadline| deadline.saturating_sub(began.elapsed())), ..*self }
    }

    /// What a write does that is not known to do the same when done twice, unless the caller knows.
    pub(crate) fn writing(&self) -> Effect {
        if self.idempotent { Effect::IdempotentWrite } else { Effect::Write }
    }
}

/// A way to a server, and what opens an app there.
#[derive(Clone)]
pub(crate) struct Pipeline {
    pub(crate) transport: Transport,
    pub(crate) app_id: Uuid,
    /// What every call carries; the token among it is marked as sensitive. Or why it cannot be carried.
    pub(crate) headers: Result<HeaderMap, &'static str>,
    /// What must not show in errors.
    pub(crate) redactor: Redactor,
}

impl Pipeline {
    /// Posts JSON text, and gives the JSON text of the answer.
    pub(crate) async fn post(
        &self,
        path: impl Into<Cow<'static, str>>,
        body: String,
        effect: Effect,
        options: &Options,
    ) -> Result<String, Error> {
        self.call(Method::POST, path, body, effect, options).await
    }

    /// Reads, and gives the JSON text of the answer.
    pub(crate) async fn get(
        &self,
        path: impl Into<Cow<'static, str>>,
        options: &Options,
    ) -> Result<String, Error> {
        self.call(Method::GET, path, String::new(), Effect::Read, options).await
    }

    /// Calls with JSON text, or without a body, and gives the JSON text of the answer.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: impl Into<Cow<'static, str>>,
        body: String,
        effect: Effect,
        options: &Options,
    ) -> Result<String, Error> {
        let request = Request { method, path: path.into(), headers: self.headers()?, body: body.into() };
        response::text(self.send(&request, effect, options).await?.into())
    }

    /// What every call carries.
    pub(crate) fn headers(&self) -> Result<&HeaderMap, Error> {
        self.headers.as_ref().map_err(|unfit| Error::new(ErrorKind::Config, *unfit))
    }

    /// The same, whose errors do not show what `secrets` adds.
    pub(crate) fn redacting(&self, redactor: impl FnOnce(&mut Redactor)) -> Self {
        let mut pipeline = self.clone();
        redactor(&mut pipeline.redactor);
        pipeline
    }

    /// Sends a call, again where that is safe, and gives the body of a good answer.
    pub(crate) async fn send(
        &self,
        request: &Request<'_>,
        effect: Effect,
        options: &Options,
    ) -> Result<Bytes, Error> {
        let trace = Trace::of(request);
        self.send_in(request, Attempts::new(effect, options, &trace)).await
    }

    /// The same in these attempts.
    pub(super) async fn send_in(
        &self,
        request: &Request<'_>,
        mut attempts: Attempts<'_>,
    ) -> Result<Bytes, Error> {
        let trace = attempts.trace;
        let sending = async {
            loop {
                match self.attempt(request, attempts.time()).await {
                    Ok(body) => return Ok(attempts.good(body)),
                    Err(failed) => attempts.pause(failed).await?,
                }
            }
        };
        trace.within(sending).await
    }

    async fn attempt(&self, request: &Request<'_>, timeout: Duration) -> Result<Bytes, Failed> {
        let answered = time::timeout(timeout, self.transport.send(request)).await;
        let answered = answered.map_err(|_| self.silent(request, timeout))?;
        let answer = answered.map_err(|broken| self.broken(request, broken))?;
        response::read(answer, request, &self.redactor).map_err(refused)
    }

    /// Where a request goes: to the client's server, or to one that the server named.
    pub(super) fn server(&self, request: &Request<'_>) -> String {
        match Url::parse(&request.path) {
            Ok(url) => url.origin().ascii_serialization(),
            Err(_) => self.transport.to_string(),
        }
    }

    /// There is no answer, because time ran out.
    pub(super) fn silent(&self, request: &Request<'_>, timeout: Duration) -> Failed {
        let message = format!("no answer from the server at {} within {timeout:?}", self.server(request));
        (Error::new(ErrorKind::Timeout, message), Ending::NoAnswer)
    }

    /// There is no answer, or not all of it, because of the connection.
    pub(super) fn broken(&self, request: &Request<'_>, broken: Broken) -> Failed {
        let server = self.server(request);
        match broken {
            Broken::NotSent(cause) => {
                let mut message = format!("could not reach the server at {server}");
                if let Some(reason) = reason(&*cause) {
                    message = format!("{message}: {reason}");
                }
                (Error::caused(ErrorKind::Connect, message, cause), Ending::NotSent)
            }
            Broken::Lost(cause) => {
                let message = format!("the connection to the server at {server} broke");
                (Error::caused(ErrorKind::Connection, message, cause), Ending::NoAnswer)
            }
        }
    }
}

/// Why there is no connection, in a few words: what the system or TLS says. Errors around it may hold addresses, which can be signed.
fn reason(cause: &(dyn StdError + 'static)) -> Option<String> {
    let innermost = iter::successors(Some(cause), |&cause| cause.source()).last()?;
    let system = innermost.downcast_ref::<io::Error>()?;
    Some(match system.raw_os_error() {
        // Words that are the same on each system.
        Some(_) => system.kind().to_string(),
        None => system.to_string(),
    })
}

/// How an attempt failed: what the caller is told, and what decides about the next one.
pub(super) type Failed = (Error, Ending);

/// There is an answer that says no.
pub(super) fn refused(error: Error) -> Failed {
    let slow_query = error.kind() == ErrorKind::QueryTimeout;
    // What came without a status was no answer of Instant.
    let status = error.status().unwrap_or(0);
    (error, Ending::Refused { status, slow_query })
}

/// The attempts of one call.
pub(super) struct Attempts<'a> {
    effect: Effect,
    retries: u32,
    timeout: Duration,
    /// For all attempts and pauses; none if they may take as long as they need.
    deadline: Option<Duration>,
    began: Instant,
    number: u32,
    trace: &'a Trace,
}

impl<'a> Attempts<'a> {
    /// Before the first of a call.
    pub(super) fn new(effect: Effect, options: &Options, trace: &'a Trace) -> Self {
        Self { deadline: Some(options.deadline()), ..Self::of_transfer(effect, options, trace) }
    }

    /// Before the first of a call that moves bytes of a file.
    pub(super) fn of_transfer(effect: Effect, options: &Options, trace: &'a Trace) -> Self {
        let Options { timeout, deadline, retries, .. } = *options;
        Self { effect, retries, timeout, deadline, began: Instant::now(), number: 1, trace }
    }

    /// How long the next attempt may take.
    pub(super) fn time(&self) -> Duration {
        self.left().map_or(self.timeout, |left| left.min(self.timeout))
    }

    /// How long everything together may still take, if that has an end.
    pub(super) fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_sub(self.began.elapsed()))
    }

    /// The last attempt went well.
    pub(super) fn good<T>(&self, answer: T) -> T {
        self.trace.good(self.number);
        answer
    }

    /// Nothing follows this attempt.
    pub(super) fn last(&self, (error, _): Failed) -> Error {
        self.trace.failed(self.number, &error);
        error.after_attempts(self.number)
    }

    /// Waits for the next attempt, or answers the error if there is none.
    pub(super) async fn pause(&mut self, failed: Failed) -> Result<(), Error> {
        let pause = retry::pause(self.number, failed.0.retry_after(), retry::random());
        let in_time = match self.left() {
            Some(left) => pause < left,
            // Without an end nobody has said that they would wait for a day.
            None => failed.0.retry_after().is_none_or(|asked| asked <= self.timeout),
        };
        if self.number > self.retries || !in_time || !retry::again(self.effect, failed.1) {
            return Err(self.last(failed));
        }
        self.trace.again(self.number, pause);
        time::sleep(pause).await;
        self.number += 1;
        Ok(())
    }
}
