//! The server that cases are performed against, and the way to it.

use std::net::SocketAddr;

use axum::body::Body;
use http::{Request, Response};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use instant_local::Local;
use tokio::net::TcpStream;
use tower_service::Service;

/// A server, reached within the process or over HTTP.
#[derive(Debug, Clone)]
pub struct Server {
    host: String,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Within(Local),
    Over(SocketAddr),
}

impl Server {
    /// An embedded Instant, by calls.
    pub fn within(local: &Local) -> Self {
        Self { host: "instant.test".to_owned(), way: Way::Within(local.clone()) }
    }

    /// Whatever listens at an address, by HTTP.
    pub fn over_http(address: SocketAddr) -> Self {
        Self { host: address.to_string(), way: Way::Over(address) }
    }

    /// What requests name in `Host`.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// Where the cases think that it is.
    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Sends one request, over a connection of its own.
    pub(super) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, String> {
        match &self.way {
            Way::Within(local) => match local.service().call(request).await {
                Ok(response) => Ok(response),
                Err(impossible) => match impossible {},
            },
            Way::Over(address) => {
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
