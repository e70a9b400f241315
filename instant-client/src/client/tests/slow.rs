//! Files that take their time, by a clock that the tests move.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, sleep};
use tower_service::Service;

use super::stub::{ID, TOKEN};
use crate::{Body, Client, StorageClient, Upload};

const KIB: u64 = 1 << 10;

/// A server that reads so many bytes in a second.
#[derive(Clone)]
struct Reading(u64);

impl Service<Request<Body>> for Reading {
    type Response = Response<Full<Bytes>>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self(speed) = *self;
        Box::pin(async move {
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                let size = frame?.data_ref().map_or(0, |bytes| bytes.len() as u64);
                sleep(Duration::from_secs(size / speed)).await;
            }
            let answer = Response::builder().header("content-type", "application/json");
            Ok(answer.body(Full::from(r#"{"data":{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb"}}"#))?)
        })
    }
}

fn storage(server: Reading) -> StorageClient {
    let builder = Client::builder(ID).admin_token(TOKEN).base_url("http://instant.internal").retries(0);
    builder.service(server).build().unwrap().storage()
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
    let uploaded = storage(Reading(8 * KIB)).upload("a", upload).await.unwrap();
    assert_eq!((uploaded.size, began.elapsed().as_secs()), (1 << 20, 128));
    assert_eq!(*steps.lock().unwrap(), Vec::from_iter((1..=16).map(|step| (step * 8 - 8, step * 64))));
}
