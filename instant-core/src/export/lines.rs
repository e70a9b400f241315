//! The lines of a stream, one by one, with their numbers.

use std::{
    error::Error,
    fmt,
    io::{self, BufRead, Read},
};

use super::{Line, LineError};

/// The longest line that is read, in bytes: what the server takes in one request, and more.
pub const MAX_LINE_BYTES: u64 = 256 << 20;

/// Reads the lines of an exported app: numbers from 1, and what each says. The first one must be the header, which is not given.
/// Empty lines are passed over. After an error there is nothing more.
///
/// ```
/// use instant_core::export::{Line, Lines, LinesError};
///
/// let header = Line::Header.to_string();
/// let text = format!("{header}\n\n{{\"rules\":{{}}}}\n");
/// let lines = Lines::new(text.as_bytes()).collect::<Result<Vec<_>, _>>()?;
/// assert!(matches!(lines[..], [(3, Line::Rules(_))]));
///
/// let cut = Lines::new(&text.as_bytes()[..text.len() - 1]).last();
/// assert!(matches!(cut, Some(Err(LinesError::Truncated { number: 3, .. }))));
/// # Ok::<_, LinesError>(())
/// ```
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    number: u64,
    ended: bool,
}

/// Why reading an export stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum LinesError {
    /// The stream cannot be read.
    Io(io::Error),
    /// A line is refused.
    #[non_exhaustive]
    Line {
        /// Its number, from 1.
        number: u64,
        /// Why.
        error: LineError,
    },
    /// The stream ends without a header, or begins with something else.
    #[non_exhaustive]
    MissingHeader {
        /// Why the first line is none.
        error: Option<LineError>,
    },
    /// A line is longer than [`MAX_LINE_BYTES`], or its end is missing, as in a file that was cut short.
    #[non_exhaustive]
    Truncated {
        /// Its number, from 1.
        number: u64,
    },
}

impl<R: BufRead> Lines<R> {
    /// Begins to read.
    pub fn new(input: R) -> Self {
        Self { input, number: 0, ended: false }
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
            // What was written whole ends so; without this a value that was cut off could look like a shorter one.
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
        if self.ended {
            return None;
        }
        let next = self.read();
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl fmt::Display for LinesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("could not read the export"),
            Self::Line { number, .. } => write!(f, "line {number} of the export is refused"),
            Self::MissingHeader { .. } => {
                f.write_str("this is no export: its first line must be the one that `instant export` writes")
            }
            Self::Truncated { number } => {
                write!(f, "line {number} of the export has no end; the file was cut short, export it again")
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
