//! Builds a client from a URL, an app id and an admin token.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT},
};
use instant_core::Uuid;
use tower_service::Service;

use super::{
    Client,
    pipeline::{CallOptions, Pipeline},
    redaction::Redactor,
    validate::valid_text,
};
use crate::{
    Error,
    error::ErrorKind,
    transport::{AnyService, Body, Network, ServiceTransport, Transport, parse_address},
};

/// A builder for a client; see [`Client::builder`].
///
/// ```
/// use instant_client::Client;
///
/// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
/// let db = Client::builder(app)
///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
///     .base_url("http://localhost:8888")
///     .build()?;
/// # Ok::<_, instant_client::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    app_id: String,
    admin_token: Option<String>,
    base_url: String,
    options: CallOptions,
    http: HttpClient,
}

/// The transport of HTTP requests.
#[derive(Clone)]
enum HttpClient {
    /// The client creates its own HTTP client.
    Default,
    Client(reqwest::Client),
    Service(AnyService),
}

/// The URL of Instant Cloud.
const CLOUD: &str = "https://api.instantdb.com";

impl ClientBuilder {
    pub(super) fn new(app_id: String) -> Self {
        Self {
            app_id,
            admin_token: None,
            base_url: CLOUD.to_owned(),
            options: CallOptions::default(),
            http: HttpClient::Default,
        }
    }

    /// Sets the app's admin token.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app).admin_token("82900c15-faac-495b-b385-9f9e7743b629").build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn admin_token(mut self, token: impl ToString) -> Self {
        self.admin_token = Some(token.to_string());
        self
    }

    /// Sets the server's URL; the default is Instant Cloud. The URL may have a path:
    /// `https://example.com/instant`.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app)
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .base_url("https://example.com/instant")
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Sets the timeout of one attempt; the default is 45 seconds. For uploads and downloads it is
    /// the longest time without any data transferred.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app)
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .timeout(Duration::from_secs(10))
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// Sets the deadline of a call, including all attempts and backoffs; the default is 90 seconds,
    /// and none for uploads and downloads.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app)
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .deadline(Duration::from_secs(30))
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Sets the maximum number of retries when a retry is safe; the default is 3.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app)
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .retries(0)
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn retries(mut self, retries: u32) -> Self {
        self.options.retries = retries;
        self
    }

    /// Sends requests with `client`, with its TLS, proxy and pool settings. It should not follow
    /// redirects.
    ///
    /// ```no_run
    /// use instant_client::Client;
    ///
    /// let http = reqwest::Client::builder()
    ///     .proxy(reqwest::Proxy::all("http://proxy.example:3128")?)
    ///     .redirect(reqwest::redirect::Policy::none())
    ///     .build()?;
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .http_client(http)
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = HttpClient::Client(http);
        self
    }

    /// Sends requests with a service, such as a stack of `tower` layers over an HTTP client. Its
    /// requests have absolute URLs. A call that fails before the service is ready counts as not
    /// sent; any other failed call may have been performed.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use std::{
    ///     sync::{Arc, atomic::{AtomicU32, Ordering}},
    ///     task::{Context, Poll},
    /// };
    ///
    /// use instant_client::Client;
    /// use tower_service::Service;
    ///
    /// /// Counts what passes through it.
    /// #[derive(Clone)]
    /// struct Counted<S>(S, Arc<AtomicU32>);
    ///
    /// impl<R, S: Service<R>> Service<R> for Counted<S> {
    ///     type Response = S::Response;
    ///     type Error = S::Error;
    ///     type Future = S::Future;
    ///
    ///     fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
    ///         self.0.poll_ready(context)
    ///     }
    ///
    ///     fn call(&mut self, request: R) -> S::Future {
    ///         self.1.fetch_add(1, Ordering::Relaxed);
    ///         self.0.call(request)
    ///     }
    /// }
    ///
    /// let local = instant_local::Local::in_memory();
    /// let app = local.create_app("garden")?;
    /// let calls = Arc::new(AtomicU32::new(0));
    /// let db = Client::builder(app.id)
    ///     .admin_token(app.admin_token)
    ///     .base_url("http://instant.internal")
    ///     .service(Counted(local.service(), Arc::clone(&calls)))
    ///     .build()?;
    /// db.query_raw(serde_json::json!({"plants": {}})).await?;
    /// assert_eq!(calls.load(Ordering::Relaxed), 1);
    /// # }
    /// ```
    pub fn service<S, B>(mut self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.http = HttpClient::Service(AnyService::new(service));
        self
    }

    /// Builds the client. It sends no request, so a wrong token fails the first call.
    ///
    /// ```
    /// use instant_client::{Client, ErrorKind};
    ///
    /// let builder = Client::builder("my app").admin_token("82900c15-faac-495b-b385-9f9e7743b629");
    /// let error = builder.build().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Config);
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if the token is missing, or if the id, token or URL is invalid.
    pub fn build(self) -> Result<Client, Error> {
        let token = self.admin_token.clone();
        let (pipeline, options) = self.without_token()?;
        admin(pipeline, token.as_deref(), options)
    }

    /// Builds the pipeline, without credentials.
    pub(super) fn without_token(self) -> Result<(Pipeline, CallOptions), Error> {
        let base = parse_address(self.base_url.trim()).map_err(config)?;
        let transport = match self.http {
            HttpClient::Default => Transport::Network(Network::new(base, None).map_err(config)?),
            HttpClient::Client(http) => Transport::Network(Network::new(base, Some(http)).map_err(config)?),
            HttpClient::Service(service) => Transport::Service(ServiceTransport::new(base, service)),
        };
        Ok((pipeline(transport, &self.app_id)?, self.options))
    }
}

/// Builds the pipeline to the app `app_id` over `transport`, without credentials.
pub(super) fn pipeline(transport: Transport, app_id: &str) -> Result<Pipeline, Error> {
    let app_id = Uuid::try_parse(app_id.trim()).map_err(|_| {
        config(format!(
            "invalid app id {:?}: expected a UUID such as 137ace7a-efdd-490f-b0dc-a3c73a14f892",
            app_id.chars().take(60).collect::<String>()
        ))
    })?;
    let id = HeaderValue::from_str(&app_id.to_string()).map_err(|error| config(error.to_string()))?;
    let headers = HeaderMap::from_iter([
        (HeaderName::from_static("app-id"), id),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static(concat!("instant-client-rust/", env!("CARGO_PKG_VERSION")))),
    ]);
    Ok(Pipeline { transport, app_id, headers: Ok(headers), redactor: Redactor::default() })
}

/// Builds the client that sends the admin token.
pub(super) fn admin(
    mut pipeline: Pipeline,
    admin_token: Option<&str>,
    options: CallOptions,
) -> Result<Client, Error> {
    let token = admin_token.map(str::trim).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| config("missing admin token: set it with `.admin_token(..)`"))?;
    let token = valid_text("the admin token", token).map_err(|error| config(error.to_string()))?;
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| config("the admin token has characters that cannot be sent in a header"))?;
    bearer.set_sensitive(true);
    if let Ok(headers) = &mut pipeline.headers {
        headers.insert(AUTHORIZATION, bearer);
    }
    pipeline.redactor.token(token);
    Ok(Client { pipeline: Arc::new(pipeline), options })
}

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}

/// Omits the token.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "137ace7a-efdd-490f-b0dc-a3c73a14f892";

    #[test]
    fn invalid_admin_tokens_are_rejected() {
        for (token, want) in [
            (None, "missing admin token: set it with `.admin_token(..)`"),
            (Some("  "), "missing admin token: set it with `.admin_token(..)`"),
            (Some("secret\r\nx-evil: 1"), "the admin token has a control character, such as a line break"),
            (Some(&"secret".repeat(200)), "the admin token has 1200 bytes, the maximum is 1000"),
        ] {
            let mut builder = Client::builder(ID).base_url("http://localhost:1");
            if let Some(token) = token {
                builder = builder.admin_token(token);
            }
            let shown = format!("{builder:?}");
            let error = builder.build().unwrap_err();
            assert_eq!(error.to_string(), want);
            assert!(!format!("{shown} {error:?}").contains("secret"), "{shown} {error:?}");
        }
    }
}
