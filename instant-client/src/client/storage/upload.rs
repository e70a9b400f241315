//! An upload: content, and the headers that describe it.

use std::{fmt, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures_util::Stream;
use http_body_util::BodyExt;
use instant_core::Id;

use super::{byte_stream::from_stream, path, upload_source::Content};
use crate::{
    BuildError, File,
    transport::{BoxError, FileHeaders},
};

/// Content to upload, with its content type and other options.
///
/// Bytes and strings convert into an upload. [`path`](Self::path), [`stream`](Self::stream) and
/// [`body`](Self::body) create one that is read while it is sent, and need not fit into memory.
///
/// ```
/// use instant_client::Upload;
///
/// let text = Upload::from("Get fit").content_type("text/plain; charset=utf-8");
/// let picture = Upload::path("demo.png").content_type("image/png");
/// # let _ = (text, picture);
/// ```
#[must_use = "an upload does nothing until it is passed to `StorageClient::upload`"]
pub struct Upload {
    pub(super) content: Content,
    pub(super) size: Option<u64>,
    content_type: Option<String>,
    content_disposition: Option<String>,
    pub(super) progress: Option<Progress>,
}

/// The progress of an upload, passed to the callback of [`Upload::progress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadProgress {
    /// The number of bytes that were passed to the connection.
    pub done: u64,
    /// The size of the upload in bytes.
    pub total: u64,
}

/// The result of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadResult {
    /// The id of the file: a new one, unless a file existed at the path.
    pub id: Id<File>,
    /// The size of the file in bytes.
    pub size: u64,
}

/// The callback of [`Upload::progress`].
#[derive(Clone)]
pub(super) struct Progress(Arc<dyn Fn(&UploadProgress) + Send + Sync>);

impl Progress {
    pub(super) fn call(&self, done: u64, total: u64) {
        (self.0)(&UploadProgress { done, total });
    }
}

impl Upload {
    /// Creates an upload of bytes in memory. [`Bytes`] are shared, not copied.
    ///
    /// ```
    /// let upload = instant_client::Upload::bytes(vec![137, 80, 78, 71]);
    /// # let _ = upload;
    /// ```
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::new(Content::Bytes(bytes.into()), None)
    }

    /// Creates an upload of the local file at `path`, which is read while it is sent.
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

    /// Creates an upload of a stream, such as the body of another response.
    ///
    /// Servers require the size before the first byte. Unless [`size`](Self::size) declares it, the
    /// client reads the whole stream before it sends anything: up to 1 MiB into memory, more into a
    /// temporary file.
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
        B: Into<Bytes> + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        Self::new(Content::Stream(from_stream(stream)), None)
    }

    /// Creates an upload of the body of an HTTP request or response, such as that of an upload to
    /// your server. If the body reports no exact size, see [`stream`](Self::stream).
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

    /// Declares the size in bytes.
    ///
    /// An upload with more or fewer bytes fails, and the server stores nothing.
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

    /// Sets the content type of the file, such as `image/png`. The default is
    /// `application/octet-stream`.
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

    /// Sets the content disposition of the file, which tells browsers what to do with a download:
    /// the default `inline`, or for example `attachment; filename="demo.png"`.
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

    /// Calls `progress` each time bytes were passed to the connection.
    ///
    /// A retry starts again at the first byte.
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

    /// Returns the headers that describe the file.
    pub(super) fn headers(&self) -> Result<FileHeaders, BuildError> {
        let disposition = self.content_disposition.as_deref();
        Ok(FileHeaders {
            content_type: self.content_type.as_deref().map(path::content_type).transpose()?,
            content_disposition: disposition.map(path::content_disposition).transpose()?,
        })
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

/// Omits the content.
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
