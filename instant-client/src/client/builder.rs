//! From an address, an id and a token to a client.

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

/// A client in the making; see [`Client::builder`].
///
/// ```
/// use instant_client::Client;
///
/// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
/// let db = Client::builder(app).admin_token("82900c15-faac-495b-b385-9f9e7743b629").base_url("http://localhost:8888").build()?;
/// # Ok::<_, instant_client::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct ClientBuilder {
    app_id: String,
    admin_token: Option<String>,
    base_url: String,
    options: CallOptions,
    http: Http,
}

/// What carries the calls.
#[derive(Clone)]
enum Http {
    /// A client of our own.
    Ours,
    Client(reqwest::Client),
    Service(AnyService),
}

/// Where Instant Cloud is.
const CLOUD: &str = "https://api.instantdb.com";

impl ClientBuilder {
    pub(super) fn new(app_id: String) -> Self {
        Self {
            app_id,
            admin_token: None,
            base_url: CLOUD.to_owned(),
            options: CallOptions::default(),
            http: Http::Ours,
        }
    }

    /// The app's admin token.
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

    /// Where the server is; Instant Cloud without it. A path is kept: `https://example.com/instant`.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app).admin_token("82900c15-faac-495b-b385-9f9e7743b629").base_url("https://example.com/instant").build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// How long one attempt of a call may take; 45 seconds without it. Of uploads and downloads it is how long nothing may move.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app).admin_token("82900c15-faac-495b-b385-9f9e7743b629").timeout(Duration::from_secs(10)).build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// How long a call may take, attempts and pauses together; 90 seconds without it. Uploads and downloads may take as long as
    /// they need without it.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app).admin_token("82900c15-faac-495b-b385-9f9e7743b629").deadline(Duration::from_secs(30)).build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// How often a call is sent again when that is safe; 3 times without it.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let app = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    /// let db = Client::builder(app).admin_token("82900c15-faac-495b-b385-9f9e7743b629").retries(0).build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn retries(mut self, retries: u32) -> Self {
        self.options.retries = retries;
        self
    }

    /// Makes the calls by an own HTTP client, with its own TLS, proxies and pool. It should not follow redirects.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
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
    /// # Ok(())
    /// # }
    /// ```
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Http::Client(http);
        self
    }

    /// Makes the calls by an own service, such as a stack of `tower` layers over an HTTP client: it gets requests with absolute
    /// addresses, and answers them. A call that fails before its service is ready counts as not sent, any other as lost.
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
        self.http = Http::Service(AnyService::new(service));
        self
    }

    /// The client. Nothing is sent: a wrong token shows at the first call.
    ///
    /// ```
    /// use instant_client::{Client, ErrorKind};
    ///
    /// let error = Client::builder("my app").admin_token("82900c15-faac-495b-b385-9f9e7743b629").build().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Config);
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if there is no token, or if id, token or address are none.
    pub fn build(self) -> Result<Client, Error> {
        let token = self.admin_token.clone();
        let (pipeline, options) = self.without_token()?;
        admin(pipeline, token.as_deref(), options)
    }

    /// What sends, but as nobody.
    pub(super) fn without_token(self) -> Result<(Pipeline, CallOptions), Error> {
        let base = parse_address(self.base_url.trim()).map_err(config)?;
        let transport = match self.http {
            Http::Ours => Transport::Network(Network::new(base, None).map_err(config)?),
            Http::Client(http) => Transport::Network(Network::new(base, Some(http)).map_err(config)?),
            Http::Service(service) => Transport::Service(ServiceTransport::new(base, service)),
        };
        Ok((pipeline(transport, &self.app_id)?, self.options))
    }
}

/// What sends to the app `app_id` behind `transport`, as nobody.
pub(super) fn pipeline(transport: Transport, app_id: &str) -> Result<Pipeline, Error> {
    let app_id = Uuid::try_parse(app_id.trim()).map_err(|_| {
        config(format!(
            "the app id {:?} is no id such as 137ace7a-efdd-490f-b0dc-a3c73a14f892",
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

/// The client that sends as the admin.
pub(super) fn admin(
    mut pipeline: Pipeline,
    admin_token: Option<&str>,
    options: CallOptions,
) -> Result<Client, Error> {
    let token = admin_token.map(str::trim).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| config("there is no admin token: give it with `.admin_token(..)`"))?;
    let token = valid_text("the admin token", token).map_err(|error| config(error.to_string()))?;
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| config("the admin token has characters that no token has"))?;
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

/// Shows no token.
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
    fn a_client_needs_a_token_that_can_travel() {
        for (token, want) in [
            (None, "there is no admin token: give it with `.admin_token(..)`"),
            (Some("  "), "there is no admin token: give it with `.admin_token(..)`"),
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
