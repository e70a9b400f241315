//! HTTP over the network, with `reqwest`.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use http_body_util::BodyExt;
use reqwest::{Url, redirect};

use super::{Body, Request, Response, ResponseBody, ResponseHead, TransportError, address, tls};

/// A server on the network.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    http: reqwest::Client,
    base: Url,
    /// Clients for signed URLs that `http` is not configured for. `None` if the caller provided
    /// `http`, which then serves every URL.
    others: Option<Arc<OtherClients>>,
}

/// One lazily built client for each [`UrlKind`].
type OtherClients = [OnceLock<reqwest::Client>; 4];

/// The properties of a URL that a client is configured for.
///
/// A client for another kind would fail: it trusts no certificate, or bypasses the proxy.
#[derive(PartialEq)]
struct UrlKind {
    plaintext: bool,
    loopback: bool,
}

impl UrlKind {
    fn of(url: &Url) -> Self {
        Self { plaintext: url.scheme() == "http", loopback: address::is_loopback(url) }
    }

    fn index(&self) -> usize {
        usize::from(self.plaintext) * 2 + usize::from(self.loopback)
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Network {
    /// Creates a transport to the server at `base`, using the caller's client `http` if given.
    ///
    /// # Errors
    ///
    /// A message that says why no HTTP client can be built, and what to do.
    pub(crate) fn new(base: Url, http: Option<reqwest::Client>) -> Result<Self, String> {
        Ok(match http {
            Some(http) => Self { http, base, others: None },
            None => Self { http: build_client(&base)?, base, others: Some(Arc::default()) },
        })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let (head, response) = self.execute(request, request.body.clone().into()).await?;
        let body = response.bytes().await.map_err(transport_error)?;
        Ok(Response { head, body })
    }

    pub(super) async fn open(
        &self,
        request: &Request<'_>,
        body: Body,
    ) -> Result<(ResponseHead, ResponseBody), TransportError> {
        let (head, response) = self.execute(request, body).await?;
        let body: reqwest::Body = http::Response::from(response).into_body();
        let body = Body::streaming(body.map_err(reqwest::Error::without_url));
        Ok((head, ResponseBody::new(body)))
    }

    async fn execute(
        &self,
        request: &Request<'_>,
        body: Body,
    ) -> Result<(ResponseHead, reqwest::Response), TransportError> {
        let url = request.destination.url(&self.base);
        let http = self.client_for(&url).map_err(|error| TransportError::NotSent(error.into()))?;
        let mut call = reqwest::Request::new(request.method.clone(), url);
        *call.headers_mut() = request.destination.headers();
        *call.body_mut() = match body.into_bytes() {
            Ok(bytes) => (!bytes.is_empty()).then(|| bytes.into()),
            Err(streaming) => Some(reqwest::Body::wrap(streaming)),
        };
        let response = http.execute(call).await.map_err(transport_error)?;
        let head = ResponseHead { status: response.status(), headers: response.headers().clone() };
        Ok((head, response))
    }

    /// Returns a client that is configured for `url`.
    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, String> {
        let kind = UrlKind::of(url);
        match &self.others {
            Some(others) if kind != UrlKind::of(&self.base) => {
                let other = &others[kind.index()];
                match other.get() {
                    Some(http) => Ok(http),
                    None => {
                        let http = build_client(url)?;
                        Ok(other.get_or_init(|| http))
                    }
                }
            }
            _ => Ok(&self.http),
        }
    }
}

/// Builds a client for URLs of the same kind as `url`.
fn build_client(url: &Url) -> Result<reqwest::Client, String> {
    // A redirect would turn a write into a read of something else.
    let mut builder =
        reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).redirect(redirect::Policy::none());
    if address::is_loopback(url) {
        builder = builder.no_proxy();
    }
    tls::configure(builder, url)?.build().map_err(|error| format!("failed to set up HTTP: {error}"))
}

fn transport_error(error: reqwest::Error) -> TransportError {
    let not_sent = error.is_connect() || error.is_builder();
    // The URL may be signed.
    let cause = error.without_url().into();
    if not_sent { TransportError::NotSent(cause) } else { TransportError::Lost(cause) }
}

#[cfg(all(test, any(feature = "tls", feature = "tls-webpki-roots")))]
mod tests {
    use super::*;

    /// Checks whether `first` and `second` share a client, when `first` is requested first.
    #[track_caller]
    fn check(network: &Network, first: &str, second: &str, want: bool) {
        let client_for = |url: &str| network.client_for(&url.parse().unwrap()).unwrap();
        assert_eq!(std::ptr::eq(client_for(first), client_for(second)), want, "{first} {second}");
    }

    #[test]
    fn each_kind_of_url_has_its_own_client() {
        let base: Url = "https://api.example".parse().unwrap();
        let network = Network::new(base.clone(), None).unwrap();
        let kinds =
            ["http://localhost:9000/a", "https://x.example", "http://x.example", "https://127.0.0.1/a"];
        for (at, first) in kinds.iter().enumerate() {
            for second in &kinds[at + 1..] {
                check(&network, first, second, false);
                check(&network, second, first, false);
            }
        }
        check(&network, "http://localhost:9000/a", "http://[::1]/b", true);
        check(&network, "https://api.example/a", "https://x.example/b", true);
        let own = Network::new(base, Some(network.http)).unwrap();
        check(&own, kinds[0], kinds[1], true);
    }
}
