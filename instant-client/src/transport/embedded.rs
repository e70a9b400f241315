//! The embedded backend, called within the process.

use instant_local::Local;
use tower_service::Service;

use super::{Body, Request, Response, ResponseBody, ResponseHead, TransportError};

/// The embedded backend.
#[derive(Debug, Clone)]
pub(crate) struct Embedded(Local);

impl Embedded {
    pub(crate) fn new(local: Local) -> Self {
        Self(local)
    }

    /// Returns a backend with a copy of all data.
    pub(crate) fn fork(&self) -> Self {
        Self(self.0.fork())
    }

    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let response = self.0.call(http_request(request, request.body.clone())?).await;
        let (head, body) = response.into_parts();
        Ok(Response { head: ResponseHead { status: head.status, headers: head.headers }, body })
    }

    pub(super) async fn open(
        &self,
        request: &Request<'_>,
        body: Body,
    ) -> Result<(ResponseHead, ResponseBody), TransportError> {
        let response = self.0.service().call(http_request(request, body)?).await;
        let (head, body) = response.map_err(|never| match never {})?.into_parts();
        let head = ResponseHead { status: head.status, headers: head.headers };
        Ok((head, ResponseBody::new(Body::streaming(body))))
    }
}

fn http_request<B>(request: &Request<'_>, body: B) -> Result<http::Request<B>, TransportError> {
    let uri = request.destination.uri().parse();
    let mut http = http::Request::new(body);
    *http.method_mut() = request.method.clone();
    *http.uri_mut() = uri.map_err(|error: http::uri::InvalidUri| TransportError::NotSent(error.into()))?;
    *http.headers_mut() = request.destination.headers();
    Ok(http)
}
