//! How far an import is, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    cell::Cell,
    io::{self, IsTerminal, Read, Write},
    rc::Rc,
    time::{Duration, Instant},
};

/// The columns of the bar.
const WIDTH: u64 = 30;
/// Elsewhere than on a terminal, a line each time so many lines are done.
const EVERY: u64 = 10_000;

/// Says how far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    read: Rc<Cell<u64>>,
    size: Option<u64>,
    terminal: bool,
    shown: Option<Instant>,
    said: u64,
}

impl Progress {
    /// `read` counts bytes, of `size` if that is known.
    pub(crate) fn new(read: Rc<Cell<u64>>, size: Option<u64>) -> Self {
        Self { read, size, terminal: io::stderr().is_terminal(), shown: None, said: 0 }
    }

    /// Notes that so many lines are done.
    pub(crate) fn reached(&mut self, lines: u64) {
        if !self.terminal {
            if lines / EVERY > self.said {
                self.said = lines / EVERY;
                eprintln!("{}", text(lines, self.part()));
            }
            return;
        }
        if self.shown.is_none_or(|shown| shown.elapsed() > Duration::from_millis(100)) {
            self.shown = Some(Instant::now());
            let part = self.part();
            let bar = part.map_or_else(String::new, |part| format!("{} ", bar(part)));
            // Nobody waits for it.
            let _ = write!(io::stderr(), "\r\x1b[K{bar}{}", text(lines, part));
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    /// Hundredths of the input.
    fn part(&self) -> Option<u64> {
        self.size.filter(|size| *size > 0).map(|size| (self.read.get().saturating_mul(100) / size).min(100))
    }
}

fn text(lines: u64, part: Option<u64>) -> String {
    match part {
        Some(part) => format!("{lines} lines, {part} %"),
        None => format!("{lines} lines"),
    }
}

fn bar(part: u64) -> String {
    let full = part * WIDTH / 100;
    (0..WIDTH).map(|at| if at < full { '#' } else { '.' }).collect()
}

/// A reader that counts its bytes.
pub(crate) struct Counted<R> {
    input: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Counted<R> {
    /// The reader, and its count.
    pub(crate) fn new(input: R) -> (Self, Rc<Cell<u64>>) {
        let read = Rc::<Cell<u64>>::default();
        (Self { input, read: Rc::clone(&read) }, read)
    }
}

impl<R: Read> Read for Counted<R> {
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
    fn a_bar_fills_up() {
        for (part, full) in [(0, 0), (3, 0), (50, 15), (99, 29), (100, 30)] {
            let bar = bar(part);
            assert_eq!((bar.matches('#').count(), bar.len()), (full, 30), "{part}");
        }
        assert_eq!((text(7, Some(50)), text(7, None)), ("7 lines, 50 %".to_owned(), "7 lines".to_owned()));
    }
}
