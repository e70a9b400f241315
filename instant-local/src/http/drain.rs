//! Drains rejected request bodies. If a connection closes while the client is still sending, the
//! client sees a broken pipe instead of the response, so the rest of the body is read and
//! discarded. Only requests from connections need this; within the process, dropping a body has no
//! such effect.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::{runtime::Handle, time::timeout};
use tower_service::Service;

use crate::service::LocalService;

/// The number of bytes that are drained before the connection closes.
const MAX_DRAINED: u64 = 1 << 30;

/// The time after which a client that sends nothing is disconnected.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// The service for requests from connections.
#[derive(Clone)]
pub(crate) struct DrainingService(pub(crate) LocalService);

impl Service<Request<Body>> for DrainingService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = <LocalService as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.0, context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.0.call(request.map(|body| match body.is_end_stream() {
            true => body,
            false => Body::new(DrainOnDrop(body)),
        }))
    }
}

/// A body whose unread rest is drained in the background when it is dropped.
struct DrainOnDrop(Body);

impl http_body::Body for DrainOnDrop {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.0).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            // The body has ended, so there is nothing to drain.
            self.0 = Body::empty();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for DrainOnDrop {
    fn drop(&mut self) {
        if !self.0.is_end_stream()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(drain(std::mem::take(&mut self.0)));
        }
    }
}

async fn drain(mut body: Body) {
    let mut left = MAX_DRAINED;
    while let Ok(Some(Ok(frame))) = timeout(IDLE_TIMEOUT, body.frame()).await {
        let read = frame.data_ref().map_or(0, |bytes| bytes.len() as u64);
        let Some(rest) = left.checked_sub(read) else { return };
        left = rest;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use tokio::sync::oneshot::{Sender, channel};

    use super::*;

    /// A body of some parts that then stalls.
    struct Stalled {
        parts: u32,
        /// Dropped together with the body.
        _here: Sender<()>,
    }

    impl http_body::Body for Stalled {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match self.parts.checked_sub(1) {
                Some(left) => {
                    self.parts = left;
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 9])))))
                }
                None => Poll::Pending,
            }
        }
    }

    /// A body of large frames that counts the ones read.
    struct Frames {
        left: u64,
        read: Arc<AtomicU64>,
    }

    const LARGE: usize = 1 << 20;

    impl http_body::Body for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
            self.left = left;
            self.read.fetch_add(1, Ordering::Relaxed);
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; LARGE])))))
        }
    }

    #[tokio::test]
    async fn draining_stops_after_the_largest_body() {
        let read = Arc::<AtomicU64>::default();
        let frames = MAX_DRAINED / LARGE as u64 + 100;
        drain(Body::new(Frames { left: frames, read: Arc::clone(&read) })).await;
        assert_eq!(read.load(Ordering::Relaxed), frames - 99);
    }

    #[tokio::test]
    async fn only_a_body_with_unread_bytes_is_drained() {
        for (frames_read, drained) in [(0, 1), (1, 1), (3, 0)] {
            let mut body = DrainOnDrop(Body::new(Frames { left: 2, read: Arc::default() }));
            for _ in 0..frames_read {
                let _ = body.frame().await;
            }
            drop(body);
            assert_eq!(Handle::current().metrics().num_alive_tasks(), drained, "{frames_read} frames read");
            while Handle::current().metrics().num_alive_tasks() > 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn draining_stops_when_the_client_sends_nothing() {
        let (here, gone) = channel();
        drop(DrainOnDrop(Body::new(Stalled { parts: 3, _here: here })));
        assert!(timeout(IDLE_TIMEOUT * 2, gone).await.is_ok());
    }
}
