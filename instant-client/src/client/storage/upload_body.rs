//! The exchange of an upload: its body, which counts the bytes that are sent, and its failures.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::StreamExt;
use http::StatusCode;
use http_body::{Frame, SizeHint};

use super::{
    byte_stream::ByteStream,
    idle_timeout::{Expired, TransferMonitor},
    upload::Progress,
    upload_source::UploadSource,
};
use crate::{
    Error,
    client::{
        pipeline::{Exchange, Failure, Limits, Pipeline},
        response,
    },
    error::ErrorKind,
    retry::FailureReason,
    transport::{Body, BoxError, Request, Response},
};

/// An upload, which is read once for each attempt.
pub(super) struct UploadExchange {
    pub(super) source: UploadSource,
    pub(super) progress: Option<Progress>,
}

impl Exchange for UploadExchange {
    type Output = Bytes;

    async fn attempt(
        &mut self,
        pipeline: &Pipeline,
        request: &Request<'_>,
        limits: Limits,
    ) -> Result<Bytes, Failure> {
        let content = self.source.open().await;
        let content = content.map_err(|cause| Failure::unreadable_upload(unreadable(cause)))?;
        let monitor = Arc::new(TransferMonitor::new());
        let body = UploadBody {
            content,
            buffer: Bytes::new(),
            left: self.source.size,
            total: self.source.size,
            ended: false,
            monitor: Arc::clone(&monitor),
            progress: self.progress.clone(),
        };
        let result = send(pipeline, request, Body::streaming(body), &monitor, limits).await;
        result.map_err(|failure| match self.source.is_spent() {
            true => Failure { reason: FailureReason::UploadUnreadable, ..failure },
            false => failure,
        })
    }
}

async fn send(
    pipeline: &Pipeline,
    request: &Request<'_>,
    body: Body,
    monitor: &TransferMonitor,
    limits: Limits,
) -> Result<Bytes, Failure> {
    let call = async {
        let (head, mut body) = pipeline.transport.open(request, body).await?;
        let body = match head.status {
            StatusCode::OK => body.read_to_end().await?,
            _ => body.read_rejection().await?,
        };
        Ok(Response { head, body })
    };
    let result = monitor.guard(call, limits.idle, limits.remaining).await;
    if let Some(cause) = monitor.take_failure() {
        return Err(Failure::unreadable_upload(unreadable(cause)));
    }
    match result {
        Err(Expired::Idle(_)) => Err(pipeline.timed_out(request, limits.idle)),
        Err(Expired::Deadline) => {
            let server = pipeline.server_of(request);
            Err(Failure::no_response(format!("the upload to {server} did not finish before the deadline")))
        }
        Ok(Err(error)) => Err(pipeline.disconnected(request, error)),
        Ok(Ok(response)) => response::read(response, request, &pipeline.redactor).map_err(Failure::rejected),
    }
}

/// Creates the error for an upload whose content cannot be read.
pub(super) fn unreadable(cause: BoxError) -> Error {
    Error::caused(ErrorKind::Upload, "", UnreadableContent(cause))
}

/// The reason why the content of an upload cannot be read.
#[derive(Debug)]
struct UnreadableContent(BoxError);

impl fmt::Display for UnreadableContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to read the content of the upload: {}", self.0)
    }
}

impl StdError for UnreadableContent {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// The size of a frame, in bytes.
///
/// A connection polls for the next frame when it has sent the last one, which shows that bytes
/// move. A single frame of all bytes would look idle until its end.
const FRAME_BYTES: usize = 64 << 10;

/// The body of an upload. It fails if the content has more or fewer bytes than declared.
struct UploadBody {
    content: ByteStream,
    /// Bytes that were read but not returned yet.
    buffer: Bytes,
    /// The number of bytes that are still to be read.
    left: u64,
    total: u64,
    /// Whether `content` has ended. It must not be polled again then.
    ended: bool,
    monitor: Arc<TransferMonitor>,
    progress: Option<Progress>,
}

impl UploadBody {
    /// Returns the next frame of the buffer, and reports the progress.
    fn next_frame(&mut self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let bytes = self.buffer.split_to(self.buffer.len().min(FRAME_BYTES));
        self.monitor.record_progress();
        if let Some(progress) = &self.progress {
            progress.call(self.total - self.remaining(), self.total);
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    /// Ends the body with an error, and keeps the original `cause` for the caller.
    fn fail(&self, cause: BoxError) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let message = cause.to_string();
        self.monitor.fail(cause);
        Poll::Ready(Some(Err(message.into())))
    }

    /// Returns the number of bytes that are still to be sent.
    fn remaining(&self) -> u64 {
        self.left + self.buffer.len() as u64
    }
}

impl http_body::Body for UploadBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if this.monitor.is_over() {
            return Poll::Ready(Some(Err("the upload has ended".into())));
        }
        loop {
            // Hold the last bytes back until the source has ended: with more bytes than declared,
            // the server must not get a complete file.
            if !this.buffer.is_empty() && (this.left > 0 || this.ended) {
                return this.next_frame();
            }
            if this.ended {
                return Poll::Ready(None);
            }
            match ready!(this.content.poll_next_unpin(context)) {
                Some(Err(cause)) => return this.fail(cause),
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(Ok(bytes)) => match this.left.checked_sub(bytes.len() as u64) {
                    None => {
                        return this
                            .fail(format!("it has more than the expected {} bytes", this.total).into());
                    }
                    Some(left) => {
                        this.left = left;
                        this.buffer = bytes;
                    }
                },
                None if this.left > 0 => {
                    let read = this.total - this.left;
                    return this.fail(format!("it has {read} bytes, expected {}", this.total).into());
                }
                None => this.ended = true,
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.buffer.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining())
    }
}
