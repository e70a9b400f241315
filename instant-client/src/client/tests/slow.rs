//! Slow transfers under a paused clock, and endless responses.

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
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, channel::Channel};
use tokio::time::{Instant, sleep};

use super::in_process::{Answer, BoxError, client, response, storage};
use crate::{Body, Upload};

const KIB: u64 = 1 << 10;

/// Reads 8 KiB per second.
async fn read_slowly(request: Request<Body>) -> Answer {
    let mut body = request.into_body();
    while let Some(frame) = body.frame().await {
        let size = frame?.data_ref().map_or(0, |bytes| bytes.len() as u64);
        sleep(Duration::from_secs(size / (8 * KIB))).await;
    }
    response(200, r#"{"data":{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb"}}"#.to_owned())
}

#[tokio::test(start_paused = true)]
async fn upload_that_makes_progress_exceeds_the_timeout() {
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

#[tokio::test(start_paused = true)]
async fn download_timeout_excludes_the_time_of_the_caller() {
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
        response(200, body)
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

#[tokio::test(start_paused = true)]
async fn transfer_without_deadline_waits_no_longer_than_the_timeout() {
    for (asked, attempts) in [(45, 4), (46, 1), (86_400, 1)] {
        let began = Instant::now();
        let files = storage(move |_| async move {
            let mut rejection = response(503, String::new())?;
            rejection.headers_mut().insert("retry-after", asked.into());
            Ok(rejection)
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

/// A body of so many frames of 64 KiB, which counts those that are polled.
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
async fn rejections_are_read_up_to_one_mebibyte() {
    let read = Arc::<AtomicU32>::default();
    let counted = Arc::clone(&read);
    let files = storage(move |_| {
        let long = Long(1 << 10, Arc::clone(&counted));
        async { response(400, long) }
    });
    let errors = [files.upload("a", "abc").await.unwrap_err(), files.download_url("/a").await.unwrap_err()];
    for error in errors {
        assert_eq!(error.status(), Some(400), "{error:?}");
    }
    assert_eq!(read.load(Ordering::Relaxed), 32);
}

/// An upload of unknown size: `parts` of 32 KiB, four seconds apart, and then its end or silence.
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

/// Checks the result of an upload to a slow server, and the seconds that it takes.
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

/// Reading the content takes 12 seconds, and sending it 12 more.
#[tokio::test(start_paused = true)]
async fn deadline_covers_reading_and_sending_an_upload() {
    const LATE: &str = "Timeout: failed to read the content of the upload in time: ";
    check(slow(3, true), None, 24, "98304 bytes").await;
    check(slow(3, true), Some(25), 24, "98304 bytes").await;
    let sending = "Timeout: the upload to http://instant.internal/ did not finish before the deadline";
    check(slow(3, true), Some(20), 20, sending).await;
    check(slow(3, true), Some(10), 10, &format!("{LATE}the deadline passed")).await;
    check(slow(3, false), None, 57, &format!("{LATE}no bytes arrived within 45s")).await;
}

#[tokio::test(start_paused = true)]
async fn signed_url_request_has_no_deadline_of_its_own() {
    let began = Instant::now();
    let silent = storage(|_| pending::<Answer>());
    let error = silent.upload("日", "abc").await.unwrap_err();
    assert_eq!((error.is_timeout(), error.attempts()), (true, 4), "{error:?}");
    assert!(began.elapsed() >= Duration::from_secs(4 * 45));
}

#[tokio::test(start_paused = true)]
async fn silent_server_is_a_timeout() {
    let db = client(|_| pending::<Answer>()).with_retries(0);
    let error = db.query_raw(super::query()).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert!(error.to_string().ends_with("within 45s"), "{error}");

    let began = Instant::now();
    let files = db.with_timeout(Duration::from_secs(3)).storage();
    assert!(files.upload("a", "abc").await.unwrap_err().is_timeout());
    assert!(files.download_url("/file").await.unwrap_err().is_timeout());
    assert_eq!(began.elapsed().as_secs(), 6);

    let began = Instant::now();
    let files = db.with_deadline(Duration::from_secs(4)).storage();
    assert!(files.upload("a", "abc").await.unwrap_err().is_timeout());
    assert!(files.download_url("/file").await.unwrap_err().is_timeout());
    assert_eq!(began.elapsed().as_secs(), 8);
}

#[tokio::test(start_paused = true)]
async fn subscription_without_result_is_a_timeout() {
    let db = client(|_| async {
        let (send, body) = Channel::<Bytes>::new(1);
        tokio::spawn(async move {
            pending::<()>().await;
            drop(send);
        });
        let mut response = response(200, body)?;
        response.headers_mut().insert("content-type", "text/event-stream".parse()?);
        Ok(response)
    });
    let options = crate::client::pipeline::CallOptions { retries: 0, ..db.options };
    let error = db.pipeline.first_result(&super::query(), &options).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().ends_with("within 45s"), "{error:?}");
}
