//! The progress of an import on standard error: a bar on a terminal, a line every 10,000 lines
//! otherwise.

use std::{
    cell::Cell,
    io::{self, IsTerminal, Read, Write},
    rc::Rc,
    time::{Duration, Instant},
};

/// The width of the bar, in columns.
const WIDTH: u64 = 30;
/// The number of lines between two messages, when standard error is not a terminal.
const LINES_PER_MESSAGE: u64 = 10_000;

/// A progress display.
#[derive(Debug)]
pub(crate) struct Progress {
    read: Rc<Cell<u64>>,
    size: Option<u64>,
    terminal: bool,
    drawn: Option<Instant>,
    messages: u64,
}

impl Progress {
    /// Creates a display of the bytes in `read`, of `size` in total if that is known.
    pub(crate) fn new(read: Rc<Cell<u64>>, size: Option<u64>) -> Self {
        Self { read, size, terminal: io::stderr().is_terminal(), drawn: None, messages: 0 }
    }

    /// Updates the display. `lines` is the number of lines imported so far.
    pub(crate) fn update(&mut self, lines: u64) {
        if !self.terminal {
            if lines / LINES_PER_MESSAGE > self.messages {
                self.messages = lines / LINES_PER_MESSAGE;
                eprintln!("{}", text(lines, self.percent()));
            }
            return;
        }
        if self.drawn.is_none_or(|drawn| drawn.elapsed() > Duration::from_millis(100)) {
            self.drawn = Some(Instant::now());
            let percent = self.percent();
            let bar = percent.map_or_else(String::new, |percent| format!("{} ", bar(percent)));
            // The import must not fail because standard error is closed.
            let _ = write!(io::stderr(), "\r\x1b[K{bar}{}", text(lines, percent));
        }
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    /// Returns the part of the input that is read, in percent.
    fn percent(&self) -> Option<u64> {
        self.size.filter(|size| *size > 0).map(|size| (self.read.get().saturating_mul(100) / size).min(100))
    }
}

fn text(lines: u64, percent: Option<u64>) -> String {
    match percent {
        Some(percent) => format!("{lines} lines, {percent} %"),
        None => format!("{lines} lines"),
    }
}

fn bar(percent: u64) -> String {
    let full = percent * WIDTH / 100;
    (0..WIDTH).map(|at| if at < full { '#' } else { '.' }).collect()
}

/// A reader that counts its bytes.
pub(crate) struct CountingReader<R> {
    input: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> CountingReader<R> {
    /// Creates a reader, and returns it with its count.
    pub(crate) fn new(input: R) -> (Self, Rc<Cell<u64>>) {
        let read = Rc::<Cell<u64>>::default();
        (Self { input, read: Rc::clone(&read) }, read)
    }
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(out)?;
        self.read.set(self.read.get() + read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_fills_in_proportion() {
        for (part, full) in [(0, 0), (3, 0), (50, 15), (99, 29), (100, 30)] {
            let bar = bar(part);
            assert_eq!((bar.matches('#').count(), bar.len()), (full, 30), "{part}");
        }
        assert_eq!((text(7, Some(50)), text(7, None)), ("7 lines, 50 %".to_owned(), "7 lines".to_owned()));
    }
}
