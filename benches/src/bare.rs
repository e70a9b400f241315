//! A bare `hyper` server on loopback: the least that HTTP costs on this machine, as a peer of the
//! embedded backend.

use std::{convert::Infallible, net::SocketAddr};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, runtime::Runtime};

/// Serves a constant body of `length` bytes until the process ends.
pub(crate) fn serve(runtime: &Runtime, length: usize) -> std::io::Result<SocketAddr> {
    let body = Bytes::from(vec![b' '; length]);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let body = body.clone();
            let respond = service_fn(move |request| respond(request, body.clone()));
            let _ = stream.set_nodelay(true);
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), respond));
        }
    });
    Ok(address)
}

/// Reads the request to its end, as a server that parses it does.
async fn respond(request: Request<Incoming>, body: Bytes) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::new(body));
    let json = http::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    Ok(response)
}
