//! The app's files: uploading, finding, fetching and deleting them (`http-api.md` 11).

mod byte_stream;
mod download;
mod idle_timeout;
mod path;
mod send_upload;
mod upload;
mod upload_body;
mod upload_source;

use http::Method;
use instant_core::{Id, Object, Uuid, Value};

pub use self::{
    download::Download,
    upload::{Upload, UploadProgress, UploadResult},
};
use super::{Client, Scoped, percent_encoded, response};
use crate::{Entity, Error, File, FileRow, error::ErrorKind};

/// The files of a client's app; see [`Client::storage`].
///
/// A file has a path, which is a name like any other: `photos/demo.png` lies in no folder, and `..` leads nowhere. It has at most
/// 1,012 bytes, no blanks at its ends and no control characters; what has is refused before it is sent.
#[derive(Debug, Clone)]
pub struct StorageClient {
    client: Client,
    /// Paths beyond Latin-1 need an endpoint that is for admins.
    admin: bool,
}

impl Client {
    /// The app's files: uploading, finding, fetching and deleting them.
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
    /// let Some(file) = db.storage().download("notes/today.txt").await? else { panic!("it was uploaded") };
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
    /// The app's files, as far as the rules of `$files` let the user: uploading needs `create`, deleting `delete`, finding and
    /// fetching `view`. Without rules all are denied. See [`Client::storage`].
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
    /// Makes `content` the file at `path`: bytes, a text, or an [`Upload`] that says more. A file that is there already gets the new
    /// content, and keeps its id, links and own attributes. `PUT /admin/storage/upload`, with the path in a header as Latin-1.
    ///
    /// Bytes, files and streams of unknown size are sent again where a read would be. A stream of known size can be read only once,
    /// and is not. The client's [timeout](Client::with_timeout) is for how long nothing may move; there is no deadline unless
    /// [one is set](Client::with_deadline). Both hold also while a stream of unknown size is read.
    ///
    /// A path beyond Latin-1 goes to `POST /admin/storage/signed-upload-url`, which gives the address for the upload. It is for admins
    /// only.
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
    /// [`ErrorKind::Build`] if path, content type or disposition cannot be what Instant stores; [`ErrorKind::Upload`] if the content
    /// cannot be read to its end, or has another size than was said: then the server keeps nothing.
    /// [`ErrorKind::Timeout`] if nothing moves for too long, or the deadline comes first.
    /// [`is_permission_denied`](Error::is_permission_denied) if a rule says no.
    pub async fn upload(
        &self,
        path: impl AsRef<str>,
        content: impl Into<Upload>,
    ) -> Result<UploadResult, Error> {
        send_upload::upload(self, path.as_ref(), content.into()).await
    }

    /// Deletes the file at `path`, and answers its id, if there was one. `DELETE /admin/storage/files`.
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
    /// [`ErrorKind::Build`] if no file can have such a path; what the server refuses. If the connection breaks it is not known
    /// whether the file was deleted.
    pub async fn delete(&self, path: impl AsRef<str>) -> Result<Option<Id<File>>, Error> {
        let path = path::checked(path.as_ref())?;
        let Client { pipeline, options } = &self.client;
        let endpoint = format!("/admin/storage/files?filename={}", percent_encoded(path));
        let text = pipeline.call(Method::DELETE, endpoint, String::new(), options.writing(), options).await?;
        let answer = response::object(&text)?;
        match answer.get("data").and_then(|data| data.get("id")) {
            Some(Value::Null) => Ok(None),
            Some(id) => file_id(id).map(Some),
            None => Err(unexpected("id")),
        }
    }

    /// Deletes the files at `paths`, all or, if a rule forbids one of them, none, and answers the ids of those that there were, in any
    /// order. `POST /admin/storage/files/delete`.
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
    /// As [`delete`](Self::delete).
    pub async fn delete_many<P: AsRef<str>>(
        &self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Vec<Id<File>>, Error> {
        let paths = paths.into_iter().map(|path| path::checked(path.as_ref()).map(Value::from));
        let paths = Value::Array(paths.collect::<Result<_, _>>()?);
        let Client { pipeline, options } = &self.client;
        let body = Value::from(Object::from_iter([("filenames".to_owned(), paths)])).to_string();
        let text = pipeline.post("/admin/storage/files/delete", body, options.writing(), options).await?;
        let answer = response::object(&text)?;
        let ids = answer.get("data").and_then(|data| data.get("ids")?.as_array());
        ids.ok_or_else(|| unexpected("ids"))?.iter().map(file_id).collect()
    }

    /// All files that may be seen. To filter, order and page, query [`File`]. `POST /admin/query`.
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
    /// As [`Client::query`].
    pub async fn list(&self) -> Result<Vec<FileRow>, Error> {
        self.client.query(File::query()).await
    }

    /// The bytes of the file at `path`, as they arrive; none if there is no such file, or none that may be seen. Asks for the file's
    /// address (`POST /admin/query` of `$files`), and goes there without credentials: the address itself is one, good for a week.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::Client;
    ///
    /// let db = Client::in_memory();
    /// db.storage().upload("notes.txt", "Get fit").await?;
    /// let Some(mut file) = db.storage().download("notes.txt").await? else { panic!("it was uploaded") };
    /// assert_eq!(file.size(), Some(7));
    /// let mut content = Vec::new();
    /// while let Some(part) = file.next().await {
    ///     content.extend_from_slice(&part?);
    /// }
    /// assert_eq!(content, b"Get fit");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] if no file can have such a path; as [`Client::query`]; what the keeper of the bytes refuses.
    pub async fn download(&self, path: impl AsRef<str>) -> Result<Option<Download>, Error> {
        let path = path::checked(path.as_ref())?;
        let query = File::query().filter(|f| f.path.eq(path));
        let Some(file) = self.client.query_one(query).await? else { return Ok(None) };
        let url = file.url.as_deref().ok_or_else(|| unexpected("url"))?;
        self.download_url(url).await.map(Some)
    }

    /// The bytes of the file at the `url` that a query of [`File`] gave, as they arrive.
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
    /// [`ErrorKind::Build`] for what is no address; what the keeper of the bytes refuses, such as an address that is no longer good.
    pub async fn download_url(&self, url: impl AsRef<str>) -> Result<Download, Error> {
        download::fetch(&self.client, url.as_ref()).await
    }
}

fn file_id(value: &Value) -> Result<Id<File>, Error> {
    let id = value.as_str().and_then(|id| Uuid::try_parse(id).ok());
    id.map(Id::from_uuid).ok_or_else(|| unexpected("id"))
}

fn unexpected(lacks: &str) -> Error {
    Error::new(ErrorKind::UnexpectedAnswer, format!("the answer about a file has no `{lacks}`"))
}
