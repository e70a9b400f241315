//! The content of an upload as one stream of bytes.

use bytes::{Bytes, BytesMut};
use futures_util::{
    Stream, StreamExt, TryStreamExt, future,
    stream::{self, BoxStream},
};
use tokio::{fs::File, io::AsyncReadExt};

use crate::transport::BoxError;

/// Chunks of bytes, as they are read.
pub(super) type ByteStream = BoxStream<'static, Result<Bytes, BoxError>>;

/// The number of bytes that are read from a file at once.
const READ_BYTES: usize = 64 << 10;

/// Returns a stream of a single chunk.
pub(super) fn from_bytes(bytes: Bytes) -> ByteStream {
    stream::once(future::ready(Ok(bytes))).boxed()
}

/// Returns a stream that reads `file` from its current position.
pub(super) fn from_file(file: File) -> ByteStream {
    stream::try_unfold(file, |mut file| async move {
        let mut chunk = BytesMut::with_capacity(READ_BYTES);
        let read = file.read_buf(&mut chunk).await?;
        Ok((read > 0).then(|| (chunk.freeze(), file)))
    })
    .boxed()
}

/// Returns `stream` with its types erased.
pub(super) fn from_stream<S, B, E>(stream: S) -> ByteStream
where
    S: Stream<Item = Result<B, E>> + Send + 'static,
    B: Into<Bytes> + 'static,
    E: Into<BoxError> + 'static,
{
    stream.map_ok(Into::into).map_err(Into::into).boxed()
}
