//! `instant dev`: the embedded backend on a port of this machine, with an app in it.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    net::Ipv4Addr,
    path::PathBuf,
    time::Duration,
};

use clap::{Args, value_parser};
use instant_local::{AppCredentials, Durability, Limits, Local, MagicCodeMail};
use tokio::net::TcpListener;

use crate::signals::Signals;

/// What `instant dev` is told.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8888)]
    port: u16,
    /// Directory that keeps the apps; made if it is not there.
    #[arg(long, value_name = "DATA", default_value = ".instant")]
    dir: PathBuf,
    /// Keep nothing: the data is gone when the command ends.
    #[arg(long, conflicts_with = "dir")]
    memory: bool,
    /// Answer writes before they are on the disk; a crash may lose the last half second.
    #[arg(long, conflicts_with = "memory")]
    relaxed: bool,
    /// Abandon a query that takes longer, as Instant does after 30 seconds.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    query_time: Duration,
    /// Refuse the body of a request that has more megabytes, uploaded files excepted.
    #[arg(long, value_name = "MB", default_value_t = 256, value_parser = value_parser!(u32).range(1..=4096))]
    max_body: u32,
    /// Refuse the body of a request that nests deeper, as Instant does beyond 1,000 levels.
    #[arg(long, value_name = "LEVELS", default_value_t = 1000, value_parser = value_parser!(u32).range(1..=1000))]
    max_nesting: u32,
}

impl Dev {
    /// Serves until the process is told to stop.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(self.serve())
    }

    async fn serve(self) -> Result<(), Box<dyn Error>> {
        // The port first: with a taken one, nothing is made.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await.map_err(|error| {
            let port = self.port;
            let remedy = match error.kind() {
                io::ErrorKind::AddrInUse => {
                    "another program has it; name another one with --port, or --port 0"
                }
                io::ErrorKind::PermissionDenied => {
                    "the system does not allow it; name one above 1023 with --port"
                }
                _ => "name another one with --port",
            };
            format!("could not listen on port {port}: {remedy} ({error})")
        })?;
        let durability = if self.relaxed { Durability::Relaxed } else { Durability::Immediate };
        let local = match self.memory {
            true => Local::in_memory(),
            false => {
                let new = !self.dir.exists();
                let local = Local::open_dir_with(&self.dir, durability)?;
                if new {
                    // The data of somebody's tests belongs into no repository.
                    fs::write(self.dir.join(".gitignore"), "*\n")?;
                }
                local
            }
        };
        let local = local.with_limits(self.limits());
        let app = match local.apps().into_iter().next() {
            Some(app) => app,
            None => local.create_app("instant dev")?,
        };
        local.on_magic_code(|mail| {
            let MagicCodeMail { app_title, email, code, .. } = mail;
            // Whoever closed this output wants no codes.
            let _ = writeln!(io::stderr(), "magic code for {email} in {app_title:?}: {code}");
            Ok(())
        });
        // Before anybody knows that there is something to stop.
        let mut signals = Signals::new()?;
        self.announce(&listener, &app)?;
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let serving = local.serve(listener, async { drop(stopped.await) });
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            () = signals.told_to_stop() => {}
        }
        // The receiver is only gone when the server has ended already.
        let _ = stop.send(());
        tokio::select! {
            ended = serving => Ok(ended?),
            // Told twice, it does not wait for requests that are still open.
            () = signals.told_to_stop() => Ok(()),
        }
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.time = self.query_time;
        limits.body = self.max_body as usize * 1_000_000;
        limits.nesting = self.max_nesting;
        limits
    }

    /// Says on standard output where the server is and what opens it, for people and for programs.
    fn announce(&self, listener: &TcpListener, app: &AppCredentials) -> io::Result<()> {
        let address = listener.local_addr()?;
        let AppCredentials { id, admin_token, .. } = app;
        let data = match self.memory {
            true => "in memory, gone when this ends".to_owned(),
            false => self.dir.display().to_string(),
        };
        // In one piece, so that a program may stop reading when it has seen what it needs.
        let text = format!(
            "Instant is listening on http://{address}\napp id:      {id}\nadmin token: {admin_token}\ndata:        {data}\n\n\
             For other programs:\n\
             export INSTANT_API_URI=http://{address}\n\
             export INSTANT_APP_ID={id}\n\
             export INSTANT_APP_ADMIN_TOKEN={admin_token}\n"
        );
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// A time in seconds, which may have a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| !time.is_zero()).ok_or_else(|| "give a number of seconds above 0".to_owned())
}
