//! Files on the embedded backend: in memory, in a file, and over HTTP by the same client.
#![cfg(feature = "local")]

mod common;

use std::{
    collections::VecDeque,
    error::Error as StdError,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use common::Served;
use futures_util::Stream;
use instant_client::{
    As, Client, Error, ErrorKind, File, StorageClient, Upload, UserSelector, prelude::*, schema::Schema,
};
use instant_local::Local;
use tokio::{sync::oneshot, time::timeout};

type Part = Result<Vec<u8>, &'static str>;

/// What a test has ready. Like many streams it must not be asked for more when it has ended.
struct Ready(Option<VecDeque<Part>>);

impl Stream for Ready {
    type Item = Part;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Part>> {
        let next = self.0.as_mut().expect("the stream has ended").pop_front();
        if !matches!(next, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(next)
    }
}

fn parts(parts: impl IntoIterator<Item = Part>) -> Ready {
    Ready(Some(parts.into_iter().collect()))
}

/// So many megabytes, in as many parts.
fn megabytes(count: usize) -> Ready {
    parts((0..count).map(|number| Ok(vec![number as u8; 1 << 20])))
}

async fn content(files: &StorageClient, path: &str) -> Result<Vec<u8>, Error> {
    let file = files.download(path).await?.expect("it was uploaded");
    Ok(file.bytes().await?.to_vec())
}

async fn contents_of_all_kinds(db: &Client) -> Result<(), Box<dyn StdError>> {
    let files = db.storage();
    let directory = tempfile::tempdir()?;
    let on_disk = directory.path().join("a.bin");
    std::fs::write(&on_disk, vec![7; 300_000])?;
    let length = |path: &'static str| async { content(&db.storage(), path).await.map(|bytes| bytes.len()) };

    for (upload, size) in [
        (Upload::from(""), 0),
        (Upload::from("Get fit"), 7),
        (Upload::from(b"Get fit"), 7),
        (Upload::path(&on_disk), 300_000),
        (Upload::path(&on_disk).size(300_000), 300_000),
        (Upload::stream(parts([])), 0),
        (Upload::stream(parts([Ok(vec![1]), Ok(vec![]), Ok(vec![2, 3])])), 3),
        (Upload::stream(parts([Ok(vec![1]), Ok(vec![]), Ok(vec![2, 3])])).size(3), 3),
        (Upload::stream(parts([])).size(0), 0),
        (Upload::stream(megabytes(3)), 3 << 20),
        (Upload::stream(megabytes(3)).size(3 << 20), 3 << 20),
        (Upload::body("a body that knows its size".to_owned()), 26),
    ] {
        let shown = format!("{upload:?}");
        assert_eq!(files.upload("any.bin", upload).await?.size, size, "{shown}");
        assert_eq!(length("any.bin").await? as u64, size, "{shown}");
    }
    assert_eq!(files.list().await?.len(), 1);

    // What the system makes up has no size before it is read.
    if cfg!(target_os = "linux") {
        let version = std::fs::read("/proc/version")?;
        files.upload("any.bin", Upload::path("/proc/version")).await?;
        assert_eq!(content(&files, "any.bin").await?, version);
    }
    Ok(())
}

async fn what_is_said_of_a_file(db: &Client) -> Result<(), Box<dyn StdError>> {
    let files = db.storage();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&steps);
    let upload = Upload::stream(megabytes(2))
        .size(2 << 20)
        .content_type("text/plain; name=é")
        .content_disposition("attachment; filename=\"é.txt\"")
        .progress(move |at| seen.lock().unwrap().push((at.done >> 16, at.total >> 16)));
    let first = files.upload("notes/é ü.txt", upload).await?;
    assert_eq!(*steps.lock().unwrap(), Vec::from_iter((1..=32).map(|done| (done, 32))));

    let rows = db.query(File::query().filter(|f| f.path.eq("notes/é ü.txt"))).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].id, rows[0].size), (first.id, Some(2 << 20)));
    assert_eq!(rows[0].content_type.as_deref(), Some("text/plain; name=é"));
    assert_eq!(rows[0].content_disposition.as_deref(), Some("attachment; filename=\"é.txt\""));
    let url = rows[0].url.clone().expect("a file has an address");
    let file = files.download_url(&url).await?;
    assert_eq!(file.size(), Some(2 << 20));

    // Other content at the same path is the same file; the old address goes on giving the old content.
    let second = files.upload("notes/é ü.txt", "short").await?;
    assert_eq!(second.id, first.id);
    assert_eq!(content(&files, "notes/é ü.txt").await?, b"short");
    assert_eq!(files.download_url(&url).await?.bytes().await?.len(), 2 << 20);
    let plain = files.download("notes/é ü.txt").await?.expect("it was uploaded");
    assert_eq!(plain.content_type(), Some("application/octet-stream"));

    let forged = url.replace("signature=", "signature=0");
    let refused = files.download_url(&forged).await.unwrap_err();
    assert!(refused.is_permission_denied() && refused.status() == Some(403), "{refused:?}");
    Ok(())
}

/// Paths are names: nothing in them leads anywhere.
async fn paths_of_all_kinds(db: &Client) -> Result<(), Box<dyn StdError>> {
    let files = db.storage();
    let long = "ü/".repeat(337);
    let paths = [
        "../../etc/passwd",
        "/etc/passwd",
        "a//b",
        "C:\\x",
        "%2e%2e/%00",
        "a?b=c&d#e+f",
        "日本 語.txt",
        "$stream/x",
        &long,
    ];
    for path in paths {
        let uploaded = files.upload(path, path).await?;
        assert_eq!(content(&files, path).await?, path.as_bytes(), "{path}");
        assert_eq!(files.delete(path).await?, Some(uploaded.id), "{path}");
        assert_eq!(files.delete(path).await?, None, "{path}");
        assert!(files.download(path).await?.is_none(), "{path}");
    }
    for path in paths {
        files.upload(path, path).await?;
    }
    assert_eq!(files.delete_many(paths.iter().chain(&["none"])).await?.len(), paths.len());
    assert_eq!(files.delete_many::<&str>([]).await?, []);
    Ok(())
}

/// Nothing of them is kept.
async fn uploads_that_fail(db: &Client) -> Result<(), Box<dyn StdError>> {
    let files = db.storage();
    let directory = tempfile::tempdir()?;
    let missing = directory.path().join("missing.bin");
    let lost = || parts([Ok(vec![1; 1 << 20]), Err("the disk is gone")]);
    for (upload, want) in [
        (Upload::stream(lost()).size(2 << 20), "the disk is gone"),
        (Upload::stream(lost()), "the disk is gone"),
        (Upload::stream(parts([Ok(vec![1; 10])])).size(20), "it has 10 bytes, expected 20"),
        (
            Upload::stream(parts([Ok(vec![1; 10]), Ok(vec![1; 11])])).size(20),
            "it has more than the expected 20 bytes",
        ),
        (
            Upload::stream(parts([Ok(vec![1; 20]), Ok(vec![1; 1])])).size(20),
            "it has more than the expected 20 bytes",
        ),
        (Upload::stream(parts([Ok(vec![1])])).size(0), "it has 1 bytes, expected 0"),
        (Upload::from("abc").size(4), "it has 3 bytes, expected 4"),
        (Upload::path(&missing), "missing.bin: No such file or directory (os error 2)"),
        (Upload::path(directory.path()), "is not a file"),
    ] {
        let error = files.upload("broken.bin", upload).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Upload, "{error:?}");
        assert!(error.to_string().starts_with("failed to read the content of the upload: "), "{error}");
        assert!(error.to_string().ends_with(want) && !error.is_retryable(), "{error}");
        assert!(files.download("broken.bin").await?.is_none(), "{want}");
    }
    for (path, upload) in [
        ("", Upload::from("x")),
        ("a\r\nas-guest: 1", Upload::from("x")),
        ("a\0", Upload::from("x")),
        (&*"x".repeat(1 << 20), Upload::from("x")),
        ("a", Upload::from("x").content_type("text/plain\r\nas-guest: 1")),
        ("a", Upload::from("x").content_disposition("x".repeat(1 << 10) + "\n")),
        ("a", Upload::from("x").content_type("multipart/form-data")),
    ] {
        let error = files.upload(path, upload).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Build && error.is_validation(), "{error:?}");
        assert!(error.to_string().len() < 300, "{error}");
    }
    for error in [
        files.delete("a\0").await.unwrap_err(),
        files.delete_many(["a", ""]).await.unwrap_err(),
        files.download(" a").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Build, "{error:?}");
    }
    Ok(())
}

const RULES: &str = r#"{"$files": {"allow": {
    "view": "auth.id != null", "create": "data.path.startsWith('ada/')", "delete": "data.path.startsWith('ada/')"
}}}"#;

async fn files_of_users(db: &Client) -> Result<(), Box<dyn StdError>> {
    db.rules().push(RULES).await?;
    let ada = db.auth().create_token(UserSelector::email("ada@x.com")).await?;
    db.storage().upload("eve/1.txt", "1").await?;
    for (user, sees) in [(As::email("ada@x.com"), 2), (As::token(&ada.token), 2), (As::guest(), 0)] {
        let files = db.as_user(user.clone()).storage();
        files.upload("ada/1.txt", "1").await?;
        assert_eq!(files.list().await?.len(), sees, "{user:?}");
        assert_eq!(files.download("eve/1.txt").await?.is_some(), sees > 0, "{user:?}");
        let denied = files.upload("eve/2.txt", vec![0; 5 << 20]).await.unwrap_err();
        assert!(denied.is_permission_denied(), "{user:?} {denied:?}");
        assert!(files.delete("eve/1.txt").await.unwrap_err().is_permission_denied(), "{user:?}");
        let denied = files.delete_many(["ada/1.txt", "eve/1.txt"]).await.unwrap_err();
        assert!(denied.is_permission_denied(), "{user:?}");
        assert_eq!(files.delete_many(["ada/1.txt"]).await?.len(), 1, "{user:?}");
        let beyond = files.upload("ada/日.txt", "1").await.unwrap_err();
        assert_eq!(beyond.kind(), ErrorKind::Build, "{user:?}");
    }
    let unknown = db.as_user(As::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa")).storage();
    assert!(unknown.upload("ada/1.txt", "1").await.unwrap_err().is_not_found());
    db.rules().push(json!({})).await?;
    db.storage().delete("eve/1.txt").await?;
    Ok(())
}

async fn exercise(db: &Client) {
    contents_of_all_kinds(db).await.unwrap();
    what_is_said_of_a_file(db).await.unwrap();
    paths_of_all_kinds(db).await.unwrap();
    uploads_that_fail(db).await.unwrap();
    db.storage().delete_many(["any.bin", "notes/é ü.txt"]).await.unwrap();
    files_of_users(db).await.unwrap();
    assert_eq!(db.storage().list().await.unwrap(), []);
}

#[tokio::test]
async fn in_memory() {
    exercise(&Client::in_memory()).await;
}

#[tokio::test]
async fn in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("files.instant");
    exercise(&Client::open(&path).await.unwrap()).await;
    let mut names: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["files.instant", "files.instant.files"]);
}

#[tokio::test]
async fn over_http() {
    let served = Served::new(&Schema::default()).await;
    exercise(&served.db).await;
    served.stop().await;
}

#[tokio::test]
async fn the_columns_of_files_are_part_of_no_schema_that_differs() {
    let db = Client::in_memory();
    db.schema().push(&schema![File]).await.unwrap();
    assert_eq!(
        db.schema().verify(&schema![File]).await.unwrap().to_string(),
        "the app has all that is declared\n"
    );
}

/// One part, and then nothing more.
struct Stalled {
    part: Option<Vec<u8>>,
    /// Goes when the stream does.
    _here: oneshot::Sender<()>,
}

impl Stream for Stalled {
    type Item = Part;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Part>> {
        self.part.take().map_or(Poll::Pending, |part| Poll::Ready(Some(Ok(part))))
    }
}

/// Drops an upload half of which was sent.
async fn break_off(files: &StorageClient) {
    let (moved, moving) = oneshot::channel();
    let moved = Mutex::new(Some(moved));
    let (here, gone) = oneshot::channel();
    let stream = Stalled { part: Some(vec![1; 4 << 20]), _here: here };
    let upload = Upload::stream(stream).size(8 << 20).progress(move |at| {
        if at.done == 4 << 20 {
            moved.lock().unwrap().take().map(|moved| moved.send(()));
        }
    });
    tokio::select! {
        done = files.upload("half.bin", upload) => panic!("half a file was uploaded: {done:?}"),
        _ = moving => {}
    }
    let gone = timeout(Duration::from_secs(5), gone).await;
    assert!(gone.is_ok(), "the stream is still read");
    assert_eq!(files.list().await.unwrap(), []);
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let local = Local::open(directory.path().join("files.instant")).unwrap();
    let app = local.apps().pop().unwrap();
    let served = Served::of(local, &app).await;
    break_off(&served.db.storage()).await;
    // Waits until the server has seen the end of what it got.
    served.stop().await;
    let folder = directory.path().join("files.instant.files");
    assert_eq!(std::fs::read_dir(folder).map_or(0, Iterator::count), 0);

    break_off(&Client::in_memory().storage()).await;
}

/// A rule refuses before the bytes have arrived. Who is still sending them is to read of the rule, not of a broken connection.
#[tokio::test]
async fn a_refusal_reaches_who_is_still_sending() {
    let served = Served::new(&Schema::default()).await;
    let files = served.db.as_user(As::guest()).with_retries(0).storage();
    let large = bytes::Bytes::from(vec![0; 32 << 20]);
    for _ in 0..10 {
        let error = files.upload("large.bin", large.clone()).await.unwrap_err();
        assert!(error.is_permission_denied(), "{error:?}");
    }
    drop(files);
    served.stop().await;
}
