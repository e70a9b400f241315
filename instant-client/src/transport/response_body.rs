//! The body of a response, read chunk by chunk.

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::{BodyDataStream, BodyExt};

use super::{Body, TransportError};

/// The body of a response. Dropping it before its end closes the connection.
#[derive(Debug)]
pub(crate) struct ResponseBody(BodyDataStream<Body>);

impl ResponseBody {
    pub(super) fn new(body: Body) -> Self {
        Self(body.into_data_stream())
    }

    /// Returns the next chunk, or `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        self.0.next().await.transpose().map_err(TransportError::Lost)
    }

    /// Reads the body of a rejection, up to about 1 MiB.
    ///
    /// Rejections from Instant may repeat the request; those of other servers may be endless.
    pub(crate) async fn read_rejection(&mut self) -> Result<Bytes, TransportError> {
        const MAX_BYTES: usize = 1 << 20;
        self.read_at_least(MAX_BYTES).await
    }

    /// Reads the body to its end.
    pub(crate) async fn read_to_end(&mut self) -> Result<Bytes, TransportError> {
        self.read_at_least(usize::MAX).await
    }

    async fn read_at_least(&mut self, bytes: usize) -> Result<Bytes, TransportError> {
        let mut all = Vec::new();
        while all.len() < bytes
            && let Some(chunk) = self.chunk().await?
        {
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }
}
