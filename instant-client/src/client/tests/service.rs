//! Clients that send requests through the caller's own service.

use std::{
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use http::{Request, Response, StatusCode};
use http_body_util::Full;
use instant_core::Value;
use tower_service::Service;

use super::{
    block, query,
    stub::{ID, TOKEN},
};
use crate::{Body, Client, ErrorKind, Scoped, Upload};

/// The point at which the service fails.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fails {
    Never,
    BeforeItIsReady,
    Afterwards,
}

/// A service that sends the same response to every request, and records method, URL and expected
/// size of each request.
#[derive(Clone)]
struct Double {
    fails: Fails,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Service<Request<Body>> for Double {
    type Response = Response<Full<bytes::Bytes>>;
    type Error = &'static str;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if self.fails == Fails::BeforeItIsReady {
            self.asked.lock().unwrap().push("poll_ready".to_owned());
            return Poll::Ready(Err("closed"));
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let size = http_body::Body::size_hint(request.body()).exact();
        let asked = format!("{} {} {size:?}", request.method(), request.uri());
        self.asked.lock().unwrap().push(asked);
        if self.fails == Fails::Afterwards {
            return ready(Err("reset"));
        }
        let body = r#"{"data":{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb"},"tx-id":7}"#;
        let response = Response::builder().status(StatusCode::OK).header("content-type", "application/json");
        ready(response.body(Full::from(body)).map_err(|_| "unfit"))
    }
}

fn double(fails: Fails) -> (Double, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::<Mutex<Vec<String>>>::default();
    (Double { fails, asked: Arc::clone(&asked) }, asked)
}

fn client(double: Double) -> Client {
    let builder = Client::builder(ID).admin_token(TOKEN).base_url("https://instant.internal/api/");
    builder.service(double).retries(1).build().unwrap()
}

#[test]
fn service_receives_absolute_urls_and_sizes() {
    block(async {
        let (double, asked) = double(Fails::Never);
        let db = client(double.clone());
        assert_eq!(
            format!("{db:?}"),
            format!("Client {{ app_id: {ID}, server: https://instant.internal/api, .. }}")
        );
        db.query_raw(query()).await.unwrap();
        assert_eq!(db.transact_raw(Value::Array(Vec::new())).await.unwrap().tx_id, 7);
        db.storage().upload("a", Upload::from("abc")).await.unwrap();
        drop(db.storage().download_url("/storage/a?b=c").await.unwrap());
        drop(db.storage().download_url("http://files.example/a").await.unwrap());
        let scoped = Scoped::builder(ID).guest().base_url("http://other.internal").service(double);
        scoped.build().unwrap().query_raw(query()).await.unwrap();
        let want = [
            "POST https://instant.internal/api/admin/query Some(40)",
            "POST https://instant.internal/api/admin/transact Some(12)",
            "PUT https://instant.internal/api/admin/storage/upload Some(3)",
            "GET https://instant.internal/api/storage/a?b=c Some(0)",
            "GET http://files.example/a Some(0)",
            "POST http://other.internal/admin/query Some(40)",
        ];
        assert_eq!(*asked.lock().unwrap(), want);
    });
}

#[test]
fn call_before_the_service_is_ready_was_not_sent() {
    for (fails, kind, reads, writes) in
        [(Fails::BeforeItIsReady, ErrorKind::Connect, 2, 2), (Fails::Afterwards, ErrorKind::Connection, 2, 1)]
    {
        block(async {
            let (double, asked) = double(fails);
            let db = client(double);
            let error = db.query_raw(query()).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (kind, reads), "{fails:?}");
            assert_eq!(std::mem::take(&mut *asked.lock().unwrap()).len(), reads as usize, "{fails:?}");
            let error = db.transact_raw(Value::Array(Vec::new())).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (kind, writes), "{fails:?}");
            assert_eq!(asked.lock().unwrap().len(), writes as usize, "{fails:?}");
        });
    }
}
