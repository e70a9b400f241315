//! How a request reaches a server: over the network, or by a call within the process. Both carry the same requests and
//! answers; only the last hop differs.

#[cfg(feature = "local")]
mod embedded;
mod network;

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
#[cfg(feature = "local")]
use instant_local::LocalBody;

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

/// How an answer begins.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// The body of an answer, piece by piece. Dropping it closes the stream.
#[derive(Debug)]
pub(crate) enum Pieces {
    Network(reqwest::Response),
    #[cfg(feature = "local")]
    Embedded(LocalBody),
}

impl Pieces {
    /// The next piece; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        match self {
            Self::Network(response) => response.chunk().await.map_err(network::broken),
            #[cfg(feature = "local")]
            Self::Embedded(body) => Ok(body.chunk().await),
        }
    }

    /// All that is left.
    pub(crate) async fn rest(&mut self) -> Result<Bytes, Broken> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }
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

    /// Sends one request whose answer may be a stream of events, and does not wait for its end.
    pub(crate) async fn open(&self, request: &Request<'_>) -> Result<(Head, Pieces), Broken> {
        match self {
            Self::Network(network) => {
                let (head, response) = network.open(request).await?;
                Ok((head, Pieces::Network(response)))
            }
            #[cfg(feature = "local")]
            Self::Embedded(embedded) => {
                let (head, body) = embedded.open(request).await?;
                Ok((head, Pieces::Embedded(body)))
            }
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
