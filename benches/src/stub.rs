//! A server on loopback that sends the same response to every request, to measure the cost of
//! clients.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Serves `body` as JSON until the process ends.
pub(crate) fn serve(body: &str) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let response = response.clone();
            thread::spawn(move || converse(stream, response.as_bytes()));
        }
    });
    Ok(address)
}

/// Responds to requests until the client closes the connection.
fn converse(mut stream: TcpStream, response: &[u8]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Ok(());
        }
        buffer.extend_from_slice(&chunk[..read]);
        while let Some(length) = request_length(&buffer) {
            buffer.drain(..length);
            stream.write_all(response)?;
        }
    }
}

/// Returns the length of the first request in `buffer` once it is complete.
fn request_length(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let total = end + length.and_then(|length| length.trim().parse::<usize>().ok()).unwrap_or(0);
    (buffer.len() >= total).then_some(total)
}
