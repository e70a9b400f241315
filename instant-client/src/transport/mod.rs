//! The transports of requests: the network, the caller's service, or a call within the process. All
//! carry the same requests and responses.

mod address;
mod body;
mod destination;
#[cfg(feature = "local")]
mod embedded;
mod network;
mod response_body;
mod service;
mod tls;

use std::fmt;

pub use self::body::Body;
pub(crate) use self::body::BoxError;
#[cfg(feature = "local")]
pub(crate) use self::embedded::Embedded;
#[cfg(test)]
pub(crate) use self::tls::configure;
pub(crate) use self::{
    address::parse as parse_address,
    destination::{ApiEndpoint, Destination, FileHeaders, Location, SignedUrl},
    network::Network,
    response_body::ResponseBody,
    service::{AnyService, ServiceTransport},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

/// A way to reach a server.
#[derive(Debug, Clone)]
pub(crate) enum Transport {
    /// HTTP over the network.
    Network(Network),
    /// HTTP through a service that the caller provides.
    Service(ServiceTransport),
    /// The embedded backend.
    #[cfg(feature = "local")]
    Embedded(Embedded),
}

/// One request. It has no `Debug` because headers and body may hold secrets.
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) destination: Destination<'a>,
    pub(crate) body: Bytes,
}

/// A response whose body has been read.
pub(crate) struct Response {
    pub(crate) head: ResponseHead,
    pub(crate) body: Bytes,
}

/// The status and headers of a response.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// The reason why there is no response.
#[derive(Debug)]
pub(crate) enum TransportError {
    /// No byte of the request was sent.
    NotSent(BoxError),
    /// The connection broke after the request, or a part of it, was sent.
    Lost(BoxError),
}

impl Transport {
    /// Returns whether the server is part of this process. No other server can be reached then.
    pub(crate) fn is_embedded(&self) -> bool {
        match self {
            Self::Network(_) | Self::Service(_) => false,
            #[cfg(feature = "local")]
            Self::Embedded(_) => true,
        }
    }

    /// Sends a request and reads the whole response. Dropping the future cancels the request.
    pub(crate) async fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        match self {
            Self::Network(network) => network.send(request).await,
            Self::Service(_) => {
                let (head, mut body) = self.open(request, request.body.clone().into()).await?;
                Ok(Response { head, body: body.read_to_end().await? })
            }
            #[cfg(feature = "local")]
            Self::Embedded(embedded) => embedded.send(request).await,
        }
    }

    /// Sends a request with `body`, and returns once the head of the response has arrived.
    pub(crate) async fn open(
        &self,
        request: &Request<'_>,
        body: Body,
    ) -> Result<(ResponseHead, ResponseBody), TransportError> {
        match self {
            Self::Network(network) => network.open(request, body).await,
            Self::Service(service) => service.open(request, body).await,
            #[cfg(feature = "local")]
            Self::Embedded(embedded) => embedded.open(request, body).await,
        }
    }
}

/// Writes the base URL of the server, or "this process".
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
