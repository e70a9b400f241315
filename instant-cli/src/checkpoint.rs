//! The checkpoint of an import: a file with the number and the text of the last imported line. The
//! text detects a different input.

use std::{error::Error, fs, io, io::BufRead, path::PathBuf};

use instant_core::export::{Line, Lines};

/// A checkpoint file.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    /// The last line that was imported, with its number.
    last: Option<(u64, String)>,
}

impl Checkpoint {
    /// Reads the checkpoint. A missing file means that no lines are imported.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Box<dyn Error>> {
        let last = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("failed to read `{}`: {error}", path.display()).into()),
            Ok(text) => {
                let parts = text
                    .split_once('\n')
                    .and_then(|(number, line)| Some((number.parse().ok()?, line.to_owned())));
                Some(parts.ok_or_else(|| {
                    format!(
                        "`{}` is not a checkpoint of an import; name another file with --resume",
                        path.display()
                    )
                })?)
            }
        };
        Ok(Self { path, last })
    }

    /// Skips the lines that were imported before, and returns their number.
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
            "`{path}` is the checkpoint of another input; import that input, or remove the file to start over"
        )
        .into())
    }

    /// Records that all lines up to this one are imported.
    pub(crate) fn save(&mut self, number: u64, line: &Line) -> Result<(), Box<dyn Error>> {
        let failed = |error| format!("failed to write `{}`: {error}", self.path.display());
        // Renaming is atomic: a crash leaves either the new checkpoint or the previous one.
        let mut next = self.path.clone().into_os_string();
        next.push(".next");
        fs::write(&next, format!("{number}\n{line}")).map_err(failed)?;
        fs::rename(&next, &self.path).map_err(failed)?;
        Ok(())
    }

    /// Removes the file when the import is complete.
    pub(crate) fn remove(self) -> Result<(), Box<dyn Error>> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(format!("failed to remove `{}`: {error}", self.path.display()).into())
            }
            _ => Ok(()),
        }
    }
}
