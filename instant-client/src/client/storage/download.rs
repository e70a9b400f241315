//! Downloads of files, from any server that their URLs name.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{
    HeaderMap, HeaderName, Method, StatusCode, Uri,
    header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
};
use tokio::time::{Instant, timeout_at};

use super::{idle_timeout::Expired, signed_url};
use crate::{
    BuildError, Error,
    client::{
        Client,
        pipeline::{CallPolicy, Exchange, Failure, Limits, Pipeline},
        response,
    },
    error::ErrorKind,
    retry::Effect,
    transport::{Destination, FileHeaders, Request, ResponseBody, ResponseHead, TransportError},
};

/// A file that is being downloaded.
///
/// Read it chunk by chunk with [`next`](Self::next) or as a [`Stream`], or at once with
/// [`bytes`](Self::bytes). Dropping it cancels the download.
#[must_use = "a download reads nothing until it is polled"]
pub struct Download {
    headers: HeaderMap,
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send + Sync>>,
}

impl Download {
    /// Returns the size of the file in bytes, if the server sent it.
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

    /// Returns the content type of the file, as set by its upload.
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

    /// Returns the content disposition of the file: what browsers do with it.
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

    /// Returns the next chunk of bytes, or `None` at the end of the file.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", Upload::from("Get fit").content_type("text/plain")).await?;
    /// let mut file = db.storage().download("a.txt").await?.expect("it was uploaded");
    /// let mut size = 0;
    /// while let Some(chunk) = file.next().await {
    ///     size += chunk?.len();
    /// }
    /// assert_eq!(size, 7);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Connection`] if the connection is lost, [`ErrorKind::Timeout`] if no byte
    /// arrives within the client's timeout, or the deadline passes. The download ends with the
    /// error.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        self.chunks.next().await
    }

    /// Reads the rest of the file into memory.
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
        while let Some(chunk) = self.next().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.into())
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.as_mut().poll_next(context)
    }
}

/// Requests the file at `url`, without credentials, since the server may be anyone's.
pub(super) async fn fetch(client: &Client, url: &str) -> Result<Download, Error> {
    let Client { pipeline, options } = client;
    let invalid = || {
        let url: String = url.chars().take(60).collect();
        BuildError::new(format!("invalid file URL {url:?}: use the `url` that a query of `$files` returns"))
    };
    if !is_fetchable(url, pipeline.transport.is_embedded()) {
        return Err(invalid().into());
    }
    let signed = signed_url(url, pipeline.headers()?, FileHeaders::default()).map_err(|_| invalid())?;
    let destination = Destination::Signed(signed);
    let request = Request { method: Method::GET, destination, body: Bytes::new() };
    pipeline.run(&request, CallPolicy::transfer(Effect::Read, options), DownloadExchange).await
}

/// Returns whether a file can be fetched from `url`.
fn is_fetchable(url: &str, embedded: bool) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    match uri.scheme_str() {
        None => url.starts_with('/'),
        // The embedded transport reaches no other server.
        Some("http" | "https") => !embedded,
        Some(_) => false,
    }
}

/// The start of a download: an attempt ends when the head of the response has arrived.
struct DownloadExchange;

impl Exchange for DownloadExchange {
    type Output = Download;

    async fn attempt(
        &mut self,
        pipeline: &Pipeline,
        request: &Request<'_>,
        limits: Limits,
    ) -> Result<Download, Failure> {
        let start = Instant::now();
        let response = async {
            let (head, mut body) = pipeline.transport.open(request, Bytes::new().into()).await?;
            if head.status == StatusCode::OK {
                return Ok((head, Ok(body)));
            }
            let rejection = body.read_rejection().await?;
            Ok((head, Err(rejection)))
        };
        match pipeline.within(request, limits.attempt, response).await? {
            (ResponseHead { headers, .. }, Ok(body)) => {
                let deadline = limits.remaining.and_then(|remaining| start.checked_add(remaining));
                Ok(Download { headers, chunks: Box::pin(chunks(body, limits.idle, deadline)) })
            }
            (head, Err(body)) => {
                let error = response::rejection(&head, &body, request, &pipeline.redactor);
                Err(Failure::rejected(error))
            }
        }
    }
}

/// Returns the chunks of `body`.
///
/// The idle timeout runs only while the caller waits for a chunk, and not while it processes one.
fn chunks(
    body: ResponseBody,
    idle: Duration,
    deadline: Option<Instant>,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + Sync {
    stream::try_unfold(body, move |mut body| async move {
        let idle_until = Instant::now().checked_add(idle);
        let chunk = match [idle_until, deadline].into_iter().flatten().min() {
            Some(until) => timeout_at(until, body.chunk()).await.map_err(|_| {
                let expired = match deadline {
                    Some(deadline) if Instant::now() >= deadline => Expired::Deadline,
                    _ => Expired::Idle(idle),
                };
                let message = format!("failed to download the file in time: {expired}");
                Error::new(ErrorKind::Timeout, message)
            })?,
            None => body.chunk().await,
        };
        let chunk = chunk.map_err(|(TransportError::NotSent(cause) | TransportError::Lost(cause))| {
            let message = "failed to download the file: the connection was lost";
            Error::caused(ErrorKind::Connection, message, cause)
        })?;
        Ok(chunk.map(|chunk| (chunk, body)))
    })
}

/// Omits the bytes.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("size", &self.size())
            .field("content_type", &self.content_type())
            .finish_non_exhaustive()
    }
}
