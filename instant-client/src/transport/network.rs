//! HTTP by `reqwest`.

use std::{net::IpAddr, time::Duration};

use reqwest::{Url, redirect};

use super::{Answer, Broken, Head, Request};

/// A server on the network.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    http: reqwest::Client,
    base: Url,
}

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

impl Network {
    /// The server at `base`, an address that begins with `http` or `https`; by the caller's own `http` client, if any.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with the address and what to do.
    pub(crate) fn new(base: &str, http: Option<reqwest::Client>) -> Result<Self, String> {
        let base = parse(base)?;
        let http = match http {
            Some(http) => http,
            None => {
                // A redirect would turn a write into a read of something else.
                let mut builder =
                    reqwest::Client::builder().connect_timeout(CONNECT).redirect(redirect::Policy::none());
                if is_this_machine(&base) {
                    builder = builder.no_proxy();
                }
                secured(builder, &base)?
                    .build()
                    .map_err(|error| format!("could not prepare for HTTP: {error}"))?
            }
        };
        Ok(Self { http, base })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Answer, Broken> {
        let (Head { status, headers }, response) = self.open(request).await?;
        let body = response.bytes().await.map_err(broken)?;
        Ok(Answer { status, headers, body })
    }

    pub(super) async fn open(&self, request: &Request<'_>) -> Result<(Head, reqwest::Response), Broken> {
        let mut call = reqwest::Request::new(request.method.clone(), self.url(&request.path));
        *call.headers_mut() = request.headers.clone();
        if !request.body.is_empty() {
            *call.body_mut() = Some(request.body.clone().into());
        }
        let response = self.http.execute(call).await.map_err(broken)?;
        let head = Head { status: response.status(), headers: response.headers().clone() };
        Ok((head, response))
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        match self.base.path() {
            "/" => url.set_path(path),
            prefix => url.set_path(&format!("{}{path}", prefix.trim_end_matches('/'))),
        }
        url.set_query(query);
        url
    }
}

fn parse(base: &str) -> Result<Url, String> {
    let url = Url::parse(base.trim_end_matches('/')).map_err(|error| {
        format!("the base URL {base:?} is no address ({error}); give one such as http://localhost:8888")
    })?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(format!("the base URL {base:?} must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the base URL must not hold a user or a password: Instant knows tokens only".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("the base URL {base:?} must end with the path: no `?`, no `#`"));
    }
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(feature = "tls")]
fn secured(builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder, String> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};
    use rustls_platform_verifier::BuilderVerifierExt;

    // For this client alone: the provider of the process is the program's to choose.
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("could not prepare for TLS: {error}"))?;
    // Without redirects a plain address never needs the system's certificates, which take a while to read.
    let mut config = if base.scheme() == "http" {
        config.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
    } else {
        let verified = config.with_platform_verifier();
        verified
            .map_err(|error| format!("could not read the system's certificates: {error}"))?
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(not(feature = "tls"))]
fn secured(builder: reqwest::ClientBuilder, base: &Url) -> Result<reqwest::ClientBuilder, String> {
    match base.scheme() {
        "http" => Ok(builder),
        _ => Err(format!(
            "the base URL {base} needs the feature `tls` of instant-client, or an own `http_client`"
        )),
    }
}

pub(super) fn broken(error: reqwest::Error) -> Broken {
    let not_sent = error.is_connect() || error.is_builder();
    // The address says nothing that the client's user does not know.
    let cause = error.without_url().into();
    if not_sent { Broken::NotSent(cause) } else { Broken::Lost(cause) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_behind_the_base() {
        for (base, want) in [
            ("http://localhost:8888", "http://localhost:8888/admin/query?a=1"),
            ("http://localhost:8888/", "http://localhost:8888/admin/query?a=1"),
            ("https://x.example/instant//", "https://x.example/instant/admin/query?a=1"),
        ] {
            let network = Network::new(base, Some(reqwest_client())).unwrap();
            assert_eq!(network.url("/admin/query?a=1").as_str(), want, "{base}");
        }
    }

    fn reqwest_client() -> reqwest::Client {
        Network::new("http://localhost", None).unwrap().http
    }

    #[test]
    fn addresses_that_are_none_are_refused() {
        for (base, want) in [
            ("localhost:8888", "must begin with http:// or https://"),
            ("ftp://x", "must begin with http:// or https://"),
            ("x.example", "is no address"),
            ("", "is no address"),
            ("http://me:secret@x", "must not hold a user or a password"),
            ("http://x/?a=1", "no `?`"),
        ] {
            let error = parse(base).unwrap_err();
            assert!(error.contains(want) && !error.contains("secret"), "{base}: {error}");
        }
    }

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for (base, want) in [
            ("http://localhost:1", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:8", true),
            ("http://10.0.0.1", false),
            ("https://x.example", false),
        ] {
            assert_eq!(is_this_machine(&parse(base).unwrap()), want, "{base}");
        }
    }
}
