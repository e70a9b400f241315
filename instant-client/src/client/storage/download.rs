//! The bytes of a file, from wherever its address leads.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_core::Stream;
use http::{
    HeaderMap, HeaderName, Method, StatusCode, Uri,
    header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::{idle_timeout::Late, send_upload::bare};
use crate::{
    BuildError, Error,
    client::{
        Client,
        pipeline::{Attempts, Failed, Pipeline, refused},
        response,
        trace::Trace,
    },
    error::ErrorKind,
    retry::Effect,
    transport::{Broken, Head, Pieces, Request},
};

/// The bytes of a file as they arrive: all at once by [`bytes`](Self::bytes), part by part by [`next`](Self::next) or as a
/// [`Stream`]. Dropping it ends the download.
#[must_use = "nothing arrives before it is asked for"]
pub struct Download {
    headers: HeaderMap,
    pieces: Pieces,
    /// How long nothing may arrive.
    timeout: Duration,
    /// When everything has to be there.
    end: Option<Instant>,
    /// Until when the next bytes have to be there, while somebody waits for them: the caller may take as long as they need.
    patience: Pin<Box<Sleep>>,
    waiting: bool,
    ended: bool,
}

impl Download {
    fn new((headers, pieces): (HeaderMap, Pieces), timeout: Duration, end: Option<Instant>) -> Self {
        let patience = Box::pin(sleep_until(Instant::now()));
        Self { headers, pieces, timeout, end, patience, waiting: false, ended: false }
    }

    /// How many bytes there are, if that is known.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", Upload::from("Get fit").content_type("text/plain")).await?;
    /// let Some(file) = db.storage().download("a.txt").await? else { panic!("it was uploaded") };
    /// assert_eq!(file.size(), Some(7));
    /// # }
    /// ```
    pub fn size(&self) -> Option<u64> {
        self.header(&CONTENT_LENGTH)?.parse().ok()
    }

    /// What was said of the kind of bytes when they were uploaded.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", Upload::from("Get fit").content_type("text/plain")).await?;
    /// let Some(file) = db.storage().download("a.txt").await? else { panic!("it was uploaded") };
    /// assert_eq!(file.content_type(), Some("text/plain"));
    /// # }
    /// ```
    pub fn content_type(&self) -> Option<&str> {
        self.header(&CONTENT_TYPE)
    }

    /// What browsers do with them.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", Upload::from("Get fit").content_type("text/plain")).await?;
    /// let Some(file) = db.storage().download("a.txt").await? else { panic!("it was uploaded") };
    /// assert_eq!(file.content_disposition(), Some("inline"));
    /// # }
    /// ```
    pub fn content_disposition(&self) -> Option<&str> {
        self.header(&CONTENT_DISPOSITION)
    }

    /// The next bytes; none at the end.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", Upload::from("Get fit").content_type("text/plain")).await?;
    /// let Some(file) = db.storage().download("a.txt").await? else { panic!("it was uploaded") };
    /// let mut file = file;
    /// let mut size = 0;
    /// while let Some(part) = file.next().await {
    ///     size += part?.len();
    /// }
    /// assert_eq!(size, 7);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] if the connection breaks, [`ErrorKind::Timeout`] if nothing arrives for too long. Nothing follows.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All bytes that are left, in memory.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", Upload::from("Get fit").content_type("text/plain")).await?;
    /// let Some(file) = db.storage().download("a.txt").await? else { panic!("it was uploaded") };
    /// assert_eq!(file.bytes().await?, "Get fit");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut all = Vec::new();
        while let Some(part) = self.next().await {
            all.extend_from_slice(&part?);
        }
        Ok(all.into())
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Waits for the next bytes, until they are too late.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        let patience = Instant::now().checked_add(self.timeout);
        if !self.waiting
            && let Some(until) = [patience, self.end].into_iter().flatten().min()
        {
            self.patience.as_mut().reset(until);
            self.waiting = true;
        }
        ready!(self.patience.as_mut().poll(context));
        let late = match self.end {
            Some(end) if Instant::now() >= end => Late::Deadline,
            _ => Late::Still(self.timeout),
        };
        Poll::Ready(Error::new(ErrorKind::Timeout, format!("the file did not arrive in time: {late}")))
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(next) = this.pieces.poll_next(context) else {
            let late = ready!(this.poll_patience(context));
            this.ended = true;
            return Poll::Ready(Some(Err(late)));
        };
        this.waiting = false;
        this.ended = !matches!(next, Ok(Some(_)));
        Poll::Ready(match next {
            Ok(next) => next.map(Ok),
            Err(Broken::NotSent(cause) | Broken::Lost(cause)) => {
                let message = "the connection broke before the whole file was there";
                Some(Err(Error::caused(ErrorKind::Connection, message, cause)))
            }
        })
    }
}

/// Asks for what is at `url`, without credentials: it may be anybody's.
pub(super) async fn fetch(client: &Client, url: &str) -> Result<Download, Error> {
    let Client { pipeline, options } = client;
    if !is_address(url, pipeline.transport.is_embedded()) {
        let url: String = url.chars().take(60).collect();
        let message =
            format!("{url:?} is no address of a file: take the `url` that a query of `$files` gives");
        return Err(BuildError::new(message).into());
    }
    let headers = bare(pipeline.headers()?);
    let request =
        Request { method: Method::GET, path: url.to_owned().into(), headers: &headers, body: Bytes::new() };
    let trace = Trace::of(&request);
    let mut attempts = Attempts::of_transfer(Effect::Read, options, &trace);
    let asking = async {
        loop {
            match begin(pipeline, &request, attempts.time()).await {
                Ok(begun) => {
                    let end = attempts.left().and_then(|left| Instant::now().checked_add(left));
                    return Ok(attempts.good(Download::new(begun, options.timeout, end)));
                }
                Err(failed) => attempts.pause(failed).await?,
            }
        }
    };
    trace.within(asking).await
}

/// Whether something can be fetched from there.
fn is_address(url: &str, embedded: bool) -> bool {
    let Ok(address) = url.parse::<Uri>() else { return false };
    match address.scheme_str() {
        None => url.starts_with('/'),
        // Within the process nobody else can be reached.
        Some("http" | "https") => !embedded,
        Some(_) => false,
    }
}

/// Asks once, for the beginning of the answer.
async fn begin(
    pipeline: &Pipeline,
    request: &Request<'_>,
    time: Duration,
) -> Result<(HeaderMap, Pieces), Failed> {
    let asking = async {
        let (head, mut pieces) = pipeline.transport.open(request, Bytes::new().into()).await?;
        let body = if head.status == StatusCode::OK { Bytes::new() } else { pieces.refusal().await? };
        Ok((head, body, pieces))
    };
    match timeout(time, asking).await {
        Err(_) => Err(pipeline.silent(request, time)),
        Ok(Err(broken)) => Err(pipeline.broken(request, broken)),
        Ok(Ok((Head { status: StatusCode::OK, headers }, _, pieces))) => Ok((headers, pieces)),
        Ok(Ok((head, body, _))) => Err(refused(response::refused(&head, &body, request, &pipeline.redactor))),
    }
}

/// Shows what is said of the bytes, and none of them.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("size", &self.size())
            .field("content_type", &self.content_type())
            .finish_non_exhaustive()
    }
}
