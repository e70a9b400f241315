//! The embedded backend: a call within the process.

use bytes::Bytes;
use instant_local::{Local, LocalBody};

use super::{Answer, Broken, Head, Request};

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
        let (head, body) = self.0.call(call(request)?).await.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    pub(super) async fn open(&self, request: &Request<'_>) -> Result<(Head, LocalBody), Broken> {
        let (head, body) = self.0.listen(call(request)?).await.into_parts();
        Ok((Head { status: head.status, headers: head.headers }, body))
    }
}

fn call(request: &Request<'_>) -> Result<http::Request<Bytes>, Broken> {
    let mut call = http::Request::new(request.body.clone());
    *call.method_mut() = request.method.clone();
    *call.uri_mut() =
        request.path.parse().map_err(|error: http::uri::InvalidUri| Broken::NotSent(error.into()))?;
    *call.headers_mut() = request.headers.clone();
    Ok(call)
}
