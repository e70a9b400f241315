//! `instant check`: checks the integrity of app files.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
};

use clap::Args;
use instant_local::Local;

/// The arguments of `instant check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// App file, or directory of app files; stop the server that uses it first
    path: PathBuf,
}

impl CheckArgs {
    /// Prints each problem, and returns an error if there is one.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        let path = self.path.display();
        // `Local::open` would create a missing file.
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
            Ok(_) => return Err(format!("failed to check `{path}`: it is empty; name an app file").into()),
            Err(error) => {
                let remedy = "name an app file, or a directory of app files";
                return Err(format!("failed to read `{path}`: {error}; {remedy}").into());
            }
        };
        let mut out = io::stdout().lock();
        let mut problems = 0;
        for app in local.apps() {
            let Some(data) = local.engine(app.id) else { continue };
            let found = data.check()?;
            writeln!(out, "{:?} ({}): {}", app.title, app.id, counted(found.len()))?;
            for problem in &found {
                writeln!(out, "  {problem}")?;
            }
            problems += found.len();
        }
        match problems {
            0 => Ok(()),
            count => {
                Err(format!("{}; restore the file from a backup and report a bug", counted(count)).into())
            }
        }
    }
}

fn counted(problems: usize) -> String {
    match problems {
        0 => "no problems found".to_owned(),
        1 => "1 problem found".to_owned(),
        count => format!("{count} problems found"),
    }
}
