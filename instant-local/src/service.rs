//! The `tower` service of a server.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{BoxError, Router, body::Body};
use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::http as wire;

/// A `tower` service that serves Instant's HTTP API for requests with bodies of any type. Created
/// by [`Local::service`](crate::Local::service).
///
/// ```
/// # instant_local::__doctest! {
/// use instant_local::Local;
/// use tower_service::Service;
///
/// let mut service = Local::in_memory().service();
/// let request = http::Request::get("/health").body(axum::body::Body::empty()).unwrap();
/// let Ok(response) = service.call(request).await;
/// assert_eq!(response.status(), 200);
/// # }
/// ```
#[derive(Clone)]
pub struct LocalService(Router);

impl LocalService {
    pub(crate) fn new(router: Router) -> Self {
        Self(router)
    }
}

impl<B> Service<Request<B>> for LocalService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let router = self.0.clone();
        Box::pin(async move { Ok(wire::respond(router, request.map(Body::new)).await) })
    }
}

impl fmt::Debug for LocalService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalService").finish()
    }
}
