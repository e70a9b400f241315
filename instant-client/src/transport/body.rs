//! The body of a request or an answer: all bytes at once, or in parts as they arrive.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use parking_lot::Mutex;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// The body of a request that a [service](crate::ClientBuilder::service) sends: all bytes at once, or those of an upload as they
/// are read. Its size hint is exact: it is to become the header `content-length`.
pub struct Body(Kind);

enum Kind {
    Whole(Bytes),
    /// Parts need not be usable from several threads at once, but HTTP libraries ask that of a body.
    Parts(Mutex<UnsyncBoxBody<Bytes, BoxError>>),
}

impl Body {
    /// The parts of `body`.
    pub(crate) fn wrap<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Kind::Parts(Mutex::new(body.map_err(Into::into).boxed_unsync())))
    }

    /// All bytes, if they are there already; else the body again.
    pub(super) fn whole(self) -> Result<Bytes, Self> {
        match self.0 {
            Kind::Whole(bytes) => Ok(bytes),
            Kind::Parts(_) => Err(self),
        }
    }

    /// The next bytes; none at the end.
    pub(super) fn poll_bytes(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        loop {
            match ready!(http_body::Body::poll_frame(Pin::new(&mut *self), context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => {
                    // Trailers say nothing here.
                    if let Ok(bytes) = frame.into_data() {
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
            }
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
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
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Parts(parts) => Pin::new(parts.get_mut()).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Parts(parts) => parts.lock().is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Parts(parts) => parts.lock().size_hint(),
        }
    }
}

/// Shows no bytes.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}
