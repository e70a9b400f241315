//! Files that take their time, by a clock that the tests move, and servers that answer without end.

use std::{
    future::pending,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, channel::Channel, combinators::UnsyncBoxBody};
use tokio::time::{Instant, sleep};
use tower_service::Service;

use super::stub::{ID, TOKEN};
use crate::{Body, Client, StorageClient, Upload};

const KIB: u64 = 1 << 10;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Answer = Result<Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError>;

/// A server that answers in the way it is told.
#[derive(Clone)]
struct Server<F>(F);

impl<F, A> Service<Request<Body>> for Server<F>
where
    F: FnMut(Request<Body>) -> A,
    A: Future<Output = Answer> + Send,
{
    type Response = Response<UnsyncBoxBody<Bytes, BoxError>>;
    type Error = BoxError;
    type Future = A;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> A {
        (self.0)(request)
    }
}

fn storage<F, A>(server: F) -> StorageClient
where
    F: FnMut(Request<Body>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    client(server).storage()
}

fn client<F, A>(server: F) -> Client
where
    F: FnMut(Request<Body>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    let builder = Client::builder(ID).admin_token(TOKEN).base_url("http://instant.internal");
    builder.service(Server(server)).build().unwrap()
}

fn answer<B>(status: u16, body: B) -> Answer
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let answer = Response::builder().status(status).header("content-type", "application/json");
    Ok(answer.body(body.map_err(Into::into).boxed_unsync())?)
}

/// Reads eight KiB in a second.
async fn read_slowly(request: Request<Body>) -> Answer {
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        let size = frame?.data_ref().map_or(0, |bytes| bytes.len() as u64);
        sleep(Duration::from_secs(size / (8 * KIB))).await;
    }
    answer(200, r#"{"data":{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb"}}"#.to_owned())
}

/// Bytes in memory are no one thing that is there or not.
#[tokio::test(start_paused = true)]
async fn an_upload_that_moves_may_take_as_long_as_it_needs() {
    let began = Instant::now();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&steps);
    let upload = Upload::from(vec![0; 1 << 20]).progress(move |at| {
        seen.lock().unwrap().push((began.elapsed().as_secs(), at.done / KIB));
    });
    let uploaded = storage(read_slowly).upload("a", upload).await.unwrap();
    assert_eq!((uploaded.size, began.elapsed().as_secs()), (1 << 20, 128));
    assert_eq!(*steps.lock().unwrap(), Vec::from_iter((1..=16).map(|step| (step * 8 - 8, step * 64))));
}

/// A caller may take their time with what has arrived, the server may not.
#[tokio::test(start_paused = true)]
async fn a_download_waits_for_the_server_only() {
    let files = storage(|_| async {
        let (mut send, body) = Channel::<Bytes>::new(1);
        tokio::spawn(async move {
            for pause in [0, 130, 40, 50] {
                sleep(Duration::from_secs(pause)).await;
                if send.send_data(Bytes::from_static(b"abc")).await.is_err() {
                    break;
                }
            }
        });
        answer(200, body)
    });
    let mut file = files.download_url("/a").await.unwrap();
    assert_eq!(file.next().await.unwrap().unwrap(), "abc");
    sleep(Duration::from_secs(100)).await;
    for _ in 0..2 {
        assert_eq!(file.next().await.unwrap().unwrap(), "abc");
    }
    let error = file.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "failed to download the file in time: no bytes arrived within 45s");
}

/// Nobody waits for a day unless they said so.
#[tokio::test(start_paused = true)]
async fn without_a_deadline_no_pause_is_longer_than_the_timeout() {
    for (asked, attempts) in [(45, 4), (46, 1), (86_400, 1)] {
        let began = Instant::now();
        let files = storage(move |_| async move {
            let mut refused = answer(503, String::new())?;
            refused.headers_mut().insert("retry-after", asked.into());
            Ok(refused)
        });
        let errors =
            [files.upload("a", "abc").await.unwrap_err(), files.download_url("/a").await.unwrap_err()];
        for error in errors {
            assert_eq!(error.retry_after(), Some(Duration::from_secs(asked)), "{error:?}");
            assert_eq!(error.attempts(), attempts, "{error:?}");
        }
        assert_eq!(began.elapsed().as_secs(), u64::from(attempts - 1) * 2 * asked);
    }
}

/// So many parts of 64 KiB, which are counted when they are asked for.
struct Long(u32, Arc<AtomicU32>);

impl http_body::Body for Long {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(None) };
        self.0 = left;
        self.1.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 64 << 10])))))
    }
}

#[tokio::test]
async fn refusals_are_read_no_further_than_they_can_say_something() {
    let read = Arc::<AtomicU32>::default();
    let counted = Arc::clone(&read);
    let files = storage(move |_| {
        let long = Long(1 << 10, Arc::clone(&counted));
        async { answer(400, long) }
    });
    let errors = [files.upload("a", "abc").await.unwrap_err(), files.download_url("/a").await.unwrap_err()];
    for error in errors {
        assert_eq!(error.status(), Some(400), "{error:?}");
    }
    assert_eq!(read.load(Ordering::Relaxed), 32);
}

/// What is uploaded: so many parts of 32 KiB, four seconds apart, and then its end or nothing for ever. Nobody knows its size.
fn slow(parts: u32, ends: bool) -> Upload {
    let (mut send, body) = Channel::<Bytes>::new(1);
    tokio::spawn(async move {
        for _ in 0..parts {
            sleep(Duration::from_secs(4)).await;
            if send.send_data(Bytes::from_static(&[0; 32 << 10])).await.is_err() {
                return;
            }
        }
        if !ends {
            pending::<()>().await;
        }
    });
    Upload::body(body)
}

/// What an upload to a server that reads slowly comes to after so many seconds.
async fn check(upload: Upload, deadline: Option<u64>, seconds: u64, want: &str) {
    let began = Instant::now();
    let mut db = client(read_slowly);
    if let Some(deadline) = deadline {
        db = db.with_deadline(Duration::from_secs(deadline));
    }
    let got = match db.storage().upload("a", upload).await {
        Ok(uploaded) => format!("{} bytes", uploaded.size),
        Err(error) => format!("{:?}: {error}", error.kind()),
    };
    assert_eq!((began.elapsed().as_secs(), &*got), (seconds, want), "{deadline:?}");
}

/// Twelve seconds to read it, as many to send it.
#[tokio::test(start_paused = true)]
async fn a_deadline_is_for_all_of_an_upload() {
    const LATE: &str = "Timeout: failed to read the content of the upload in time: ";
    check(slow(3, true), None, 24, "98304 bytes").await;
    check(slow(3, true), Some(25), 24, "98304 bytes").await;
    let sending = "Timeout: the upload to http://instant.internal/ did not finish before the deadline";
    check(slow(3, true), Some(20), 20, sending).await;
    check(slow(3, true), Some(10), 10, &format!("{LATE}the deadline passed")).await;
    check(slow(3, false), None, 57, &format!("{LATE}no bytes arrived within 45s")).await;
}

/// Nor has the address that a path beyond Latin-1 needs one of its own.
#[tokio::test(start_paused = true)]
async fn an_address_for_an_upload_is_asked_for_as_long_as_for_the_upload() {
    let began = Instant::now();
    let silent = storage(|_| pending::<Answer>());
    let error = silent.upload("日", "abc").await.unwrap_err();
    assert_eq!((error.is_timeout(), error.attempts()), (true, 4), "{error:?}");
    assert!(began.elapsed() >= Duration::from_secs(4 * 45));
}
