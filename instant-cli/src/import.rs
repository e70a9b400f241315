//! `instant import`: lines of JSON from standard input into an app.

use std::{
    error::Error,
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use clap::Args;
use instant_core::export::Lines;

use crate::{
    checkpoint::Checkpoint,
    progress::{Counted, Progress},
    remote,
    target::{App, Target},
};

/// Read lines of JSON, as `instant export` writes them, into an app.
///
/// Ids and values stay what they are; what the app has beyond the lines stays, too. Lines are
/// written some hundred at a time: when one is refused, nothing of its batch is written, and its
/// number is named. Reading the same lines again changes nothing, so an import that was stopped can
/// be started again; with --resume it goes on where it was.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  instant import --file copy.db < garden.jsonl\n  instant import --url https://api.instantdb.com --app ID --token TOKEN --resume import.state app.jsonl"
)]
pub(crate) struct Import {
    /// The lines; standard input without it.
    input: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
    /// Remember in this file how far the import is, and go on from there if it is there.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
}

/// So many lines are one batch in a file. On a server the client cuts it into transactions of about
/// a hundred entities.
const BATCH: usize = 500;

impl Import {
    /// Reads everything, and says on standard error how far it is.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        let (input, size): (Box<dyn io::Read>, _) = match &self.input {
            None => (Box::new(io::stdin().lock()), None),
            Some(path) => {
                let file = File::open(path)
                    .map_err(|error| format!("could not read `{}`: {error}", path.display()))?;
                let size = file.metadata().ok().map(|found| found.len());
                (Box::new(file), size)
            }
        };
        let (input, read) = Counted::new(input);
        let mut lines = Lines::new(BufReader::new(input));
        let mut checkpoint = self.resume.map(Checkpoint::open).transpose()?;
        let skipped = match &checkpoint {
            Some(checkpoint) => checkpoint.skip(&mut lines)?,
            None => 0,
        };
        let app = self.target.open(true)?;
        let mut progress = Progress::new(read, size);
        let mut count = 0;
        loop {
            let batch = lines.by_ref().take(BATCH).collect::<Result<Vec<_>, _>>()?;
            let Some((last, text)) = batch.last() else { break };
            match &app {
                App::Local(local, id) => local.import_lines(*id, &batch)?,
                App::Remote(client) => remote::run(remote::import(client, &batch))??,
            }
            if let Some(checkpoint) = &mut checkpoint {
                checkpoint.reached(*last, text)?;
            }
            count += batch.len() as u64;
            progress.reached(count);
        }
        progress.end();
        if let Some(checkpoint) = checkpoint {
            checkpoint.remove()?;
        }
        match skipped {
            0 => eprintln!("imported {count} lines"),
            skipped => eprintln!("imported {count} lines, after {skipped} that were there"),
        }
        Ok(())
    }
}
