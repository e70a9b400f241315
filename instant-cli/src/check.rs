//! `instant check`: proves that what the files of apps hold agrees with itself.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use instant_local::Local;

/// What `instant check` is told.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The file of an app, or a directory of such files. No server may have it open.
    path: PathBuf,
}

impl Check {
    /// Reads everything and names each disagreement; fails if there is one.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        let path = self.path.display();
        // Opening would make it.
        let local = match std::fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => {
                for entry in std::fs::read_dir(&self.path)? {
                    let file = entry?.path();
                    if file.extension().is_some_and(|extension| extension == "instant") && file.is_file() {
                        Local::verify(&file)?;
                    }
                }
                Local::open_dir(&self.path)?
            }
            Ok(found) if found.len() > 0 => {
                Local::verify(&self.path)?;
                Local::open(&self.path)?
            }
            Ok(_) => return Err(format!("`{path}` is empty; name the file of an app").into()),
            Err(error) => {
                return Err(format!(
                    "could not read `{path}`: {error}; name the file of an app, or a directory"
                )
                .into());
            }
        };
        let mut out = io::stdout().lock();
        let mut problems = 0;
        for app in local.apps() {
            let Some(data) = local.direct(app.id) else { continue };
            let found = data.check()?;
            let verdict = if found.is_empty() { "agrees with itself" } else { "does not agree with itself" };
            writeln!(out, "{:?} ({}) {verdict}", app.title, app.id)?;
            for problem in &found {
                writeln!(out, "  {problem}")?;
            }
            problems += found.len();
        }
        match problems {
            0 => Ok(()),
            1 => {
                Err("found 1 disagreement; restore the file from a copy, and report how it came about".into())
            }
            many => {
                let remedy = "restore the file from a copy, and report how it came about";
                Err(format!("found {many} disagreements; {remedy}").into())
            }
        }
    }
}
