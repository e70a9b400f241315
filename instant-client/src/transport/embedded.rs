//! The embedded backend: a call within the process.

use instant_local::Local;
use tower_service::Service;

use super::{Answer, Body, Broken, Head, Pieces, Request};

/// The embedded backend.
#[derive(Debug, Clone)]
pub(crate) struct Embedded(Local);

impl Embedded {
    pub(crate) fn new(local: Local) -> Self {
        Self(local)
    }

    /// The same on a copy of all data.
    pub(crate) fn fork(&self) -> Self {
        Self(self.0.fork())
    }

    pub(super) async fn send(&self, request: &Request<'_>) -> Result<Answer, Broken> {
        let (head, body) = self.0.call(call(request, request.body.clone())?).await.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    pub(super) async fn open(&self, request: &Request<'_>, body: Body) -> Result<(Head, Pieces), Broken> {
        let answered = self.0.service().call(call(request, body)?).await;
        let (head, body) = answered.map_err(|never| match never {})?.into_parts();
        Ok((Head { status: head.status, headers: head.headers }, Pieces::new(Body::wrap(body))))
    }
}

fn call<B>(request: &Request<'_>, body: B) -> Result<http::Request<B>, Broken> {
    let mut call = http::Request::new(body);
    *call.method_mut() = request.method.clone();
    *call.uri_mut() =
        request.path.parse().map_err(|error: http::uri::InvalidUri| Broken::NotSent(error.into()))?;
    *call.headers_mut() = request.headers.clone();
    Ok(call)
}
