//! `instant export`: writes an app as lines of JSON to standard output.

use std::{
    error::Error,
    io::{self, BufWriter, Write},
};

use clap::Args;
use instant_local::ExportSummary;

use crate::{
    app::{AppSelector, OpenApp},
    remote,
};

/// Export an app as lines of JSON to standard output
///
/// Exports schema, rules, entities and links, but no sessions, magic codes, uploaded files or
/// streams. `instant import` reads the lines into a file or into an app on a server.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  instant export --file garden.db > garden.jsonl\n  instant export --url https://api.instantdb.com --app ID --token TOKEN > app.jsonl"
)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    app: AppSelector,
}

impl ExportArgs {
    /// Exports the app, and prints a summary on standard error.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        let mut out = BufWriter::new(io::stdout().lock());
        let done = match self.app.open(false)? {
            OpenApp::Local(local, app) => local.export(app, &mut out)?,
            OpenApp::Remote(client) => remote::run(remote::export(&client, &mut out))??,
        };
        out.flush()?;
        let ExportSummary { attributes, entities, links, omitted, .. } = done;
        eprintln!("exported {entities} entities, {links} links, {attributes} attributes");
        for (namespace, rows) in omitted {
            eprintln!("skipped {rows} entities of {namespace}");
        }
        Ok(())
    }
}
