//! HTTP through a service that the caller provides.

use std::{fmt, future::poll_fn, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request as HttpRequest, Response as HttpResponse, uri::InvalidUri};
use parking_lot::Mutex;
use reqwest::Url;
use tower_service::Service;

use super::{Body, BoxError, Request, ResponseBody, ResponseHead, TransportError};

/// A server that is reached through a service.
#[derive(Debug, Clone)]
pub(crate) struct ServiceTransport {
    service: AnyService,
    base: Url,
}

/// A service of any type.
#[derive(Clone)]
pub(crate) struct AnyService(Arc<dyn Call>);

impl AnyService {
    pub(crate) fn new<S, B>(service: S) -> Self
    where
        S: Service<HttpRequest<Body>, Response = HttpResponse<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Arc::new(Mutex::new(service)))
    }
}

impl ServiceTransport {
    /// Creates a transport to the server at `base`.
    pub(crate) fn new(base: Url, service: AnyService) -> Self {
        Self { service, base }
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(super) async fn open(
        &self,
        request: &Request<'_>,
        body: Body,
    ) -> Result<(ResponseHead, ResponseBody), TransportError> {
        let url = request.destination.url(&self.base);
        let uri = url.as_str().parse();
        let mut call = HttpRequest::new(body);
        *call.method_mut() = request.method.clone();
        *call.uri_mut() = uri.map_err(|error: InvalidUri| TransportError::NotSent(error.into()))?;
        *call.headers_mut() = request.destination.headers();
        let (head, body) = self.service.0.call(call).await?.into_parts();
        Ok((ResponseHead { status: head.status, headers: head.headers }, ResponseBody::new(body)))
    }
}

/// A call to a service whose type is erased.
trait Call: Send + Sync {
    fn call(&self, request: HttpRequest<Body>) -> BoxFuture<'_, Result<HttpResponse<Body>, TransportError>>;
}

impl<S, B> Call for Mutex<S>
where
    S: Service<HttpRequest<Body>, Response = HttpResponse<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: HttpRequest<Body>) -> BoxFuture<'_, Result<HttpResponse<Body>, TransportError>> {
        // Each call uses a clone, because the service may be busy with another call.
        let mut service = self.lock().clone();
        Box::pin(async move {
            let ready = poll_fn(|context| service.poll_ready(context)).await;
            ready.map_err(|error| TransportError::NotSent(error.into()))?;
            let response = service.call(request).await;
            Ok(response.map_err(|error| TransportError::Lost(error.into()))?.map(Body::streaming))
        })
    }
}

impl fmt::Debug for AnyService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyService").finish_non_exhaustive()
    }
}
