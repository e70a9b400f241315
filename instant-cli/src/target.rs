//! Which app an export comes from, or an import goes to: in a file, in a directory of files, or on
//! a server.

use std::{error::Error, path::PathBuf};

use clap::Args;
use instant_client::Client;
use instant_core::Uuid;
use instant_local::Local;

/// Names an app by one of `--file`, `--dir` and `--url`.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The app's file; no server may have it open.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dir", "url"])]
    file: Option<PathBuf>,
    /// A directory of apps, such as `instant dev` keeps; no server may have it open.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    dir: Option<PathBuf>,
    /// The address of a server, such as `https://api.instantdb.com` or `http://localhost:8888`.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The app's id; with --file it is not needed, nor with --dir if there is one app.
    #[arg(long, value_name = "ID", env = "INSTANT_APP_ID")]
    app: Option<Uuid>,
    /// The app's admin token, for --url.
    #[arg(long, value_name = "TOKEN", env = "INSTANT_APP_ADMIN_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// An app that can be reached.
pub(crate) enum App {
    /// In a file that this process has open.
    Local(Local, Uuid),
    /// On a server.
    Remote(Client),
}

impl Target {
    /// Reaches the app. A missing file is made if `make` says so.
    pub(crate) fn open(&self, make: bool) -> Result<App, Box<dyn Error>> {
        match (&self.file, &self.dir, &self.url) {
            (Some(path), ..) => {
                if !make && std::fs::metadata(path).map_or(0, |found| found.len()) == 0 {
                    let path = path.display();
                    return Err(format!("there is no app in `{path}`; name the file of an app").into());
                }
                let local = Local::open(path)?;
                let app = local.apps().into_iter().next().ok_or("the file holds no app that lasts")?;
                Ok(App::Local(local, app.id))
            }
            (_, Some(path), _) => {
                if !path.is_dir() {
                    return Err(format!("there is no directory `{}`", path.display()).into());
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
                    return Err(format!("name one of the apps there with --app: {known}").into());
                };
                let id = app.id;
                Ok(App::Local(local, id))
            }
            (.., Some(url)) => {
                let app = self.app.ok_or("name the app on the server with --app")?;
                let token = self.token.as_ref().ok_or("give the app's admin token with --token")?;
                Ok(App::Remote(Client::builder(app).admin_token(token).base_url(url).build()?))
            }
            _ => Err("name an app with --file, --dir or --url".into()),
        }
    }
}
