//! An upload: the bytes and what is said of them.

use std::{fmt, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures_core::Stream;
use http::{
    HeaderMap,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use http_body_util::BodyExt;
use instant_core::Id;

use super::{byte_stream::from_stream, path, upload_source::Content};
use crate::{BuildError, File, transport::BoxError};

/// What is uploaded: bytes, a file or a stream, and what is said of it.
///
/// Bytes and texts are uploads as they are; [`path`](Self::path), [`stream`](Self::stream) and [`body`](Self::body) make one of
/// something that is read as it is sent, so that it need not fit into memory.
///
/// ```
/// use instant_client::Upload;
///
/// let text = Upload::from("Get fit").content_type("text/plain; charset=utf-8");
/// let picture = Upload::path("demo.png").content_type("image/png");
/// # let _ = (text, picture);
/// ```
#[must_use = "an upload does nothing before it is given to `StorageClient::upload`"]
pub struct Upload {
    pub(super) content: Content,
    pub(super) size: Option<u64>,
    content_type: Option<String>,
    content_disposition: Option<String>,
    pub(super) progress: Option<Progress>,
}

/// How far an upload is, in bytes; handed to what [`Upload::progress`] was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// How many bytes were handed to the connection.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// A file that was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadResult {
    /// The file's id: that of the file that was at the path already, or a new one.
    pub id: Id<File>,
    /// How many bytes it has.
    pub size: u64,
}

/// What wants to know how far an upload is.
#[derive(Clone)]
pub(super) struct Progress(Arc<dyn Fn(&UploadProgress) + Send + Sync>);

impl Progress {
    pub(super) fn call(&self, done: u64, total: u64) {
        (self.0)(&UploadProgress { done, total });
    }
}

impl Upload {
    /// These bytes. [`Bytes`] are shared, not copied.
    ///
    /// ```
    /// let upload = instant_client::Upload::bytes(vec![137, 80, 78, 71]);
    /// # let _ = upload;
    /// ```
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new(Content::Bytes(bytes.into()), None)
    }

    /// The file at `path` of this machine, which is read as it is sent.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// let error = db.storage().upload("a.png", Upload::path("no/such.png")).await.unwrap_err();
    /// assert_eq!(error.kind(), instant_client::ErrorKind::Upload);
    /// # }
    /// ```
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self::new(Content::Path(path.into()), None)
    }

    /// What `stream` gives, such as the body of another answer.
    ///
    /// Servers want to know the size beforehand. If it is not said by [`size`](Self::size), all of the stream is read before anything
    /// is sent: up to a megabyte into memory, more into a temporary file.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", "Get fit").await?;
    /// if let Some(file) = db.storage().download("a.txt").await? {
    ///     let copy = match file.size() {
    ///         Some(size) => Upload::stream(file).size(size),
    ///         None => Upload::stream(file),
    ///     };
    ///     assert_eq!(db.storage().upload("b.txt", copy).await?.size, 7);
    /// }
    /// # }
    /// ```
    pub fn stream<S, B, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<B, E>> + Send + 'static,
        B: Into<Bytes>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self::new(Content::Stream(from_stream(stream)), None)
    }

    /// What the body of a request or an answer holds, such as that of an upload to an own server. If the body knows its size, it need
    /// not be said; else see [`stream`](Self::stream).
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// let body = "Get fit".to_owned(); // or that of a request to your server
    /// assert_eq!(db.storage().upload("a.txt", Upload::body(body)).await?.size, 7);
    /// # }
    /// ```
    pub fn body<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let size = body.size_hint().exact();
        let parts = from_stream(body.map_err(Into::<BoxError>::into).into_data_stream());
        Self::new(Content::Stream(parts), size)
    }

    /// How many bytes there are. An upload that has more or less fails, and the server keeps nothing.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// assert!(db.storage().upload("a.txt", Upload::from("Get fit").size(8)).await.is_err());
    /// assert!(db.storage().download("a.txt").await?.is_none());
    /// # }
    /// ```
    pub fn size(self, bytes: u64) -> Self {
        Self { size: Some(bytes), ..self }
    }

    /// What downloads say of the kind of bytes, such as `image/png`; `application/octet-stream` without it.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.png", Upload::from(b"..").content_type("image/png")).await?;
    /// let files = db.storage().list().await?;
    /// assert_eq!(files[0].content_type.as_deref(), Some("image/png"));
    /// # }
    /// ```
    pub fn content_type(self, kind: impl Into<String>) -> Self {
        Self { content_type: Some(kind.into()), ..self }
    }

    /// What browsers do with a download: `inline`, as without it, or `attachment; filename="demo.png"`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// let upload = Upload::from("Get fit").content_disposition("attachment");
    /// db.storage().upload("a.txt", upload).await?;
    /// let files = db.storage().list().await?;
    /// assert_eq!(files[0].content_disposition.as_deref(), Some("attachment"));
    /// # }
    /// ```
    pub fn content_disposition(self, disposition: impl Into<String>) -> Self {
        Self { content_disposition: Some(disposition.into()), ..self }
    }

    /// Calls `progress` whenever bytes were handed to the connection. If they are sent again it begins at the start again.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// let upload = Upload::from("Get fit").progress(|at| assert_eq!((at.done, at.total), (7, 7)));
    /// db.storage().upload("a.txt", upload).await?;
    /// # }
    /// ```
    pub fn progress(self, progress: impl Fn(&UploadProgress) + Send + Sync + 'static) -> Self {
        Self { progress: Some(Progress(Arc::new(progress))), ..self }
    }

    fn new(content: Content, size: Option<u64>) -> Self {
        Self { content, size, content_type: None, content_disposition: None, progress: None }
    }

    /// The headers that say what it is.
    pub(super) fn headers(&self) -> Result<HeaderMap, BuildError> {
        let mut headers = HeaderMap::new();
        if let Some(kind) = &self.content_type {
            headers.insert(CONTENT_TYPE, path::content_type(kind)?);
        }
        if let Some(disposition) = &self.content_disposition {
            headers.insert(CONTENT_DISPOSITION, path::content_disposition(disposition)?);
        }
        Ok(headers)
    }
}

impl From<Bytes> for Upload {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Vec<u8>> for Upload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl From<String> for Upload {
    fn from(text: String) -> Self {
        Self::bytes(text)
    }
}

/// Copies the bytes.
impl From<&[u8]> for Upload {
    fn from(bytes: &[u8]) -> Self {
        Self::bytes(bytes.to_vec())
    }
}

/// Copies the bytes.
impl<const N: usize> From<&[u8; N]> for Upload {
    fn from(bytes: &[u8; N]) -> Self {
        Self::bytes(bytes.to_vec())
    }
}

/// Copies the text.
impl From<&str> for Upload {
    fn from(text: &str) -> Self {
        Self::bytes(text.to_owned())
    }
}

/// Shows no bytes.
impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content: _, size, content_type, content_disposition, progress: _ } = self;
        f.debug_struct("Upload")
            .field("size", size)
            .field("content_type", content_type)
            .field("content_disposition", content_disposition)
            .finish_non_exhaustive()
    }
}
