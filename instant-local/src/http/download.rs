//! Downloads of files by their signed address: `GET /storage/files/:app_id/:location` (see
//! `files/urls.rs`).

use axum::{
    body::Body,
    extract::{Path, State},
};
use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{
        ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
        CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    },
};
use http_body_util::channel::{Channel, Sender};

use super::{Rejection, build_response, call::Call, params, run_blocking};
use crate::{
    apps::Apps,
    clock::now,
    failure::Failure,
    files::{BlobReader, FileUrls, SignedFile, StoredFile},
};

/// The policy for pages among the files: no scripts, no requests, and an origin of their own. Users
/// choose the bytes and the content type, and the API has the same origin.
const USER_CONTENT: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Responds with the bytes of a file, or with the part that `Range` names. The address contains the
/// content type and disposition.
pub(super) async fn download(
    State(apps): State<Apps>,
    Path((app_id, location)): Path<(String, String)>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let (Some(app_id), Some(location)) = (params::uuid_text(&app_id), params::uuid_text(&location)) else {
        return Err(forbidden());
    };
    let text = |name: &str| match call.query(name) {
        Some(instant_core::Value::String(text)) => text,
        _ => String::new(),
    };
    let (content_type, content_disposition) = (text("type"), text("disposition"));
    let file = StoredFile { location, content_type, content_disposition };
    let signed = SignedFile { file, expires: text("expires").parse().unwrap_or_default() };
    let app = apps.get(app_id).ok_or_else(forbidden)?;
    if !FileUrls::new("", app.app.info()).verify(&signed, &text("signature"), now() / 1000) {
        return Err(forbidden());
    }
    let range = call.header("range").as_deref().and_then(RangeHeader::parse);
    let found = run_blocking(move || {
        let Some((whole, size)) = app.read_blob(location, 0)? else { return Ok(None) };
        match range.as_ref().map(|range| range.within(size)) {
            None => Ok(Some((whole, size, Part::Whole))),
            Some(None) => Ok(Some((whole, size, Part::OutOfRange))),
            Some(Some((start, end))) => Ok(app
                .read_blob(location, start)?
                .map(|(reading, size)| (reading, size, Part::From(start, end)))),
        }
    });
    let found: Result<_, Failure> = found.await?;
    let (reading, size, part) = found?.ok_or_else(|| {
        let failure =
            Failure::rejected("record-not-found", "Record not found: file; it was deleted or replaced");
        Failure { status: 404, ..failure }
    })?;
    let (status, length) = match part {
        Part::Whole => (StatusCode::OK, size),
        Part::OutOfRange => (StatusCode::RANGE_NOT_SATISFIABLE, 0),
        Part::From(start, end) => (StatusCode::PARTIAL_CONTENT, end - start),
    };
    let mut response = build_response(status, None, file_body(reading, length));
    let headers = response.headers_mut();
    for (name, value) in
        [(CONTENT_TYPE, &signed.file.content_type), (CONTENT_DISPOSITION, &signed.file.content_disposition)]
    {
        if let Ok(value) = HeaderValue::from_bytes(&latin1(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(CONTENT_SECURITY_POLICY, USER_CONTENT);
    headers.insert(CONTENT_LENGTH, length.into());
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // An address always leads to the same bytes.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400, immutable"));
    let range = match part {
        Part::Whole => return Ok(response),
        Part::OutOfRange => format!("bytes */{size}"),
        Part::From(start, end) => format!("bytes {start}-{}/{size}", end - 1),
    };
    if let Ok(range) = range.parse() {
        headers.insert(CONTENT_RANGE, range);
    }
    Ok(response)
}

/// The part of a file that a response contains.
#[derive(Clone, Copy)]
enum Part {
    Whole,
    /// Nothing, because the range starts after the end.
    OutOfRange,
    /// From one byte up to another, exclusive.
    From(u64, u64),
}

/// A parsed `Range` header. A list of ranges is not supported, and the whole file is sent.
#[derive(Debug, PartialEq)]
enum RangeHeader {
    /// From a byte to another, inclusive, or to the end.
    From(u64, Option<u64>),
    /// The last bytes.
    Last(u64),
}

impl RangeHeader {
    fn parse(header: &str) -> Option<Self> {
        let (from, to) = header.strip_prefix("bytes=")?.split_once('-')?;
        match (from.trim(), to.trim()) {
            ("", last) => last.parse().ok().map(Self::Last),
            (from, "") => from.parse().ok().map(|from| Self::From(from, None)),
            (from, to) => {
                let (from, to) = (from.parse().ok()?, to.parse().ok()?);
                (from <= to).then_some(Self::From(from, Some(to)))
            }
        }
    }

    /// Returns the start and the end of the range in a file of `size` bytes; `None` if it starts
    /// after the end.
    fn within(&self, size: u64) -> Option<(u64, u64)> {
        let (start, end) = match *self {
            Self::From(from, to) => (from, to.map_or(size, |to| to.saturating_add(1).min(size))),
            Self::Last(last) => (size.saturating_sub(last), size),
        };
        (start < end).then_some((start, end))
    }
}

/// Creates a body that reads the file while it is sent.
fn file_body(mut reading: BlobReader, length: u64) -> Body {
    if let BlobReader::Memory(bytes) = &reading {
        let length = usize::try_from(length).map_or(bytes.len(), |length| length.min(bytes.len()));
        return Body::from(bytes.slice(..length));
    }
    let (mut sender, body): (Sender<Bytes, std::io::Error>, _) = Channel::new(2);
    tokio::spawn(async move {
        let mut left = length;
        while left > 0 {
            let read = run_blocking(move || {
                let next = reading.next(left);
                (reading, next)
            });
            let next = match read.await {
                Ok((rest, Ok(Some(next)))) => {
                    reading = rest;
                    next
                }
                Ok((_, Ok(None))) | Err(_) => return sender.abort(std::io::ErrorKind::UnexpectedEof.into()),
                Ok((_, Err(error))) => return sender.abort(error),
            };
            left = left.saturating_sub(next.len() as u64);
            if sender.send_data(next).await.is_err() {
                return;
            }
        }
    });
    Body::new(body)
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

fn forbidden() -> Rejection {
    let message = "The address of the file is no longer valid, or was changed; query the file's `url` again";
    let failure = Failure::rejected("permission-denied", message);
    Failure { status: 403, ..failure }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        for (header, want) in [
            ("bytes=0-3", Some(Some((0, 4)))),
            ("bytes=4-", Some(Some((4, 10)))),
            ("bytes=4-100", Some(Some((4, 10)))),
            ("bytes=-3", Some(Some((7, 10)))),
            ("bytes=-30", Some(Some((0, 10)))),
            ("bytes=10-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=5-18446744073709551615", Some(Some((5, 10)))),
            ("bytes=3-1", None),
            ("bytes=0-1,3-4", None),
            ("bytes=x-", None),
            ("items=0-1", None),
        ] {
            assert_eq!(RangeHeader::parse(header).map(|range| range.within(10)), want, "{header}");
        }
    }
}
