//! The server under test, called within the process or over HTTP.

use std::net::SocketAddr;

use axum::body::Body;
use http::{Request, Response};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use instant_local::Local;
use tokio::net::TcpStream;
use tower_service::Service;

/// An embedded Instant, or a server at an address.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    host: String,
    transport: Transport,
}

#[derive(Debug, Clone)]
enum Transport {
    InProcess(Local),
    Http(SocketAddr),
}

impl Server {
    /// Calls an embedded Instant within the process.
    pub(crate) fn in_process(local: &Local) -> Self {
        Self { host: "instant.test".to_owned(), transport: Transport::InProcess(local.clone()) }
    }

    /// Sends requests to a server that listens at `address`.
    pub(crate) fn http(address: SocketAddr) -> Self {
        Self { host: address.to_string(), transport: Transport::Http(address) }
    }

    /// Returns the `Host` header of requests.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Returns the URL that the cases use for the server.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Sends one request. Over HTTP it opens a connection for it.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, String> {
        match &self.transport {
            Transport::InProcess(local) => match local.service().call(request).await {
                Ok(response) => Ok(response),
                Err(impossible) => match impossible {},
            },
            Transport::Http(address) => {
                let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
                let opened = http1::handshake(TokioIo::new(stream)).await;
                let (mut sender, connection) = opened.map_err(|error| error.to_string())?;
                tokio::spawn(connection);
                let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
                Ok(response.map(Body::new))
            }
        }
    }
}
