//! A server with prepared replies, which records its requests.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::{Client, ClientBuilder};

pub(super) const ID: &str = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
pub(super) const TOKEN: &str = "82900C15-faac-495b-b385-9f9e7743b629";

/// The reply to one request.
#[derive(Clone)]
pub(super) enum Reply {
    /// Sends a response.
    Response(String),
    /// Sends these bytes and closes the connection.
    Cut(String),
    /// Closes the connection.
    Close,
    /// Sends nothing until the client disconnects.
    Silence,
}

/// Returns a response as Instant sends it.
pub(super) fn json(status: u16, body: &str) -> Reply {
    response(status, "content-type: application/json; charset=utf-8", body)
}

pub(super) fn response(status: u16, headers: &str, body: &str) -> Reply {
    let length = body.len();
    let headers = if headers.is_empty() { String::new() } else { format!("{headers}\r\n") };
    Reply::Response(format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}"))
}

pub(super) struct Stub {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    /// Receives one permit when a request arrives that gets no response, and another when its
    /// client disconnects.
    silence: Arc<Notify>,
}

impl Stub {
    /// Starts a server that sends the replies in turn, and repeats the last one.
    pub(super) async fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (connections, silence) = (Arc::<AtomicUsize>::default(), Arc::<Notify>::default());
        let (seen, accepted, silent) =
            (Arc::clone(&requests), Arc::clone(&connections), Arc::clone(&silence));
        let replies = Vec::from_iter(replies);
        tokio::spawn(async move {
            // The server handles one connection at a time, so that the replies keep their order.
            while let Ok((mut stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::Relaxed);
                while let Some(request) = read(&mut stream).await {
                    let count = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(request);
                        seen.len()
                    };
                    match &replies[(count - 1).min(replies.len() - 1)] {
                        Reply::Response(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                        Reply::Cut(text) => {
                            stream.write_all(text.as_bytes()).await.unwrap();
                            break;
                        }
                        Reply::Close => break,
                        Reply::Silence => {
                            silent.notify_one();
                            read(&mut stream).await;
                            silent.notify_one();
                            break;
                        }
                    }
                }
            }
        });
        Self { address, requests, connections, silence }
    }

    pub(super) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn builder(&self) -> ClientBuilder {
        Client::builder(ID).admin_token(TOKEN).base_url(self.address())
    }

    pub(super) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// Returns the number of connections.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Waits until a request arrives that gets no response, or until its client disconnects.
    pub(super) async fn silence(&self) {
        self.silence.notified().await;
    }

    /// Returns the requests so far: first line and headers, sorted and without the server's
    /// address, then the body.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests
            .lock()
            .unwrap()
            .iter()
            .map(|request| request.replace(&self.address, "$address"))
            .collect()
    }
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = Vec::from_iter(head.split("\r\n").map(str::to_owned));
            let length = lines.iter().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                lines[1..].sort();
                return Some(format!("{}\n\n{body}", lines.join("\n")));
            }
        }
        drop(text);
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
