//! How a request reaches a server: over the network, or by a call within the process. Both carry the same requests and
//! answers; only the last hop differs.

#[cfg(feature = "local")]
mod embedded;
mod network;

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

#[cfg(feature = "local")]
pub(crate) use self::embedded::Embedded;
pub(crate) use self::network::Network;

/// A way to a server.
#[derive(Debug, Clone)]
pub(crate) enum Transport {
    /// HTTP.
    Network(Network),
    /// The embedded backend.
    #[cfg(feature = "local")]
    Embedded(Embedded),
}

/// One request.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// Path and query, below the base address.
    pub(crate) path: Cow<'static, str>,
    /// May hold tokens, which are marked as sensitive.
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Broken {
    /// No byte of the request was sent.
    NotSent(Cause),
    /// The request was sent, or part of it.
    Lost(Cause),
}

/// What the transport says.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Transport {
    /// Sends one request and reads the whole answer. Dropping the future gives the request up.
    pub(crate) async fn send(&self, request: &Request<'_>) -> Result<Answer, Broken> {
        match self {
            Self::Network(network) => network.send(request).await,
            #[cfg(feature = "local")]
            Self::Embedded(embedded) => embedded.send(request).await,
        }
    }
}

/// Where the server is.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.base().fmt(f),
            #[cfg(feature = "local")]
            Self::Embedded(_) => f.write_str("this process"),
        }
    }
}
