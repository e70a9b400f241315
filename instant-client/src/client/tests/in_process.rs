//! Servers within the process, for tests with a paused clock: without sockets, time passes only
//! while a test sleeps.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use tower_service::Service;

use super::stub::{ID, TOKEN};
use crate::{Body, Client, StorageClient};

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(super) type Answer = Result<Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError>;

/// A server that is a function.
#[derive(Clone)]
struct Server<F>(F);

impl<F, A> Service<Request<Body>> for Server<F>
where
    F: FnMut(Request<Body>) -> A,
    A: Future<Output = Answer> + Send,
{
    type Response = Response<UnsyncBoxBody<Bytes, BoxError>>;
    type Error = BoxError;
    type Future = A;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> A {
        (self.0)(request)
    }
}

pub(super) fn storage<F, A>(server: F) -> StorageClient
where
    F: FnMut(Request<Body>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    client(server).storage()
}

pub(super) fn client<F, A>(server: F) -> Client
where
    F: FnMut(Request<Body>) -> A + Clone + Send + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    let builder = Client::builder(ID).admin_token(TOKEN).base_url("http://instant.internal");
    builder.service(Server(server)).build().unwrap()
}

pub(super) fn response<B>(status: u16, body: B) -> Answer
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let response = Response::builder().status(status).header("content-type", "application/json");
    Ok(response.body(body.map_err(Into::into).boxed_unsync())?)
}
