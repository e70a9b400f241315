//! The body of an answer, piece by piece.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use bytes::Bytes;

use super::{Body, Broken};

/// The body of an answer, piece by piece. Dropping it closes the connection if it has not ended.
#[derive(Debug)]
pub(crate) struct Pieces(Body);

impl Pieces {
    pub(super) fn new(body: Body) -> Self {
        Self(body)
    }

    /// The next piece; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        poll_fn(|context| self.poll_next(context)).await
    }

    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        self.0.poll_bytes(context).map(|next| next.transpose().map_err(Broken::Lost))
    }

    /// What is left of a refusal, or its beginning. Those of Instant may say again what was sent; others may be endless.
    pub(crate) async fn refusal(&mut self) -> Result<Bytes, Broken> {
        const LONGEST: usize = 1 << 20;
        let mut all = Vec::new();
        while all.len() < LONGEST
            && let Some(piece) = self.next().await?
        {
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }

    /// All that is left.
    pub(crate) async fn rest(&mut self) -> Result<Bytes, Broken> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }
}
