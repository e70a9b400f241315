//! Reads an export line by line from a stream.

use std::{
    error::Error,
    fmt,
    io::{self, BufRead, Read},
};

use super::{Line, LineError};

/// The maximum length of a line, in bytes. It exceeds the largest request that a server accepts.
pub const MAX_LINE_BYTES: u64 = 256 << 20;

/// An iterator over the lines of an exported app, with their line numbers.
///
/// Line numbers start at 1. The first line must be the header; it is checked and not returned.
/// Empty lines are skipped. After an error the iterator ends.
///
/// ```
/// use instant_core::export::{Line, Lines, LinesError};
///
/// let header = Line::Header.to_string();
/// let text = format!("{header}\n\n{{\"rules\":{{}}}}\n");
/// let lines = Lines::new(text.as_bytes()).collect::<Result<Vec<_>, _>>()?;
/// assert!(matches!(lines[..], [(3, Line::Rules(_))]));
///
/// let truncated = Lines::new(&text.as_bytes()[..text.len() - 1]).last();
/// assert!(matches!(truncated, Some(Err(LinesError::Truncated { number: 3, .. }))));
/// # Ok::<_, LinesError>(())
/// ```
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    number: u64,
    done: bool,
}

/// An error while reading an export.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinesError {
    /// The stream cannot be read.
    Io(io::Error),
    /// A line is invalid.
    #[non_exhaustive]
    Line {
        /// The line number, starting at 1.
        number: u64,
        /// The cause.
        error: LineError,
    },
    /// The first line is not the header.
    #[non_exhaustive]
    MissingHeader {
        /// The cause, when the first line is not a line of an export at all.
        error: Option<LineError>,
    },
    /// A line has no line break, as in a file that was truncated, or is longer than
    /// [`MAX_LINE_BYTES`].
    #[non_exhaustive]
    Truncated {
        /// The line number, starting at 1.
        number: u64,
    },
}

impl<R: BufRead> Lines<R> {
    /// Creates an iterator over the lines of `input`.
    pub fn new(input: R) -> Self {
        Self { input, number: 0, done: false }
    }

    fn read(&mut self) -> Result<Option<(u64, Line)>, LinesError> {
        let mut text = Vec::new();
        loop {
            text.clear();
            let read = self
                .input
                .by_ref()
                .take(MAX_LINE_BYTES)
                .read_until(b'\n', &mut text)
                .map_err(LinesError::Io)?;
            if read == 0 && self.number > 0 {
                return Ok(None);
            }
            self.number += 1;
            let number = self.number;
            // Complete lines end with a line break. A truncated line could parse as a shorter
            // value.
            if text.pop().is_some_and(|last| last != b'\n') {
                return Err(LinesError::Truncated { number });
            }
            let parsed = match std::str::from_utf8(&text) {
                Ok(text) if text.trim().is_empty() && number > 1 => continue,
                Ok(text) => Line::parse(text),
                Err(_) => Line::parse("\u{fffd}"),
            };
            match parsed {
                Ok(Line::Header) if number == 1 => {}
                Err(error) if number == 1 => return Err(LinesError::MissingHeader { error: Some(error) }),
                Ok(_) if number == 1 => return Err(LinesError::MissingHeader { error: None }),
                Ok(line) => return Ok(Some((number, line))),
                Err(error) => return Err(LinesError::Line { number, error }),
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<(u64, Line), LinesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.read();
        self.done = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl fmt::Display for LinesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("failed to read the export"),
            Self::Line { number, .. } => write!(f, "line {number} of the export is invalid"),
            Self::MissingHeader { .. } => f.write_str(
                "the input is not an export: its first line must be the header that `instant export` writes",
            ),
            Self::Truncated { number } => {
                write!(f, "line {number} of the export is incomplete: the file is truncated; export it again")
            }
        }
    }
}

impl Error for LinesError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Line { error, .. } => Some(error),
            Self::MissingHeader { error } => error.as_ref().map(|error| error as _),
            Self::Truncated { .. } => None,
        }
    }
}
