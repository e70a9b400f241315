//! Retries, deadlines and paging against servers that misbehave, on a clock that the tests move.

use std::{
    convert::Infallible,
    future::{Ready, pending, ready},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use instant_client::{Body, Client, ClientBuilder, ErrorKind, prelude::*};
use tokio::time::Instant;
use tower_service::Service;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
}

/// A server that sends one response to every request and counts the requests.
#[derive(Clone)]
struct Canned {
    status: u16,
    content_type: &'static str,
    body: &'static str,
    requests: Arc<AtomicU32>,
}

impl Canned {
    fn new(status: u16, content_type: &'static str, body: &'static str) -> Self {
        Self { status, content_type, body, requests: Arc::default() }
    }

    fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Service<http::Request<Body>> for Canned {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response =
            http::Response::builder().status(self.status).header("content-type", self.content_type);
        ready(Ok(response.body(self.body.into()).unwrap()))
    }
}

/// A server that never responds.
#[derive(Clone)]
struct Silent;

impl Service<http::Request<Body>> for Silent {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Pending<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<Body>) -> Self::Future {
        pending()
    }
}

fn builder() -> ClientBuilder {
    Client::builder(Uuid::from_u128(1)).admin_token("secret").base_url("http://instant.internal")
}

#[tokio::test(start_paused = true)]
async fn query_timeout_is_not_retried() {
    for (kind, attempts) in [("timeout", 1), ("rate-limited", 4)] {
        let body = match kind {
            "timeout" => r#"{"type":"timeout","message":"The query took too long.","hint":null}"#,
            _ => r#"{"type":"rate-limited","message":"Slow down.","hint":null}"#,
        };
        let server = Canned::new(429, "application/json", body);
        let db = builder().service(server.clone()).build().unwrap();
        let error = db.query(Goal::query()).await.unwrap_err();
        assert_eq!((server.requests(), error.attempts()), (attempts, attempts), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn attempt_ends_at_the_deadline() {
    // An attempt may take 45 seconds, and is followed by others while there is time.
    for (deadline, seconds, attempts) in [(10, 10, 1), (50, 50, 2)] {
        let db = builder().service(Silent).build().unwrap().with_deadline(Duration::from_secs(deadline));
        let began = Instant::now();
        let error = db.query(Goal::query()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert_eq!((began.elapsed().as_secs(), error.attempts()), (seconds, attempts), "deadline {deadline}");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_end_when_the_server_repeats_a_cursor() {
    let server = Canned::new(
        200,
        "text/event-stream",
        concat!(
            "data:{\"op\":\"sse-init\"}\n\n",
            "data:{\"op\":\"add-query-ok\",",
            "\"result\":{\"goals\":[{\"id\":\"8aa64e4c-64f9-472e-8a61-3fa28870e6cb\",\"title\":\"a\"}]},",
            "\"result-meta\":{\"page-info\":{\"goals\":{\"has-next-page?\":true,\"has-previous-page?\":false,",
            "\"start-cursor\":[\"8aa64e4c-64f9-472e-8a61-3fa28870e6cb\",\"8aa64e4c-64f9-472e-8a61-3fa28870e6cc\",\"a\",1],",
            "\"end-cursor\":[\"8aa64e4c-64f9-472e-8a61-3fa28870e6cb\",\"8aa64e4c-64f9-472e-8a61-3fa28870e6cc\",\"a\",1]}}}}\n\n",
        ),
    );
    let db = builder().service(server.clone()).build().unwrap();
    let mut pages = db.pages(Goal::query().order(|g| g.title.asc()).limit(1));
    let mut count = 0;
    while let Some(page) = pages.next().await {
        assert_eq!(page.unwrap().rows.len(), 1);
        count += 1;
        assert!(count < 10, "the pages do not end");
    }
    assert_eq!((count, server.requests()), (2, 2));
}
