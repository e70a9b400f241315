//! Refusing a body that is still on its way: a connection that is closed with unread bytes takes the answer along, and whoever sends a
//! large file would read of a broken pipe instead of a rule.

use axum::body::Body;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::runtime::Handle;

/// So many bytes are read and thrown away; whoever sends more without looking for an answer finds the connection closed.
const MOST: u64 = 1 << 30;

/// A body of which what is left when it is dropped is read on in the background.
pub(super) struct Lingering(pub(super) Body);

impl Drop for Lingering {
    fn drop(&mut self) {
        if !self.0.is_end_stream()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(read_on(std::mem::take(&mut self.0)));
        }
    }
}

async fn read_on(mut body: Body) {
    let mut left = MOST;
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, |bytes| bytes.len() as u64);
        let Some(rest) = left.checked_sub(read) else { return };
        left = rest;
    }
}
