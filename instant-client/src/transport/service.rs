//! HTTP by a service of the caller's.

use std::{fmt, future::poll_fn, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request as HttpRequest, Response, uri::InvalidUri};
use parking_lot::Mutex;
use reqwest::Url;
use tower_service::Service;

use super::{Body, BoxError, Broken, Head, Pieces, Request, address};

/// A server that a service reaches.
#[derive(Debug, Clone)]
pub(crate) struct ByService {
    service: AnyService,
    base: Url,
}

/// A service of any type.
#[derive(Clone)]
pub(crate) struct AnyService(Arc<dyn Call>);

impl AnyService {
    pub(crate) fn new<S, B>(service: S) -> Self
    where
        S: Service<HttpRequest<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Arc::new(Mutex::new(service)))
    }
}

impl ByService {
    /// The server at `base`.
    pub(crate) fn new(base: Url, service: AnyService) -> Self {
        Self { service, base }
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) async fn open(&self, request: &Request<'_>, body: Body) -> Result<(Head, Pieces), Broken> {
        let mut call = HttpRequest::new(body);
        *call.method_mut() = request.method.clone();
        let url = address::of(&self.base, &request.path).map_err(|error| Broken::NotSent(error.into()))?;
        *call.uri_mut() = url.as_str().parse().map_err(|error: InvalidUri| Broken::NotSent(error.into()))?;
        *call.headers_mut() = request.headers.clone();
        let (head, body) = self.service.0.call(call).await?.into_parts();
        Ok((Head { status: head.status, headers: head.headers }, Pieces::new(body)))
    }
}

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response<Body>, Broken>> + Send + 'a>>;

/// What services of all types do. A call takes a clone, since a service may be busy with another one.
trait Call: Send + Sync {
    fn call(&self, request: HttpRequest<Body>) -> Answering<'_>;
}

impl<S, B> Call for Mutex<S>
where
    S: Service<HttpRequest<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: HttpRequest<Body>) -> Answering<'_> {
        let mut service = self.lock().clone();
        Box::pin(async move {
            let ready = poll_fn(|context| service.poll_ready(context)).await;
            ready.map_err(|error| Broken::NotSent(error.into()))?;
            let answered = service.call(request).await.map_err(|error| Broken::Lost(error.into()))?;
            Ok(answered.map(Body::wrap))
        })
    }
}

impl fmt::Debug for AnyService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyService").finish_non_exhaustive()
    }
}
