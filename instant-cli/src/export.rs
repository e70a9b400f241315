//! `instant export`: an app as lines of JSON on standard output.

use std::{
    error::Error,
    io::{self, BufWriter, Write},
};

use clap::Args;
use instant_local::Exported;

use crate::{
    remote,
    target::{App, Target},
};

/// Write an app as lines of JSON to standard output: schema, rules, entities, links.
///
/// The lines can be read again by `instant import`, into a file or into an app on a server.
/// Sessions, magic codes, uploaded files and streams are left out.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  instant export --file garden.db > garden.jsonl\n  instant export --url https://api.instantdb.com --app ID --token TOKEN > app.jsonl"
)]
pub(crate) struct Export {
    #[command(flatten)]
    target: Target,
}

impl Export {
    /// Writes everything, and says on standard error what it was.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        let mut out = BufWriter::new(io::stdout().lock());
        let done = match self.target.open(false)? {
            App::Local(local, app) => local.export(app, &mut out)?,
            App::Remote(client) => remote::run(remote::export(&client, &mut out))??,
        };
        out.flush()?;
        let Exported { attributes, entities, links, left_out, .. } = done;
        eprintln!("exported {entities} entities, {links} links, {attributes} attributes");
        for (namespace, rows) in left_out {
            eprintln!("left out {rows} of {namespace}");
        }
        Ok(())
    }
}
