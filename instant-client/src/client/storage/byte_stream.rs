//! What an upload is read from, as one stream of bytes.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use tokio::{
    fs::File,
    io::{AsyncRead, ReadBuf},
};

use crate::transport::BoxError;

/// Bytes as they are read.
pub(super) type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

/// All at once.
pub(super) fn from_bytes(bytes: Bytes) -> ByteStream {
    Box::pin(Once(Some(bytes)))
}

/// As a file is read.
pub(super) fn from_file(file: File) -> ByteStream {
    Box::pin(Reading { file, buffer: vec![0; 64 << 10] })
}

/// As a stream gives them.
pub(super) fn from_stream<S, B, E>(stream: S) -> ByteStream
where
    S: Stream<Item = Result<B, E>> + Send + 'static,
    B: Into<Bytes>,
    E: Into<BoxError>,
{
    Box::pin(Mapped(Box::pin(stream)))
}

struct Once(Option<Bytes>);

impl Stream for Once {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}

struct Reading {
    file: File,
    buffer: Vec<u8>,
}

impl Stream for Reading {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { file, buffer } = self.get_mut();
        let mut read = ReadBuf::new(buffer);
        let done: io::Result<()> = ready!(Pin::new(file).poll_read(context, &mut read));
        let bytes = read.filled();
        Poll::Ready(match done {
            Err(error) => Some(Err(error.into())),
            Ok(()) if bytes.is_empty() => None,
            Ok(()) => Some(Ok(Bytes::copy_from_slice(bytes))),
        })
    }
}

struct Mapped<S>(Pin<Box<S>>);

impl<S, B, E> Stream for Mapped<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
    E: Into<BoxError>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.0.as_mut().poll_next(context));
        Poll::Ready(next.map(|part| part.map(Into::into).map_err(Into::into)))
    }
}
