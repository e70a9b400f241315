//! The body of an answer piece by piece, for callers within the process that listen to events.

use std::fmt;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;

/// The body of an answer that may never end; made by [`Local::listen`](crate::Local::listen). Dropping it closes the stream.
pub struct LocalBody(Body);

impl LocalBody {
    pub(crate) fn new(body: Body) -> Self {
        Self(body)
    }

    /// The next piece, when it is there; none at the end.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        loop {
            // The bodies of this API are made in memory; none of them can fail.
            let frame = self.0.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                return Some(data);
            }
        }
    }
}

impl fmt::Debug for LocalBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LocalBody").finish()
    }
}
