//! How a request reaches a server: over the network, or by a call within the process. Both carry the same requests and
//! answers; only the last hop differs.

mod address;
mod body;
#[cfg(feature = "local")]
mod embedded;
mod network;
mod pieces;
mod service;
mod tls;

use std::{borrow::Cow, fmt};

pub use self::body::Body;
pub(crate) use self::body::BoxError;
#[cfg(feature = "local")]
pub(crate) use self::embedded::Embedded;
#[cfg(test)]
pub(crate) use self::tls::secured;
pub(crate) use self::{
    address::parse as parse_address,
    network::Network,
    pieces::Pieces,
    service::{AnyService, ByService},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

/// A way to a server.
#[derive(Debug, Clone)]
pub(crate) enum Transport {
    /// HTTP.
    Network(Network),
    /// HTTP by a service of the caller's.
    Service(ByService),
    /// The embedded backend.
    #[cfg(feature = "local")]
    Embedded(Embedded),
}

/// One request. It has no `Debug`: what it carries is nobody else's.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    /// Path and query, below the base address; or an address elsewhere that the server gave.
    pub(crate) path: Cow<'static, str>,
    /// May hold tokens, which are marked as sensitive.
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
}

impl Request<'_> {
    /// Whether it goes to another server than the client's.
    pub(crate) fn is_elsewhere(&self) -> bool {
        !self.path.starts_with('/')
    }
}

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How an answer begins.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Broken {
    /// No byte of the request was sent.
    NotSent(BoxError),
    /// The request was sent, or part of it.
    Lost(BoxError),
}

impl Transport {
    /// Whether the server is within the process, and nothing else can be reached.
    pub(crate) fn is_embedded(&self) -> bool {
        match self {
            Self::Network(_) | Self::Service(_) => false,
            #[cfg(feature = "local")]
            Self::Embedded(_) => true,
        }
    }

    /// Sends one request and reads the whole answer. Dropping the future gives the request up.
    pub(crate) async fn send(&self, request: &Request<'_>) -> Result<Answer, Broken> {
        match self {
            Self::Network(network) => network.send(request).await,
            Self::Service(_) => {
                let (Head { status, headers }, mut pieces) =
                    self.open(request, request.body.clone().into()).await?;
                Ok(Answer { status, headers, body: pieces.rest().await? })
            }
            #[cfg(feature = "local")]
            Self::Embedded(embedded) => embedded.send(request).await,
        }
    }

    /// Sends one request with `body`, and does not wait for the end of the answer: it may be a stream of events, or large.
    pub(crate) async fn open(&self, request: &Request<'_>, body: Body) -> Result<(Head, Pieces), Broken> {
        match self {
            Self::Network(network) => network.open(request, body).await,
            Self::Service(service) => service.open(request, body).await,
            #[cfg(feature = "local")]
            Self::Embedded(embedded) => embedded.open(request, body).await,
        }
    }
}

/// Where the server is.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => network.base().fmt(f),
            Self::Service(service) => service.base().fmt(f),
            #[cfg(feature = "local")]
            Self::Embedded(_) => f.write_str("this process"),
        }
    }
}
