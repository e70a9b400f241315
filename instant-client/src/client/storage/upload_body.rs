//! Sends the bytes of an upload: counts them, and tells whose fault it is if they do not.

use std::{
    error::Error as StdError,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;
use http_body::{Frame, SizeHint};

use super::{
    byte_stream::ByteStream,
    idle_timeout::{Late, Watch},
    upload::Progress,
    upload_source::Source,
};
use crate::{
    Error,
    client::{
        pipeline::{Attempts, Failed, Options, Pipeline, refused},
        response,
        trace::Trace,
    },
    error::ErrorKind,
    retry::{Effect, Ending},
    transport::{Answer, Body, BoxError, Head, Request},
};

impl Pipeline {
    /// Sends `source` as the body of `request`, again where that is safe and it can be read again, and gives the body of a good answer.
    pub(super) async fn transfer(
        &self,
        request: &Request<'_>,
        source: &mut Source,
        effect: Effect,
        options: &Options,
        progress: Option<&Progress>,
    ) -> Result<Bytes, Error> {
        let trace = Trace::of(request);
        let mut attempts = Attempts::of_transfer(effect, options, &trace);
        let sending = async {
            loop {
                let parts = match source.open().await {
                    Ok(parts) => parts,
                    Err(cause) => return Err(attempts.last((unreadable(cause), Ending::NotRead))),
                };
                let watch = Arc::new(Watch::new());
                let body = Counted {
                    parts,
                    arrived: Bytes::new(),
                    left: source.size,
                    total: source.size,
                    ended: false,
                    watch: Arc::clone(&watch),
                    progress: progress.cloned(),
                };
                let left = attempts.left();
                match self.transfer_once(request, Body::wrap(body), &watch, options.timeout, left).await {
                    Ok(body) => return Ok(attempts.good(body)),
                    Err(failed) if source.is_spent() => return Err(attempts.last(failed)),
                    Err(failed) => attempts.pause(failed).await?,
                }
            }
        };
        trace.within(sending).await
    }

    async fn transfer_once(
        &self,
        request: &Request<'_>,
        body: Body,
        watch: &Watch,
        timeout: Duration,
        left: Option<Duration>,
    ) -> Result<Bytes, Failed> {
        let sending = async {
            let (Head { status, headers }, mut pieces) = self.transport.open(request, body).await?;
            let body = if status == StatusCode::OK { pieces.rest().await? } else { pieces.refusal().await? };
            Ok(Answer { status, headers, body })
        };
        let sent = watch.unless_still(sending, timeout, left).await;
        if let Some(cause) = watch.failure() {
            return Err((unreadable(cause), Ending::NotRead));
        }
        match sent {
            Err(Late::Still(_)) => Err(self.silent(request, timeout)),
            Err(Late::Deadline) => {
                let server = self.server(request);
                let message = format!("the upload to the server at {server} did not end before the deadline");
                Err((Error::new(ErrorKind::Timeout, message), Ending::NoAnswer))
            }
            Ok(Err(broken)) => Err(self.broken(request, broken)),
            Ok(Ok(answer)) => response::read(answer, request, &self.redactor).map_err(refused),
        }
    }
}

/// What was to be uploaded is not there.
pub(super) fn unreadable(cause: BoxError) -> Error {
    Error::caused(ErrorKind::Upload, "", Unreadable(cause))
}

/// Why what was to be uploaded is not there.
#[derive(Debug)]
struct Unreadable(BoxError);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not read what is to be uploaded: {}", self.0)
    }
}

impl StdError for Unreadable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// So many bytes are handed over at once. A connection asks for more when it has sent them, which is how a move is noticed: all bytes
/// at once would be still until the last of them is gone.
const FRAME: usize = 64 << 10;

/// Bytes as they are handed to the connection. They are as many as was said, or the body breaks off.
struct Counted {
    parts: ByteStream,
    /// What was read and not yet handed over.
    arrived: Bytes,
    /// How many bytes are still to be read.
    left: u64,
    total: u64,
    /// A stream that has ended must not be asked again.
    ended: bool,
    watch: Arc<Watch>,
    progress: Option<Progress>,
}

impl Counted {
    fn give(&mut self) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let bytes = self.arrived.split_to(self.arrived.len().min(FRAME));
        self.watch.moved();
        if let Some(progress) = &self.progress {
            progress.call(self.total - self.still(), self.total);
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn fail(&self, cause: BoxError) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let shown = cause.to_string();
        self.watch.fail(cause);
        Poll::Ready(Some(Err(shown.into())))
    }

    /// How many bytes are still to be handed over.
    fn still(&self) -> u64 {
        self.left + self.arrived.len() as u64
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if this.watch.is_over() {
            return Poll::Ready(Some(Err("the upload is over".into())));
        }
        loop {
            // The last bytes are given away only when nothing follows them: else the server would take them for a whole file.
            if !this.arrived.is_empty() && (this.left > 0 || this.ended) {
                return this.give();
            }
            if this.ended {
                return Poll::Ready(None);
            }
            match ready!(this.parts.as_mut().poll_next(context)) {
                Some(Err(cause)) => return this.fail(cause),
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(Ok(bytes)) => match this.left.checked_sub(bytes.len() as u64) {
                    None => {
                        return this.fail(
                            format!("it has more than the {} bytes that were said", this.total).into(),
                        );
                    }
                    Some(left) => {
                        this.left = left;
                        this.arrived = bytes;
                    }
                },
                None if this.left > 0 => {
                    let there = this.total - this.left;
                    return this.fail(
                        format!("it ended after {there} of the {} bytes that were said", this.total).into(),
                    );
                }
                None => this.ended = true,
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.arrived.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.still())
    }
}
