//! `instant dev`: serves the embedded backend, with one app, on a port of this machine.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    net::Ipv4Addr,
    path::PathBuf,
    time::Duration,
};

use clap::{Args, value_parser};
use instant_local::{AppCredentials, Durability, Limits, Local, MagicCodeMail, OpenOptions};
use tokio::net::TcpListener;

use crate::signals::Signals;

/// The arguments of `instant dev`.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// Port to listen on at 127.0.0.1; 0 for any free port
    #[arg(long, default_value_t = 8888)]
    port: u16,
    /// Directory to store apps in; created if missing
    #[arg(long, value_name = "DIR", default_value = ".instant")]
    dir: PathBuf,
    /// Store apps in memory; they are lost when the command exits
    #[arg(long, conflicts_with = "dir")]
    memory: bool,
    /// Respond to writes before they are synced to disk; a crash may lose the last half second
    #[arg(long, conflicts_with = "memory")]
    relaxed: bool,
    /// Maximum size of app files to verify before they are opened, in megabytes
    #[arg(long, value_name = "MB", default_value_t = 16, conflicts_with = "memory")]
    verify: u32,
    /// Time limit of a query or a transaction, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    query_time: Duration,
    /// Maximum size of a request body other than an upload, in megabytes
    #[arg(long, value_name = "MB", default_value_t = 64, value_parser = value_parser!(u32).range(1..=4096))]
    max_body: u32,
    /// Maximum nesting of JSON in a request body
    #[arg(long, value_name = "LEVELS", default_value_t = 1000, value_parser = value_parser!(u32).range(1..=1000))]
    max_nesting: u32,
}

impl DevArgs {
    /// Serves until the process receives a signal to stop. A second signal ends the process at
    /// once.
    pub(crate) fn run(self) -> Result<(), Box<dyn Error>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let result = runtime.block_on(self.serve());
        // Queries whose callers have left must not delay the exit.
        runtime.shutdown_background();
        result
    }

    async fn serve(self) -> Result<(), Box<dyn Error>> {
        // Listen first, so that a port in use leaves no new directory behind.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await.map_err(|error| {
            let port = self.port;
            let remedy = match error.kind() {
                io::ErrorKind::AddrInUse => "choose another port with --port, or any with --port 0",
                io::ErrorKind::PermissionDenied => "choose a port above 1023 with --port",
                _ => "choose another port with --port",
            };
            format!("failed to listen on port {port}: {error}; {remedy}")
        })?;
        let verify_up_to = u64::from(self.verify) * 1_000_000;
        let durability = if self.relaxed { Durability::Relaxed } else { Durability::Immediate };
        let local = match self.memory {
            true => Local::in_memory(),
            false => {
                let new = !self.dir.exists();
                let local = OpenOptions::new()
                    .durability(durability)
                    .verify_up_to(verify_up_to)
                    .open_dir(&self.dir)?;
                if new {
                    // Development data should not end up in the user's repository.
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
            // Sign-in must not fail because standard error is closed.
            let _ = writeln!(io::stderr(), "magic code for {email} in {app_title:?}: {code}");
            Ok(())
        });
        // Listen for signals before the address is announced, since a program may then send one.
        let mut signals = Signals::new()?;
        self.announce(&listener, &app)?;
        let served = serve_until_signal(&local, listener, &mut signals).await;
        // Relaxed writes that cannot be synced are lost, which an exit status of 0 would hide.
        let closing = tokio::task::spawn_blocking(move || local.close());
        tokio::select! {
            closed = closing => closed??,
            () = signals.recv() => end_process(),
        }
        served
    }

    fn limits(&self) -> Limits {
        let body_bytes = self.max_body as usize * 1_000_000;
        Limits::new().time(self.query_time).body_bytes(body_bytes).nesting(self.max_nesting)
    }

    /// Prints the address and the credentials, for people and programs.
    fn announce(&self, listener: &TcpListener, app: &AppCredentials) -> io::Result<()> {
        let address = listener.local_addr()?;
        let AppCredentials { id, admin_token, .. } = app;
        let data = match self.memory {
            true => "in memory, lost on exit".to_owned(),
            false => self.dir.display().to_string(),
        };
        // One write, so that a program can close the pipe once it has read the lines it needs.
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

/// Serves until the first signal, and then finishes the open requests.
async fn serve_until_signal(
    local: &Local,
    listener: TcpListener,
    signals: &mut Signals,
) -> Result<(), Box<dyn Error>> {
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let serving = local.serve(listener, async { drop(stopped.await) });
    tokio::pin!(serving);
    tokio::select! {
        result = &mut serving => return Ok(result?),
        () = signals.recv() => {}
    }
    // Sending fails only if the server has stopped already.
    let _ = stop.send(());
    tokio::select! {
        result = serving => Ok(result?),
        () = signals.recv() => end_process(),
    }
}

/// Ends the process without waiting for requests or for the disk, like a crash.
fn end_process() -> ! {
    // The message does not matter if standard error is closed.
    let _ = writeln!(io::stderr(), "stopped by a second signal; open requests were not finished");
    std::process::exit(1)
}

/// Parses a number of seconds, which may have a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.filter(|time| !time.is_zero()).ok_or_else(|| "expected a number of seconds above 0".to_owned())
}
