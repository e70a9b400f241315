//! TLS by rustls, with the root certificates that the features select.

use reqwest::{ClientBuilder, Url};

/// Configures TLS for URLs of the same kind as `url`.
#[cfg(any(feature = "tls", feature = "tls-webpki-roots"))]
pub(crate) fn configure(builder: ClientBuilder, url: &Url) -> Result<ClientBuilder, String> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};

    // Set for this client only: the program chooses the default provider of the process.
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("failed to set up TLS: {error}"))?;
    // Plaintext URLs need no certificates, which are slow to load, since redirects are off.
    let mut config = match url.scheme() {
        "http" => config.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        _ => with_roots(config)?,
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(any(feature = "tls", feature = "tls-webpki-roots"))]
type Unverified = rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>;

/// Trusts the root certificates of Mozilla, which are built in.
#[cfg(feature = "tls-webpki-roots")]
fn with_roots(config: Unverified) -> Result<rustls::ClientConfig, String> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Trusts the root certificates of the operating system.
#[cfg(all(feature = "tls", not(feature = "tls-webpki-roots")))]
fn with_roots(config: Unverified) -> Result<rustls::ClientConfig, String> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let verified = config.with_platform_verifier();
    let verified =
        verified.map_err(|error| format!("failed to load the root certificates of the system: {error}"))?;
    Ok(verified.with_no_client_auth())
}

/// Rejects URLs that need TLS.
#[cfg(not(any(feature = "tls", feature = "tls-webpki-roots")))]
pub(crate) fn configure(builder: ClientBuilder, url: &Url) -> Result<ClientBuilder, String> {
    match url.scheme() {
        "http" => Ok(builder),
        _ => Err(format!(
            "cannot connect to {url} without TLS: enable the feature `tls` of instant-client, \
             or pass an `http_client` or a `service`"
        )),
    }
}
