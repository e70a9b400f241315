//! HTTP by `reqwest`.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use http_body_util::BodyExt;
use reqwest::{Url, redirect};

use super::{Answer, Body, Broken, Head, Pieces, Request, address, tls};

/// A server on the network.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    http: reqwest::Client,
    base: Url,
    /// For addresses of others that the server gives, such as those of files, as far as they need another client; none if one client
    /// is for all addresses.
    elsewhere: Option<Arc<Elsewhere>>,
}

/// A client for each [`Kind`] of address, made when there is such an address.
type Elsewhere = [OnceLock<reqwest::Client>; 4];

/// What decides how a client is prepared. One that is prepared for another kind of address reaches nothing: it trusts no certificate, or
/// goes around the proxy.
#[derive(PartialEq)]
struct Kind {
    plain: bool,
    this_machine: bool,
}

impl Kind {
    fn of(url: &Url) -> Self {
        Self { plain: url.scheme() == "http", this_machine: address::is_this_machine(url) }
    }

    fn index(&self) -> usize {
        usize::from(self.plain) * 2 + usize::from(self.this_machine)
    }
}

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

impl Network {
    /// The server at `base`, as [`address::parse`] reads it; by the caller's own `http` client, if any.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong and what to do.
    pub(crate) fn new(base: Url, http: Option<reqwest::Client>) -> Result<Self, String> {
        Ok(match http {
            Some(http) => Self { http, base, elsewhere: None },
            None => Self { http: prepare(&base)?, base, elsewhere: Some(Arc::default()) },
        })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Answer, Broken> {
        let (Head { status, headers }, response) = self.execute(request, request.body.clone().into()).await?;
        let body = response.bytes().await.map_err(broken)?;
        Ok(Answer { status, headers, body })
    }

    pub(super) async fn open(&self, request: &Request<'_>, body: Body) -> Result<(Head, Pieces), Broken> {
        let (head, response) = self.execute(request, body).await?;
        let body: reqwest::Body = http::Response::from(response).into_body();
        Ok((head, Pieces::new(Body::wrap(body.map_err(reqwest::Error::without_url)))))
    }

    async fn execute(&self, request: &Request<'_>, body: Body) -> Result<(Head, reqwest::Response), Broken> {
        let url = address::of(&self.base, &request.path).map_err(|error| Broken::NotSent(error.into()))?;
        let http = self.http_for(&url).map_err(|error| Broken::NotSent(error.into()))?;
        let mut call = reqwest::Request::new(request.method.clone(), url);
        *call.headers_mut() = request.headers.clone();
        *call.body_mut() = match body.whole() {
            Ok(bytes) => (!bytes.is_empty()).then(|| bytes.into()),
            Err(parts) => Some(reqwest::Body::wrap(parts)),
        };
        let response = http.execute(call).await.map_err(broken)?;
        let head = Head { status: response.status(), headers: response.headers().clone() };
        Ok((head, response))
    }

    /// What reaches `url`.
    fn http_for(&self, url: &Url) -> Result<&reqwest::Client, String> {
        let kind = Kind::of(url);
        match &self.elsewhere {
            Some(elsewhere) if kind != Kind::of(&self.base) => {
                let elsewhere = &elsewhere[kind.index()];
                match elsewhere.get() {
                    Some(http) => Ok(http),
                    None => {
                        let http = prepare(url)?;
                        Ok(elsewhere.get_or_init(|| http))
                    }
                }
            }
            _ => Ok(&self.http),
        }
    }
}

/// A client for what is at `url`.
fn prepare(url: &Url) -> Result<reqwest::Client, String> {
    // A redirect would turn a write into a read of something else.
    let mut builder = reqwest::Client::builder().connect_timeout(CONNECT).redirect(redirect::Policy::none());
    if address::is_this_machine(url) {
        builder = builder.no_proxy();
    }
    tls::secured(builder, url)?.build().map_err(|error| format!("could not prepare for HTTP: {error}"))
}

fn broken(error: reqwest::Error) -> Broken {
    let not_sent = error.is_connect() || error.is_builder();
    // The address says nothing that the client's user does not know.
    let cause = error.without_url().into();
    if not_sent { Broken::NotSent(cause) } else { Broken::Lost(cause) }
}

#[cfg(all(test, any(feature = "tls", feature = "tls-webpki-roots")))]
mod tests {
    use super::*;

    /// Whether one client is for both addresses, if the first was asked for first.
    #[track_caller]
    fn check(network: &Network, first: &str, second: &str, want: bool) {
        let http_for = |url: &str| network.http_for(&url.parse().unwrap()).unwrap();
        assert_eq!(std::ptr::eq(http_for(first), http_for(second)), want, "{first} {second}");
    }

    #[test]
    fn each_kind_of_address_has_a_client_of_its_own() {
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
