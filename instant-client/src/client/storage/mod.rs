//! The files of an app: uploading, listing, downloading and deleting them
//! (`docs/protocol/http-api.md`, "11. Storage").

mod byte_stream;
mod download;
mod idle_timeout;
mod path;
mod send_upload;
mod upload;
mod upload_body;
mod upload_source;

use http::{HeaderMap, Method, header::USER_AGENT};
use instant_core::{Id, Object, Uuid, Value};

pub use self::{
    download::Download,
    upload::{Upload, UploadProgress, UploadResult},
};
use super::{Client, Scoped, percent_encoded, response};
use crate::{
    Entity, Error, File, FileRow,
    error::ErrorKind,
    transport::{FileHeaders, Location, SignedUrl},
};

/// A client for the files of an app; see [`Client::storage`].
///
/// A path is a plain name: `photos/demo.png` is not in a folder, and `..` has no meaning. It has at
/// most 1,012 bytes, no white space at its start or end, and no control characters. The client
/// rejects any other path before it sends a request.
#[derive(Debug, Clone)]
pub struct StorageClient {
    client: Client,
    /// Whether the caller is the admin, who alone may use paths beyond Latin-1.
    admin: bool,
}

impl Client {
    /// Returns a client for the files of the app.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// let db = Client::in_memory();
    /// let notes = Upload::from("Get fit").content_type("text/plain");
    /// let uploaded = db.storage().upload("notes/today.txt", notes).await?;
    /// assert_eq!(uploaded.size, 7);
    ///
    /// let file = db.storage().download("notes/today.txt").await?.expect("it was uploaded");
    /// assert_eq!(file.content_type(), Some("text/plain"));
    /// assert_eq!(file.bytes().await?, "Get fit");
    ///
    /// assert_eq!(db.storage().delete("notes/today.txt").await?, Some(uploaded.id));
    /// assert!(db.storage().download("notes/today.txt").await?.is_none());
    /// # }
    /// ```
    pub fn storage(&self) -> StorageClient {
        StorageClient { client: self.clone(), admin: true }
    }
}

impl Scoped {
    /// Returns a client for the files of the app, as the user.
    ///
    /// The rules of `$files` apply: `create` to uploads, `delete` to deletions, `view` to listing
    /// and downloads. Without rules, the server denies all of them. See [`Client::storage`].
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{As, UserSelector, Client, schema::Schema};
    ///
    /// let own = "auth.id != null && data.path.startsWith(auth.email + '/')";
    /// let rules = serde_json::json!({"$files": {"allow": {"view": own, "create": own, "delete": own}}});
    /// let db = Client::in_memory_with(Schema::default()).rules(rules).build()?;
    /// db.auth().create_token(UserSelector::email("ada@example.com")).await?;
    /// db.storage().upload("shared.txt", "for admins").await?;
    ///
    /// let files = db.as_user(As::email("ada@example.com")).storage();
    /// files.upload("ada@example.com/notes.txt", "Get fit").await?;
    /// assert!(files.upload("notes.txt", "Get fit").await.unwrap_err().is_permission_denied());
    /// assert!(files.download("shared.txt").await?.is_none());
    /// assert_eq!(files.list().await?.len(), 1);
    /// # }
    /// ```
    pub fn storage(&self) -> StorageClient {
        StorageClient { client: self.client().clone(), admin: false }
    }
}

impl StorageClient {
    /// Uploads `content` to `path`: bytes, a string, or an [`Upload`]. `PUT /admin/storage/upload`.
    ///
    /// A file that exists at the path gets the new content, and keeps its id, links and other
    /// attributes.
    ///
    /// Uploads of bytes, files and streams of unknown size are retried like reads. A stream of
    /// known size can be read only once, and is not retried. The client's
    /// [timeout](Client::with_timeout) limits how long no byte may move; there is no deadline
    /// unless [one is set](Client::with_deadline). Both also apply while a stream of unknown size
    /// is read.
    ///
    /// The path is sent in a header, as Latin-1. For any other path, the client requests a signed
    /// URL from `POST /admin/storage/signed-upload-url`, which only an admin may do.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{Client, Upload};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let picture = directory.path().join("demo.png");
    /// # std::fs::write(&picture, [137; 9])?;
    /// let db = Client::in_memory();
    /// let upload = Upload::path(&picture)
    ///     .content_type("image/png")
    ///     .content_disposition("attachment; filename=\"demo.png\"")
    ///     .progress(|at| println!("{} of {} bytes", at.done, at.total));
    /// let first = db.storage().upload("photos/demo.png", upload).await?;
    /// let second = db.storage().upload("photos/demo.png", vec![137, 80]).await?;
    /// assert_eq!((first.id, second.size), (second.id, 2));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Build`] if Instant cannot store the path, content type or disposition.
    /// - [`ErrorKind::Upload`] if the content cannot be read, or has another size than declared.
    ///   The server stores nothing then.
    /// - [`ErrorKind::Timeout`] if no byte moves within the timeout, or the deadline passes.
    /// - [`is_permission_denied`](Error::is_permission_denied) if a rule denies the upload.
    pub async fn upload(
        &self,
        path: impl AsRef<str>,
        content: impl Into<Upload>,
    ) -> Result<UploadResult, Error> {
        send_upload::upload(self, path.as_ref(), content.into()).await
    }

    /// Deletes the file at `path`, and returns its id, or `None` if there is no such file.
    /// `DELETE /admin/storage/files`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// let db = instant_client::Client::in_memory();
    /// let uploaded = db.storage().upload("a.txt", "a").await?;
    /// assert_eq!(db.storage().delete("a.txt").await?, Some(uploaded.id));
    /// assert_eq!(db.storage().delete("a.txt").await?, None);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] for an invalid path, or a rejection from the server. After
    /// [`ErrorKind::Connection`] or [`ErrorKind::Timeout`], the file may have been deleted.
    pub async fn delete(&self, path: impl AsRef<str>) -> Result<Option<Id<File>>, Error> {
        let path = path::validate(path.as_ref())?;
        let Client { pipeline, options } = &self.client;
        let endpoint = format!("/admin/storage/files?filename={}", percent_encoded(path));
        let text =
            pipeline.call(Method::DELETE, endpoint, String::new(), options.write_effect(), options).await?;
        let response = response::object(&text)?;
        match response.get("data").and_then(|data| data.get("id")) {
            Some(Value::Null) => Ok(None),
            Some(id) => file_id(id).map(Some),
            None => Err(malformed("id")),
        }
    }

    /// Deletes the files at `paths`, and returns the ids of those that existed, in any order.
    /// `POST /admin/storage/files/delete`.
    ///
    /// If a rule denies one of the deletions, the server deletes none of the files.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::Client;
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("a.txt", "a").await?;
    /// db.storage().upload("b.txt", "b").await?;
    /// let deleted = db.storage().delete_many(["a.txt", "b.txt", "c.txt"]).await?;
    /// assert_eq!(deleted.len(), 2);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`delete`](Self::delete).
    pub async fn delete_many<P: AsRef<str>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Vec<Id<File>>, Error> {
        let paths = paths.into_iter().map(|path| path::validate(path.as_ref()).map(Value::from));
        let paths = Value::Array(paths.collect::<Result<_, _>>()?);
        let Client { pipeline, options } = &self.client;
        let body = Value::from(Object::from_iter([("filenames".to_owned(), paths)])).to_string();
        let text =
            pipeline.post("/admin/storage/files/delete", body, options.write_effect(), options).await?;
        let response = response::object(&text)?;
        let ids = response.get("data").and_then(|data| data.get("ids")?.as_array());
        ids.ok_or_else(|| malformed("ids"))?.iter().map(file_id).collect()
    }

    /// Returns all files that the caller may view. `POST /admin/query`.
    ///
    /// To filter, order or page, query [`File`].
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{File, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("notes/a.txt", "a").await?;
    /// db.storage().upload("photos/b.png", "b").await?;
    /// let files = db.storage().list().await?;
    /// assert_eq!((files[0].path.as_str(), files[0].size), ("notes/a.txt", Some(1)));
    ///
    /// let notes = db.query(File::query().filter(|f| f.path.like("notes/%"))).await?;
    /// assert_eq!(notes.len(), 1);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`Client::query`].
    pub async fn list(&self) -> Result<Vec<FileRow>, Error> {
        self.client.query(File::query()).await
    }

    /// Downloads the file at `path`; `None` if it does not exist or the caller may not view it.
    ///
    /// Queries the URL of the file (`POST /admin/query` of `$files`), and requests it without
    /// credentials: the URL is signed, and valid for a week.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::Client;
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("notes.txt", "Get fit").await?;
    /// let mut file = db.storage().download("notes.txt").await?.expect("it was uploaded");
    /// assert_eq!(file.size(), Some(7));
    /// let mut content = Vec::new();
    /// while let Some(chunk) = file.next().await {
    ///     content.extend_from_slice(&chunk?);
    /// }
    /// assert_eq!(content, b"Get fit");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] for an invalid path, the errors of [`Client::query`], or a rejection
    /// from the server that stores the file.
    pub async fn download(&self, path: impl AsRef<str>) -> Result<Option<Download>, Error> {
        let path = path::validate(path.as_ref())?;
        let query = File::query().filter(|f| f.path.eq(path));
        let Some(file) = self.client.query_one(query).await? else { return Ok(None) };
        let url = file.url.as_deref().ok_or_else(|| malformed("url"))?;
        self.download_url(url).await.map(Some)
    }

    /// Downloads the file at a `url` that a query of [`File`] returned. `GET` of the URL, without
    /// credentials.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// let db = instant_client::Client::in_memory();
    /// db.storage().upload("a.txt", "Get fit").await?;
    /// for file in db.storage().list().await? {
    ///     let Some(url) = &file.url else { continue };
    ///     assert_eq!(db.storage().download_url(url).await?.bytes().await?, "Get fit");
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] for an invalid URL, or a rejection from the server that stores the
    /// file, for example because the URL has expired.
    pub async fn download_url(&self, url: impl AsRef<str>) -> Result<Download, Error> {
        download::fetch(&self.client, url.as_ref()).await
    }
}

fn file_id(value: &Value) -> Result<Id<File>, Error> {
    let id = value.as_str().and_then(|id| Uuid::try_parse(id).ok());
    id.map(Id::from_uuid).ok_or_else(|| malformed("id"))
}

/// Creates the target of a request to a URL that the server handed out. Of the client's headers, it
/// gets the user agent only.
///
/// # Errors
///
/// The reason why `url` is invalid.
fn signed_url<'a>(url: &str, api_headers: &'a HeaderMap, file: FileHeaders) -> Result<SignedUrl<'a>, String> {
    Ok(SignedUrl { location: Location::parse(url)?, user_agent: api_headers.get(USER_AGENT), file })
}

/// Creates the error for a response without `key`.
fn malformed(key: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the response of the storage has no valid `{key}`"))
}
