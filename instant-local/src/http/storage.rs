//! Uploads and deletions of files: `/admin/storage/..`, and `/storage/..` for clients
//! (`docs/protocol/http-api.md`, "11. Storage").

use std::{sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{Path, Request, State},
};
use http::Response;
use http_body_util::BodyExt;
use instant_core::{
    Issue, Object, Uuid, ValidationError, Value,
    query::{Form, NamedForm, Query},
};

use super::{
    Rejection,
    call::Call,
    credentials::{Access, access, admin, app_id, client, unknown_app},
    json, params, run_blocking, run_request,
};
use crate::{
    apps::{Apps, HostedApp},
    caller::Caller,
    clock::now,
    failure::Failure,
    files::{self, FileAction, FileUrls, NewFile, Upload},
    query::{self, QueryOptions},
    request::RequestContext,
    rules::RuleSource,
};

/// `PUT /admin/storage/upload`: stores the body as the file at the path in the header `Path`.
pub(super) async fn upload(State(apps): State<Apps>, request: Request) -> Result<Response<Body>, Rejection> {
    let (call, body) = Call::split_body(request)?;
    let Access { app, caller } = access(&apps, &call, app_id(&call)?)?;
    receive(app.ok_or_else(unknown_app)?, call.context(caller), new_file(&call, None)?, body).await
}

/// `PUT /storage/upload`: as for the admin, by the user of a refresh token or by a guest.
pub(super) async fn client_upload(
    State(apps): State<Apps>,
    request: Request,
) -> Result<Response<Body>, Rejection> {
    let (call, body) = Call::split_body(request)?;
    let Access { app, caller } = client(&apps, &call)?;
    receive(app.ok_or_else(unknown_app)?, call.context(caller), new_file(&call, None)?, body).await
}

/// `PUT /storage/:upload_id/consume-upload-url`: stores the body as the file that the upload
/// address was created for. The address is valid once.
pub(super) async fn consume_upload_url(
    State(apps): State<Apps>,
    Path(upload_id): Path<String>,
    request: Request,
) -> Result<Response<Body>, Rejection> {
    let (call, body) = Call::split_body(request)?;
    let id = params::uuid_text(&upload_id);
    let id = id.ok_or_else(|| params::malformed(&["params", "upload-id"], &*upload_id))?;
    let found = apps.tickets().redeem(id, Instant::now());
    let found = found.and_then(|(app_id, path)| Some((apps.get(app_id)?, path)));
    let Some((app, path)) = found else {
        let failure = Failure::rejected("validation-failed", "Validation failed for app-upload-url");
        let failure = failure.with_hint([
            ("data-type", "app-upload-url".into()),
            ("input", Object::from_iter([("upload-id".to_owned(), id.into())]).into()),
            ("errors", "The upload URL is expired or invalid.".into()),
        ]);
        return Err(failure.into());
    };
    receive(app, call.context(Caller::Admin), new_file(&call, Some(path))?, body).await
}

/// `POST /admin/storage/signed-upload-url`: creates an address for one upload of the file
/// `filename`.
pub(super) async fn signed_upload_url(
    State(apps): State<Apps>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let path = params::required(&["body", "filename"], call.field("filename"), params::non_blank)?;
    let ticket = apps.tickets().issue(app.app.id(), path, Instant::now());
    Ok(data_response(format!("{}/storage/{ticket}/consume-upload-url", call.base_url())))
}

/// `GET /admin/storage/signed-download-url`: responds with the address of the file at `filename`,
/// or with null.
pub(super) async fn signed_download_url(
    State(apps): State<Apps>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let path = filename(&call)?;
    let base = call.base_url();
    let url = run_blocking(move || {
        let urls = FileUrls::new(&base, app.app.info());
        Ok::<_, Failure>(files::file_at(&app, &path)?.map(|file| urls.sign(&file, now() / 1000)))
    });
    Ok(data_response(url.await??))
}

/// `DELETE /admin/storage/files`: deletes the file at `filename`.
pub(super) async fn delete(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let Access { app, caller } = access(&apps, &call, app_id(&call)?)?;
    delete_one(app, caller, &call).await
}

/// `DELETE /storage/files`: as for the admin, by the user of a refresh token or by a guest.
pub(super) async fn client_delete(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let Access { app, caller } = client(&apps, &call)?;
    delete_one(app, caller, &call).await
}

/// `POST /admin/storage/files/delete`: deletes the files at `filenames`.
pub(super) async fn delete_many(
    State(apps): State<Apps>,
    mut call: Call,
) -> Result<Response<Body>, Rejection> {
    let Access { app, caller } = access(&apps, &call, app_id(&call)?)?;
    let app = app.ok_or_else(unknown_app)?;
    let place = ["body", "filenames"];
    // The real server fails with status 500 for numbers and `true`.
    let listed = |value: &Value| (!matches!(value, Value::Number(_) | Value::Bool(_))).then_some(());
    params::required(&place, call.field("filenames"), listed)?;
    let names = call.fields.remove("filenames").unwrap_or_default();
    let context = call.context(caller);
    let ids = run_blocking(move || {
        let names = Vec::from_iter(names.as_array().unwrap_or_default().iter().filter_map(Value::as_str));
        files::check_files(&app, &context, FileAction::Delete, &names)?;
        files::delete_files(&app, &names)
    });
    let ids = Value::from_iter(ids.await??);
    Ok(data_response(Object::from_iter([("ids".to_owned(), ids)])))
}

/// `GET /admin/storage/files`: responds with all files, in a legacy format.
pub(super) async fn list(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    let id = app_id(&call)?;
    admin(&apps, &call, id)?;
    let Access { app, caller } = access(&apps, &call, id)?;
    let app = app.ok_or_else(unknown_app)?;
    if !call.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        // The real server fails with status 500 here.
        let message =
            "This older list needs the header `Content-Type: application/json`; better query $files";
        return Err(Failure::rejected("validation-failed", message).into());
    }
    let rows = run_request(call.context(caller), move |context| {
        app.readable()?;
        let query = Query {
            forms: vec![NamedForm { name: "$files".to_owned(), form: Form::default() }],
            ..Query::default()
        };
        let limits = app.limits();
        let options = QueryOptions::new(&limits, RuleSource::stored(&app.rules));
        query::execute(&app.state()?, context, &query, &options)?.into_response()
    });
    let rows = rows.await??.body;
    let rows = std::str::from_utf8(&rows).ok().and_then(|text| Value::parse(text).ok());
    let files = rows.as_ref().and_then(|rows| rows.get("$files")?.as_array()).unwrap_or_default();
    let files = files.iter().map(|row| {
        let value = |name: &str| row.get(name).cloned().unwrap_or_default();
        let location = value("location-id");
        // The real server spreads files over ten folders.
        let folder = location.as_str().and_then(|id| id.bytes().next_back()).unwrap_or_default() % 10;
        let key = format!("{id}/{folder}/{}", location.as_str().unwrap_or_default());
        let columns = [
            ("key", key.into()),
            ("name", value("path")),
            ("size", value("size")),
            ("etag", Value::Null),
            ("last_modified", Value::Null),
        ];
        Value::from(Object::from_iter(columns.map(|(name, value)| (name.to_owned(), value))))
    });
    Ok(data_response(Value::from_iter(files)))
}

async fn delete_one(
    app: Option<Arc<HostedApp>>,
    caller: Caller,
    call: &Call,
) -> Result<Response<Body>, Rejection> {
    let app = app.ok_or_else(unknown_app)?;
    let (path, context) = (filename(call)?, call.context(caller));
    let ids = run_blocking(move || {
        files::check_files(&app, &context, FileAction::Delete, &[&path])?;
        files::delete_files(&app, &[&path])
    });
    let id = ids.await??.pop().map_or(Value::Null, Value::from);
    Ok(data_response(Object::from_iter([("id".to_owned(), id)])))
}

fn filename(call: &Call) -> Result<String, Failure> {
    params::required(&["params", "filename"], call.param("filename").as_ref(), params::non_blank)
}

/// Reads the properties of a file from the headers, its path included unless `path` is set.
fn new_file(call: &Call, path: Option<String>) -> Result<NewFile, Failure> {
    let header = |name: &str| call.latin1_header(name);
    let path = match path {
        Some(path) => path,
        None => {
            let given = header("path").map(Value::from);
            params::required(&["path"], given.as_ref(), params::non_blank)?
        }
    };
    let content_type = header("content-type").filter(|kind| !["", "null", "undefined"].contains(&&**kind));
    let content_type = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    let consumed = ["application/x-www-form-urlencoded", "multipart/form-data"];
    if consumed.iter().any(|form| content_type.starts_with(form)) {
        // The real server fails with status 500 here.
        let message = "a form is not a file; send the content type of the file, or none";
        return Err(Failure::invalid(
            &ValidationError::new("content-type", Issue::message(message)),
            content_type.into(),
        ));
    }
    let disposition = header("content-disposition").map(Value::from);
    let disposition = params::optional(&["content-disposition"], disposition.as_ref(), params::non_blank)?;
    Ok(NewFile {
        path,
        content_type,
        content_disposition: disposition.unwrap_or_else(|| "inline".to_owned()),
    })
}

/// The size in bytes of the parts in which a body is written.
const PART: usize = 256 << 10;

/// Stores the body as it arrives, and creates the file when it is complete.
async fn receive(
    app: Arc<HostedApp>,
    context: RequestContext,
    file: NewFile,
    mut body: Body,
) -> Result<Response<Body>, Rejection> {
    let (checked, path) = (Arc::clone(&app), file.path.clone());
    run_blocking(move || {
        files::check_files(&checked, &context, FileAction::Create, &[&path])?;
        checked.writable()
    })
    .await??;
    let (mut upload, mut arrived) = (None, Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            Failure::rejected("connection-closed", format!("The body ended before it was complete: {error}"))
        })?;
        if let Ok(bytes) = frame.into_data() {
            arrived.extend_from_slice(&bytes);
        }
        if arrived.len() >= PART {
            let (app, so_far, bytes) = (Arc::clone(&app), upload.take(), std::mem::take(&mut arrived));
            upload = Some(run_blocking(move || write(&app, so_far, &bytes)).await??);
        }
    }
    let stored = run_blocking(move || {
        let upload = write(&app, upload, &arrived)?;
        let size = upload.size();
        let (id, location) = files::put_file(&app, &file, upload)?;
        files::remove_unused_blobs(&app, Instant::now())?;
        Ok::<_, Failure>((id, location, size))
    });
    let (id, location, size): (Uuid, Uuid, u64) = stored.await??;
    let members = [("id", Value::from(id)), ("location-id", location.into()), ("size", size.into())];
    Ok(data_response(Object::from_iter(members.map(|(name, value)| (name.to_owned(), value)))))
}

fn write(app: &HostedApp, upload: Option<Upload>, bytes: &[u8]) -> Result<Upload, Failure> {
    let mut upload = match upload {
        Some(upload) => upload,
        None => app.blobs.upload()?,
    };
    upload.write(bytes)?;
    Ok(upload)
}

fn data_response(value: impl Into<Value>) -> Response<Body> {
    json(Value::from(Object::from_iter([("data".to_owned(), value.into())])).to_string())
}
