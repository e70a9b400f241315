//! `instant import`: imports lines of JSON into an app.

use std::{
    error::Error,
    fs::File,
    io::{self, BufReader},
    path::PathBuf,
};

use clap::Args;
use instant_core::export::Lines;

use crate::{
    app::{AppSelector, OpenApp},
    checkpoint::Checkpoint,
    progress::{CountingReader, Progress},
    remote,
};

/// Import lines of JSON, as `instant export` writes them, into an app
///
/// Entities keep their ids and values. The app keeps what it has and the lines do not. Lines are
/// imported in batches; if a line is rejected, its batch has no effect and the error names the
/// line. Importing the same lines again changes nothing, so an import that failed can be repeated;
/// with --resume it continues after the last batch.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  instant import --file copy.db < garden.jsonl\n  instant import --url https://api.instantdb.com --app ID --token TOKEN --resume import.checkpoint app.jsonl"
)]
pub(crate) struct ImportArgs {
    /// Export to read; standard input if omitted
    #[arg(value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    app: AppSelector,
    /// Checkpoint to resume from; created if missing, removed when the import is complete
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
}

/// The number of lines per batch. On a server the client splits a batch into transactions of about a
/// hundred entities.
const BATCH_LINES: usize = 500;

impl ImportArgs {
    /// Imports all lines, and prints progress and a summary on standard error.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        let (input, size): (Box<dyn io::Read>, _) = match &self.input {
            None => (Box::new(io::stdin().lock()), None),
            Some(path) => {
                let file = File::open(path)
                    .map_err(|error| format!("failed to read `{}`: {error}", path.display()))?;
                let size = file.metadata().ok().map(|found| found.len());
                (Box::new(file), size)
            }
        };
        let (input, read) = CountingReader::new(input);
        let mut lines = Lines::new(BufReader::new(input));
        let mut checkpoint = self.resume.map(Checkpoint::open).transpose()?;
        let skipped = match &checkpoint {
            Some(checkpoint) => checkpoint.skip(&mut lines)?,
            None => 0,
        };
        let app = self.app.open(true)?;
        let mut progress = Progress::new(read, size);
        let mut count = 0;
        loop {
            let batch = lines.by_ref().take(BATCH_LINES).collect::<Result<Vec<_>, _>>()?;
            let Some((last, text)) = batch.last() else { break };
            match &app {
                OpenApp::Local(local, id) => local.import_lines(*id, &batch)?,
                OpenApp::Remote(client) => remote::run(remote::import(client, &batch))??,
            }
            if let Some(checkpoint) = &mut checkpoint {
                checkpoint.save(*last, text)?;
            }
            count += batch.len() as u64;
            progress.update(count);
        }
        progress.clear();
        if let Some(checkpoint) = checkpoint {
            checkpoint.remove()?;
        }
        match skipped {
            0 => eprintln!("imported {count} lines"),
            skipped => eprintln!("imported {count} lines; skipped {skipped} that were imported before"),
        }
        Ok(())
    }
}
