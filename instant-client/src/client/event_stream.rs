//! The framing of event streams (`docs/protocol/sse.md`, "2. Byte framing"): takes bytes in chunks
//! of any size, and returns the data of whole events. It does not interpret the data.

/// A parser of an event stream.
#[derive(Debug, Default)]
pub(super) struct EventStream {
    /// Bytes that were pushed, from the last incomplete line on.
    bytes: Vec<u8>,
    /// The number of `bytes` that were parsed.
    parsed: usize,
    /// The number of bytes after those that are known to hold no line end.
    searched: usize,
    /// The data of the current event.
    data: Option<Vec<u8>>,
}

impl EventStream {
    /// Adds a chunk of the stream.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.bytes.drain(..self.parsed);
        self.parsed = 0;
        self.bytes.extend_from_slice(chunk);
    }

    /// Returns the data of the next complete event.
    ///
    /// Skips comments, fields other than `data`, and events without data. An event that is cut off
    /// by the end of the stream is never returned.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let rest = &self.bytes[self.parsed..];
            let Some(end) = rest[self.searched..].iter().position(|byte| *byte == b'\n') else {
                self.searched = rest.len();
                return None;
            };
            let line = &rest[..self.searched + end];
            let line_bytes = line.len() + 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let complete = line.is_empty();
            if let Some(text) = line.strip_prefix(b"data:") {
                let text = text.strip_prefix(b" ").unwrap_or(text);
                match &mut self.data {
                    None => self.data = Some(text.to_vec()),
                    Some(data) => {
                        data.push(b'\n');
                        data.extend_from_slice(text);
                    }
                }
            }
            self.parsed += line_bytes;
            self.searched = 0;
            if complete && let Some(data) = self.data.take().filter(|data| !data.is_empty()) {
                return Some(data);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the events of `stream`, pushed at once, byte by byte, and cut in two at each
    /// position.
    #[track_caller]
    fn check(stream: &str, want: &[&str]) {
        let read = |chunks: &[&[u8]]| {
            let (mut events, mut out) = (EventStream::default(), Vec::new());
            for chunk in chunks {
                events.push(chunk);
                while let Some(data) = events.next() {
                    out.push(String::from_utf8(data).unwrap());
                }
            }
            out
        };
        let bytes = stream.as_bytes();
        assert_eq!(read(&[bytes]), want, "{stream:?} at once");
        assert_eq!(read(&Vec::from_iter(bytes.chunks(1))), want, "{stream:?} byte by byte");
        for cut in 0..=bytes.len() {
            let (front, back) = bytes.split_at(cut);
            assert_eq!(read(&[front, back]), want, "{stream:?} cut at {cut}");
            assert_eq!(read(&[front, b"", back]), want, "{stream:?} cut at {cut}, with an empty chunk");
        }
    }

    #[test]
    fn events_are_independent_of_chunk_boundaries() {
        check("", &[]);
        check("data:{}\n\n", &["{}"]);
        check(
            "retry:500\n\ndata:{\"op\":\"a\"}\n\n:\n:\ndata:{\"op\":\"b\"}\n\n",
            &[r#"{"op":"a"}"#, r#"{"op":"b"}"#],
        );
        check("data:ä😀\n\n", &["ä😀"]);
        check("data: one space goes\n\ndata:  one\n\n", &["one space goes", " one"]);
        check("data:a\ndata:b\n\n", &["a\nb"]);
        check("data:a\n:\ndata:b\n\n", &["a\nb"]);
        check("data:a\r\n\r\ndata:b\r\n\r\n", &["a", "b"]);
        check("event:x\nid:1\ndata:a\nunknown\n\n", &["a"]);
        check("\n\n\ndata:a\n\n\n\n", &["a"]);
    }

    #[test]
    fn incomplete_events_are_not_returned() {
        check("data:a", &[]);
        check("data:a\n", &[]);
        check("data:\n\n", &[]);
        check(":data:a\n\n", &[]);
        check("database:a\n\n", &[]);
        check("data:a\n\ndata:b\n", &["a"]);
    }
}
