//! An event stream that a case holds open, read in the background.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use instant_core::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
    time::timeout,
};

/// How long a stream must be silent until what it sent counts as everything.
const SILENCE: Duration = Duration::from_millis(60);
/// How long an expected message may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The messages of an open stream.
#[derive(Debug)]
pub(super) struct Stream {
    messages: UnboundedReceiver<Value>,
    reader: JoinHandle<()>,
}

impl Stream {
    /// Begins to read.
    pub(super) fn new(mut body: Body) -> Self {
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

    /// What arrives until the stream is silent; the silence counts once `expected` messages are there.
    pub(super) async fn drain(&mut self, expected: usize) -> Vec<Value> {
        let mut out = Vec::new();
        loop {
            let patience = if out.len() >= expected { SILENCE } else { PATIENCE };
            match timeout(patience, self.messages.recv()).await {
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
