//! Sends an upload: opens its content, selects the endpoint for its path, and reads the response.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use instant_core::{Id, Object, Value};
use tokio::time::Instant;

use super::{
    StorageClient, Upload, UploadResult, file_id,
    idle_timeout::TransferMonitor,
    malformed, path, signed_url,
    upload_body::{UploadExchange, unreadable},
    upload_source::UploadSource,
};
use crate::{
    BuildError, Error, File,
    client::{
        Client,
        pipeline::{CallOptions, CallPolicy, Pipeline},
        response,
    },
    error::ErrorKind,
    retry::Effect,
    transport::{ApiEndpoint, Destination, Request},
};

/// Uploads `upload` to `path`, through the endpoint that can carry the path.
pub(super) async fn upload(
    storage: &StorageClient,
    path: &str,
    upload: Upload,
) -> Result<UploadResult, Error> {
    // The deadline covers everything below.
    let start = Instant::now();
    let StorageClient { client: Client { pipeline, options }, admin } = storage;
    let target = UploadTarget::new(path::validate(path)?, *admin)?;
    let file = upload.headers()?;
    let api_headers = pipeline.headers()?;
    let Upload { content, size, progress, .. } = upload;
    let monitor = TransferMonitor::new();
    let source = UploadSource::new(content, size, &monitor);
    let source = monitor.guard(source, options.timeout, options.deadline).await;
    let source = source
        .map_err(|expired| {
            let message = format!("failed to read the content of the upload in time: {expired}");
            Error::new(ErrorKind::Timeout, message)
        })?
        .map_err(unreadable)?;
    let (destination, effect) = match target {
        UploadTarget::Header(name) => {
            let mut headers = api_headers.clone();
            headers.remove(CONTENT_TYPE);
            headers.insert(HeaderName::from_static("path"), name);
            file.add_to(&mut headers);
            let endpoint = ApiEndpoint { path: "/admin/storage/upload".into(), headers: Cow::Owned(headers) };
            (Destination::Api(endpoint), source.effect())
        }
        UploadTarget::SignedUrl(path) => {
            let url = signed_upload_url(pipeline, path, &options.remaining_since(start)).await?;
            let signed = signed_url(&url, api_headers, file).map_err(|error| {
                let message = format!("the server returned an invalid upload URL: {error}");
                Error::new(ErrorKind::UnexpectedResponse, message)
            })?;
            // The URL is valid for one attempt.
            (Destination::Signed(signed), Effect::Write)
        }
    };
    let request = Request { method: Method::PUT, destination, body: Bytes::new() };
    let policy = CallPolicy::transfer(effect, &options.remaining_since(start));
    let size = source.size;
    let body = pipeline.run(&request, policy, UploadExchange { source, progress }).await?;
    Ok(UploadResult { id: uploaded_id(body)?, size })
}

/// The way in which an upload names the path of its file.
enum UploadTarget<'a> {
    /// In a header.
    Header(HeaderValue),
    /// By a signed URL, for a path with characters beyond Latin-1.
    SignedUrl(&'a str),
}

impl<'a> UploadTarget<'a> {
    fn new(path: &'a str, admin: bool) -> Result<Self, BuildError> {
        match path::to_latin1(path) {
            Some(name) => Ok(Self::Header(name)),
            None if admin => Ok(Self::SignedUrl(path)),
            None => Err(BuildError::new(format!(
                "a user cannot upload to {path:?}: the path has characters beyond Latin-1; \
                 upload the file as admin"
            ))),
        }
    }
}

/// Requests a URL to which the file at `path` can be uploaded once, without credentials.
/// `POST /admin/storage/signed-upload-url`.
async fn signed_upload_url(pipeline: &Pipeline, path: &str, options: &CallOptions) -> Result<String, Error> {
    let body = Value::from(Object::from_iter([("filename".to_owned(), path.into())])).to_string();
    let request = pipeline.request(Method::POST, "/admin/storage/signed-upload-url", body)?;
    // This is a part of the upload, and has no deadline of its own.
    let policy = CallPolicy::transfer(Effect::IdempotentWrite, options);
    let text = pipeline.call_json(&request, policy).await?;
    match response::object(&text)?.remove("data") {
        Some(Value::String(url)) => Ok(url),
        _ => Err(malformed("data")),
    }
}

/// Returns the id of the file in the response of an upload.
fn uploaded_id(body: Bytes) -> Result<Id<File>, Error> {
    let response = response::object(&response::text(body.into())?)?;
    let data = response.get("data").and_then(Value::as_object).ok_or_else(|| malformed("data"))?;
    file_id(data.get("id").ok_or_else(|| malformed("id"))?)
}
