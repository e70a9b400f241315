//! An event stream that a case keeps open, read in the background.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use instant_core::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::timeout,
};

/// The time without a message after which a stream counts as drained.
pub(crate) const QUIET: Duration = Duration::from_millis(60);

/// The messages of an open stream.
#[derive(Debug)]
pub(crate) struct Stream {
    messages: UnboundedReceiver<Value>,
    reader: JoinHandle<()>,
}

impl Stream {
    /// Starts to read a response body.
    pub(crate) fn new(mut body: Body) -> Self {
        let (sender, messages) = unbounded_channel();
        let reader = tokio::spawn(async move {
            let mut text = String::new();
            while let Some(Ok(frame)) = body.frame().await {
                let Ok(bytes) = frame.into_data() else { continue };
                text.push_str(&String::from_utf8_lossy(&bytes));
                while let Some(end) = text.find('\n') {
                    let line: String = text.drain(..=end).collect();
                    let Some(data) = line.strip_prefix("data:") else { continue };
                    let items = match Value::parse(data.trim()) {
                        Ok(Value::Array(items)) => items,
                        Ok(item) => vec![item],
                        Err(_) => vec![Value::from(line.trim_end())],
                    };
                    for item in items {
                        if sender.send(item).is_err() {
                            return;
                        }
                    }
                }
            }
        });
        Self { messages, reader }
    }

    /// Returns the messages that arrive until the stream is quiet, and waits up to `limit` for each
    /// of `expected` messages.
    pub(crate) async fn drain(&mut self, expected: usize, limit: Duration) -> Vec<Value> {
        let mut out = Vec::new();
        loop {
            let limit = if out.len() >= expected { QUIET } else { limit };
            match timeout(limit, self.messages.recv()).await {
                Ok(Some(message)) => out.push(message),
                Ok(None) => {
                    out.push("<closed>".into());
                    return out;
                }
                Err(_) => return out,
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
