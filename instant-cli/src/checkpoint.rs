//! How far an import is, kept in a file: the number of the last line that was written, and the line
//! itself, so that another input is noticed.

use std::{error::Error, fs, io, io::BufRead, path::PathBuf};

use instant_core::export::{Line, Lines};

/// The file.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    /// The last line that was written, if there was one.
    last: Option<(u64, String)>,
}

impl Checkpoint {
    /// Reads the file; one that is missing says that nothing was written.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Box<dyn Error>> {
        let last = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("could not read `{}`: {error}", path.display()).into()),
            Ok(text) => {
                let parts = text
                    .split_once('\n')
                    .and_then(|(number, line)| Some((number.parse().ok()?, line.to_owned())));
                Some(parts.ok_or_else(|| {
                    format!(
                        "`{}` is not the state of an import; name another file, or a new one",
                        path.display()
                    )
                })?)
            }
        };
        Ok(Self { path, last })
    }

    /// Passes over the lines that were written, and answers how many.
    pub(crate) fn skip(&self, lines: &mut Lines<impl BufRead>) -> Result<u64, Box<dyn Error>> {
        let Some((last, text)) = &self.last else { return Ok(0) };
        let mut skipped = 0;
        for line in lines {
            let (number, line) = line?;
            skipped += 1;
            if number == *last && line.to_string() == *text {
                return Ok(skipped);
            }
            if number >= *last {
                break;
            }
        }
        let path = self.path.display();
        Err(format!(
            "`{path}` is about other lines than these; give the same input, or remove it to begin anew"
        )
        .into())
    }

    /// Notes that everything up to this line was written.
    pub(crate) fn reached(&mut self, number: u64, line: &Line) -> Result<(), Box<dyn Error>> {
        let failed = |error| format!("could not write `{}`: {error}", self.path.display());
        // A crash leaves this one or the one before.
        let mut next = self.path.clone().into_os_string();
        next.push(".next");
        fs::write(&next, format!("{number}\n{line}")).map_err(failed)?;
        fs::rename(&next, &self.path).map_err(failed)?;
        Ok(())
    }

    /// Removes the file after the last line.
    pub(crate) fn remove(self) -> Result<(), Box<dyn Error>> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(format!("could not remove `{}`: {error}", self.path.display()).into())
            }
            _ => Ok(()),
        }
    }
}
