//! The body of a request or a response: all bytes at once, or a stream of them.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use parking_lot::Mutex;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The body of a request that a [service](crate::ClientBuilder::service) sends.
///
/// It holds all bytes at once, or reads those of an upload as they are polled. Its size hint is
/// exact, for the header `content-length`.
pub struct Body(Kind);

enum Kind {
    Full(Bytes),
    /// HTTP libraries require `Sync`, which the stream of an upload need not be.
    Streaming(Mutex<UnsyncBoxBody<Bytes, BoxError>>),
}

impl Body {
    /// Creates a body that streams `body`.
    pub(crate) fn streaming<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Kind::Streaming(Mutex::new(body.map_err(Into::into).boxed_unsync())))
    }

    /// Returns the bytes of a body that is not streamed, or else the body.
    pub(super) fn into_bytes(self) -> Result<Bytes, Self> {
        match self.0 {
            Kind::Full(bytes) => Ok(bytes),
            Kind::Streaming(_) => Err(self),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Full(bytes))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.get_mut().0 {
            Kind::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Streaming(body) => Pin::new(body.get_mut()).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Streaming(body) => body.lock().is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Streaming(body) => body.lock().size_hint(),
        }
    }
}

/// Omits the bytes.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}
