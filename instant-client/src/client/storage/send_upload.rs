//! How an upload becomes a file: what it is read from, the endpoint that its path asks for, and what the answer says.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONTENT_TYPE, USER_AGENT},
};
use instant_core::{Id, Object, Value};
use tokio::time::Instant;

use super::{
    StorageClient, Upload, UploadResult, file_id, idle_timeout::Watch, path, unexpected,
    upload_body::unreadable, upload_source::Source,
};
use crate::{
    BuildError, Error, File,
    client::{
        Client,
        pipeline::{Attempts, Options, Pipeline},
        response,
        trace::Trace,
    },
    error::ErrorKind,
    retry::Effect,
    transport::Request,
};

/// Uploads `upload` to `path`, in the way that the path asks for.
pub(super) async fn upload(
    storage: &StorageClient,
    path: &str,
    upload: Upload,
) -> Result<UploadResult, Error> {
    // The deadline is for all that follows together.
    let began = Instant::now();
    let StorageClient { client: Client { pipeline, options }, admin } = storage;
    let way = Way::to(path::checked(path)?, *admin)?;
    let said = upload.headers()?;
    let own = pipeline.headers()?;
    let Upload { content, size, progress, .. } = upload;
    let watch = Watch::new();
    let reading = Source::new(content, size, &watch);
    let read = watch.unless_still(reading, options.timeout, options.deadline).await;
    let mut source = read
        .map_err(|late| {
            let message = format!("what is to be uploaded did not arrive in time: {late}");
            Error::new(ErrorKind::Timeout, message)
        })?
        .map_err(unreadable)?;
    let (endpoint, mut headers, effect) = match way {
        Way::Named(name) => {
            let mut headers = own.clone();
            headers.remove(CONTENT_TYPE);
            headers.insert(HeaderName::from_static("path"), name);
            ("/admin/storage/upload".to_owned(), headers, source.effect())
        }
        Way::Signed(path) => {
            let address = address_for(pipeline, path, &options.since(began)).await?;
            // The address is good for one attempt.
            (address, bare(own), Effect::Write)
        }
    };
    headers.extend(said);
    let request =
        Request { method: Method::PUT, path: endpoint.into(), headers: &headers, body: Bytes::new() };
    let left = options.since(began);
    let body = pipeline.transfer(&request, &mut source, effect, &left, progress.as_ref()).await?;
    Ok(UploadResult { id: id_in(body)?, size: source.size })
}

/// How bytes get to the path of a file.
enum Way<'a> {
    /// A header has the path.
    Named(HeaderValue),
    /// The path is beyond Latin-1, and has an address made for it.
    Signed(&'a str),
}

impl<'a> Way<'a> {
    fn to(path: &'a str, admin: bool) -> Result<Self, BuildError> {
        match path::latin1(path) {
            Some(name) => Ok(Self::Named(name)),
            None if admin => Ok(Self::Signed(path)),
            None => Err(BuildError::new(format!(
                "a user cannot upload to {path:?}: the header that names the path carries Latin-1 only; upload as the admin"
            ))),
        }
    }
}

/// An address to which the file at `path` can be uploaded once, by whoever knows it.
async fn address_for(pipeline: &Pipeline, path: &str, options: &Options) -> Result<String, Error> {
    let body = Value::from(Object::from_iter([("filename".to_owned(), path.into())])).to_string();
    let endpoint = "/admin/storage/signed-upload-url".into();
    let request =
        Request { method: Method::POST, path: endpoint, headers: pipeline.headers()?, body: body.into() };
    let trace = Trace::of(&request);
    // It is part of the upload, which has no deadline of its own.
    let attempts = Attempts::of_transfer(Effect::IdempotentWrite, options, &trace);
    let text = response::text(pipeline.send_in(&request, attempts).await?.into())?;
    match response::object(&text)?.remove("data") {
        Some(Value::String(url)) => Ok(url),
        _ => Err(unexpected("address")),
    }
}

/// The id of the file, by the answer to its upload.
fn id_in(body: Bytes) -> Result<Id<File>, Error> {
    let answer = response::object(&response::text(body.into())?)?;
    let data = answer.get("data").and_then(Value::as_object).ok_or_else(|| unexpected("data"))?;
    file_id(data.get("id").ok_or_else(|| unexpected("id"))?)
}

/// What a call to another server carries: nothing that opens the app.
pub(super) fn bare(own: &HeaderMap) -> HeaderMap {
    own.get(USER_AGENT).map(|agent| (USER_AGENT, agent.clone())).into_iter().collect()
}
