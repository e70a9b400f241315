//! Who is trusted to be a server: by rustls, with the roots that the features ask for.

use reqwest::{ClientBuilder, Url};

/// A client for what is at `url`.
#[cfg(any(feature = "tls", feature = "tls-webpki-roots"))]
pub(crate) fn secured(builder: ClientBuilder, url: &Url) -> Result<ClientBuilder, String> {
    use std::sync::Arc;

    use rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};

    // For this client alone: the provider of the process is the program's to choose.
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("could not prepare for TLS: {error}"))?;
    // Without redirects a plain address never needs certificates, which take a while to read.
    let mut config = match url.scheme() {
        "http" => config.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
        _ => trusting(config)?,
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(any(feature = "tls", feature = "tls-webpki-roots"))]
type Unverified = rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>;

/// Trusts what Mozilla trusts.
#[cfg(feature = "tls-webpki-roots")]
fn trusting(config: Unverified) -> Result<rustls::ClientConfig, String> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Trusts what the system trusts.
#[cfg(all(feature = "tls", not(feature = "tls-webpki-roots")))]
fn trusting(config: Unverified) -> Result<rustls::ClientConfig, String> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let verified = config.with_platform_verifier();
    let verified = verified.map_err(|error| format!("could not read the system's certificates: {error}"))?;
    Ok(verified.with_no_client_auth())
}

/// The same without TLS.
#[cfg(not(any(feature = "tls", feature = "tls-webpki-roots")))]
pub(crate) fn secured(builder: ClientBuilder, url: &Url) -> Result<ClientBuilder, String> {
    match url.scheme() {
        "http" => Ok(builder),
        _ => Err(format!(
            "the address {url} needs the feature `tls` of instant-client, or an own `http_client` or `service`"
        )),
    }
}
