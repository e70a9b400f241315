//! The framing of event streams (`sse.md` 2): bytes in pieces of any size in, the data of whole events out. What the data mean, and
//! where the bytes come from, is not known here.

/// Collects bytes until they make an event.
#[derive(Debug, Default)]
pub(super) struct EventStream {
    /// What came and was not yet read.
    bytes: Vec<u8>,
    /// How many of the bytes are read.
    read: usize,
    /// How many of the bytes behind them hold no end of a line.
    searched: usize,
    /// The lines of data of the event that has begun.
    data: Option<Vec<u8>>,
}

impl EventStream {
    /// Takes what came.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(piece);
    }

    /// The data of the next event that has come completely. Comments, fields other than `data`, and events without data are passed
    /// over; an event that a stream breaks off never comes.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            let unread = &self.bytes[self.read..];
            let Some(end) = unread[self.searched..].iter().position(|byte| *byte == b'\n') else {
                self.searched = unread.len();
                return None;
            };
            let line = &unread[..self.searched + end];
            let passed = line.len() + 1;
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
            self.read += passed;
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

    /// The events of `stream`, whether it comes at once, byte by byte, or in two pieces, whatever the cut.
    #[track_caller]
    fn check(stream: &str, want: &[&str]) {
        let read = |pieces: &[&[u8]]| {
            let (mut events, mut out) = (EventStream::default(), Vec::new());
            for piece in pieces {
                events.push(piece);
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
            assert_eq!(read(&[front, b"", back]), want, "{stream:?} cut at {cut}, with an empty piece");
        }
    }

    #[test]
    fn events_come_out_whole_however_they_are_cut() {
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
    fn what_is_no_whole_event_does_not_come_out() {
        check("data:a", &[]);
        check("data:a\n", &[]);
        check("data:\n\n", &[]);
        check(":data:a\n\n", &[]);
        check("database:a\n\n", &[]);
        check("data:a\n\ndata:b\n", &["a"]);
    }
}
