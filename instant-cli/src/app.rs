//! The app that a command works on: in a file, in a directory of app files, or on a server.

use std::{error::Error, path::PathBuf};

use clap::Args;
use instant_client::Client;
use instant_core::Uuid;
use instant_local::Local;

/// The arguments that select an app: one of `--file`, `--dir` and `--url`, with details.
#[derive(Debug, Args)]
pub(crate) struct AppSelector {
    /// App file; stop the server that uses it first
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dir", "url"])]
    file: Option<PathBuf>,
    /// Directory of app files, as created by `instant dev`; stop the server that uses it first
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    dir: Option<PathBuf>,
    #[arg(
        help = "Address of a server, such as https://api.instantdb.com or http://localhost:8888",
        long,
        value_name = "URL"
    )]
    url: Option<String>,
    /// Id of the app; required with --url, and with --dir if it has several apps
    #[arg(long, value_name = "ID", env = "INSTANT_APP_ID")]
    app: Option<Uuid>,
    /// Admin token of the app; required with --url
    #[arg(long, value_name = "TOKEN", env = "INSTANT_APP_ADMIN_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// An app that is ready for use.
pub(crate) enum OpenApp {
    /// An app in a file that this process has open.
    Local(Local, Uuid),
    /// An app on a server.
    Remote(Client),
}

impl AppSelector {
    /// Opens the app. Creates a missing file if `create` is set.
    pub(crate) fn open(&self, create: bool) -> Result<OpenApp, Box<dyn Error>> {
        match (&self.file, &self.dir, &self.url) {
            (Some(path), ..) => {
                if !create && std::fs::metadata(path).map_or(0, |found| found.len()) == 0 {
                    let path = path.display();
                    return Err(format!("no app found in `{path}`; name an app file with --file").into());
                }
                let local = Local::open(path)?;
                let app = local.apps().into_iter().next().ok_or("the file has temporary apps only")?;
                Ok(OpenApp::Local(local, app.id))
            }
            (_, Some(path), _) => {
                if !path.is_dir() {
                    return Err(
                        format!("`{}` is not a directory; name one with --dir", path.display()).into()
                    );
                }
                let local = Local::open_dir(path)?;
                let known = local.apps();
                let found = match (self.app, known.as_slice()) {
                    (Some(id), _) => known.iter().find(|app| app.id == id),
                    (None, [only]) => Some(only),
                    (None, _) => None,
                };
                let Some(app) = found else {
                    let known =
                        Vec::from_iter(known.iter().map(|app| format!("{} ({:?})", app.id, app.title)));
                    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                    return Err(format!("select one of the apps in the directory with --app: {known}").into());
                };
                let id = app.id;
                Ok(OpenApp::Local(local, id))
            }
            (.., Some(url)) => {
                let app = self.app.ok_or("missing app id; give it with --app or INSTANT_APP_ID")?;
                let token = self
                    .token
                    .as_ref()
                    .ok_or("missing admin token; give it with --token or INSTANT_APP_ADMIN_TOKEN")?;
                Ok(OpenApp::Remote(Client::builder(app).admin_token(token).base_url(url).build()?))
            }
            _ => Err("no app selected; use --file, --dir or --url".into()),
        }
    }
}
