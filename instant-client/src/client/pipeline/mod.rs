//! The one way in which a call reaches the server: attempts, timeouts, retries and tracing.
//!
//! Each kind of call is an [`Exchange`], which performs a single attempt. [`Pipeline::run`] repeats
//! it as the [retry policy](crate::retry) allows.

mod attempts;
mod failure;

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use instant_core::Uuid;
use tokio::time;

use self::attempts::Attempts;
pub(super) use self::{
    attempts::{CallPolicy, Limits},
    failure::Failure,
};
use super::{redaction::Redactor, response, trace::Trace};
use crate::{
    Error,
    error::ErrorKind,
    retry::Effect,
    transport::{ApiEndpoint, Destination, Request, Transport, TransportError},
};

/// Everything that calls to one app have in common.
#[derive(Clone)]
pub(crate) struct Pipeline {
    pub(crate) transport: Transport,
    pub(crate) app_id: Uuid,
    /// The headers of every call to the API; tokens among them are marked as sensitive. Or the
    /// reason why a header is invalid.
    pub(crate) headers: Result<HeaderMap, &'static str>,
    /// Removes secrets from errors.
    pub(crate) redactor: Redactor,
}

/// The settings of a client that govern its calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallOptions {
    /// The timeout of one attempt; for transfers, the longest time in which no byte moves.
    pub(crate) timeout: Duration,
    /// The deadline of a whole call, if the caller set one.
    pub(crate) deadline: Option<Duration>,
    /// The number of attempts after the first.
    pub(crate) retries: u32,
    /// Whether the caller declared its writes idempotent.
    pub(crate) idempotent: bool,
}

impl Default for CallOptions {
    fn default() -> Self {
        // The server gives a transaction 35 seconds.
        Self { timeout: Duration::from_secs(45), deadline: None, retries: 3, idempotent: false }
    }
}

impl CallOptions {
    /// Returns the deadline of a call that transfers no file.
    pub(crate) fn api_deadline(&self) -> Duration {
        self.deadline.unwrap_or(Duration::from_secs(90))
    }

    /// Returns the options for the rest of a call that started at `start`.
    pub(crate) fn remaining_since(&self, start: time::Instant) -> Self {
        Self { deadline: self.deadline.map(|deadline| deadline.saturating_sub(start.elapsed())), ..*self }
    }

    /// Returns the effect of a write that is idempotent only if the caller says so.
    pub(crate) fn write_effect(&self) -> Effect {
        if self.idempotent { Effect::IdempotentWrite } else { Effect::Write }
    }
}

/// One kind of call.
pub(super) trait Exchange: Send {
    /// The result of a successful attempt.
    type Output: Send;

    /// Performs one attempt within `limits`.
    fn attempt(
        &mut self,
        pipeline: &Pipeline,
        request: &Request<'_>,
        limits: Limits,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;
}

/// A call whose response is JSON, read to its end.
struct JsonExchange;

impl Exchange for JsonExchange {
    type Output = Bytes;

    async fn attempt(
        &mut self,
        pipeline: &Pipeline,
        request: &Request<'_>,
        limits: Limits,
    ) -> Result<Bytes, Failure> {
        let response = pipeline.within(request, limits.attempt, pipeline.transport.send(request)).await?;
        response::read(response, request, &pipeline.redactor).map_err(Failure::rejected)
    }
}

impl Pipeline {
    /// Sends a `POST` request with a JSON body, and returns the JSON text of the response.
    pub(crate) async fn post(
        &self,
        path: impl Into<Cow<'static, str>>,
        body: String,
        effect: Effect,
        options: &CallOptions,
    ) -> Result<String, Error> {
        self.call(Method::POST, path, body, effect, options).await
    }

    /// Sends a `GET` request, and returns the JSON text of the response.
    pub(crate) async fn get(
        &self,
        path: impl Into<Cow<'static, str>>,
        options: &CallOptions,
    ) -> Result<String, Error> {
        self.call(Method::GET, path, String::new(), Effect::Read, options).await
    }

    /// Sends a request with a JSON body or none, and returns the JSON text of the response.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: impl Into<Cow<'static, str>>,
        body: String,
        effect: Effect,
        options: &CallOptions,
    ) -> Result<String, Error> {
        let request = self.request(method, path, body)?;
        self.call_json(&request, CallPolicy::api(effect, options)).await
    }

    /// Sends `request`, and returns the JSON text of the response.
    pub(super) async fn call_json(&self, request: &Request<'_>, policy: CallPolicy) -> Result<String, Error> {
        response::text(self.run(request, policy, JsonExchange).await?.into())
    }

    /// Builds a request to an endpoint of the client's server.
    pub(super) fn request(
        &self,
        method: Method,
        path: impl Into<Cow<'static, str>>,
        body: String,
    ) -> Result<Request<'_>, Error> {
        let endpoint = ApiEndpoint { path: path.into(), headers: Cow::Borrowed(self.headers()?) };
        Ok(Request { method, destination: Destination::Api(endpoint), body: body.into() })
    }

    /// Returns the headers of every call to the API.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if a credential cannot be sent in a header.
    pub(crate) fn headers(&self) -> Result<&HeaderMap, Error> {
        self.headers.as_ref().map_err(|reason| Error::new(ErrorKind::Config, *reason))
    }

    /// Returns a pipeline whose errors also omit the secrets that `add` names.
    pub(crate) fn redacting(&self, add: impl FnOnce(&mut Redactor)) -> Self {
        let mut pipeline = self.clone();
        add(&mut pipeline.redactor);
        pipeline
    }

    /// Performs a call: attempts it until it succeeds, must not be repeated, or has no attempts or
    /// time left.
    pub(super) async fn run<E: Exchange>(
        &self,
        request: &Request<'_>,
        policy: CallPolicy,
        mut exchange: E,
    ) -> Result<E::Output, Error> {
        let trace = Trace::new(request);
        let mut attempts = Attempts::new(policy);
        let call = async {
            loop {
                let failure = match exchange.attempt(self, request, attempts.limits()).await {
                    Ok(output) => {
                        trace.succeeded(attempts.number());
                        return Ok(output);
                    }
                    Err(failure) => failure,
                };
                let Some(backoff) = attempts.backoff_after(&failure) else {
                    trace.failed(attempts.number(), &failure.error);
                    return Err(failure.error.after_attempts(attempts.number()));
                };
                trace.retrying(attempts.number(), backoff);
                time::sleep(backoff).await;
                attempts.advance();
            }
        };
        trace.within(call).await
    }

    /// Awaits `response`, for at most `timeout`.
    pub(super) async fn within<T>(
        &self,
        request: &Request<'_>,
        timeout: Duration,
        response: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, Failure> {
        let response = time::timeout(timeout, response).await;
        let response = response.map_err(|_| self.timed_out(request, timeout))?;
        response.map_err(|error| self.disconnected(request, error))
    }
}
