//! The cost of a request compared with a bare `reqwest` and Instant's SDKs for JavaScript and
//! Python: processor time and requests per second, one at a time and 64 together, from the same
//! server on loopback.
//!
//! Each client is a process of its own, so that the processor time of its threads can be told from
//! the server's. It performs a round of requests for each line that it reads, and then writes one.
//! Its start and its first round are not counted.

use std::{
    cell::Cell,
    env,
    error::Error,
    fs, io,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Builder,
    task::{LocalSet, spawn_local},
};

use crate::{
    calls::Calls,
    data::answer,
    measure::{
        Budget, Measurement,
        Quantity::{Rate, Time},
        Results,
    },
    stub,
};

/// The argument that turns this program into one of the clients.
pub(crate) const CLIENT: &str = "client-of-a-measurement";

const ROUNDS: u32 = 12;

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}", stub::serve(&answer(10, 0))?);
    for (sdk, path) in [("JavaScript", JAVASCRIPT), ("Python", PYTHON)] {
        if installed(path)?.is_none() {
            println!("the SDK for {sdk} is left out; tests/peers/run installs it");
        }
    }
    for (concurrency, what) in [("1", "one at a time"), ("64", "64 together")] {
        let mut clients =
            vec![Client::rust("ours", &url, concurrency)?, Client::rust("bare", &url, concurrency)?];
        clients.extend(Client::javascript(&url, concurrency)?);
        clients.extend(Client::python(&url, concurrency)?);
        // The first round warms up. In turns, so that other work of the machine affects all of
        // them.
        for round in 0..=ROUNDS {
            for client in &mut clients {
                client.round(round > 0)?;
            }
        }
        let (ours, peers) = clients.split_first().ok_or("no clients")?;
        for peer in peers {
            results.add(
                Measurement::new(format!("requests a second, {what}"), Rate(ours.rate()))
                    .peer(peer.name, Rate(peer.rate())),
            );
            results.add(
                Measurement::new(format!("request of 10 rows, {what}, processor time"), Time(ours.processor))
                    .peer(peer.name, Time(peer.processor))
                    .budget(Budget::TimesPeer(peer.budget)),
            );
        }
    }
    Ok(())
}

/// A process that sends requests, with the least time that one of them took.
struct Client {
    name: &'static str,
    /// The most that ours may take as a multiple of its processor time.
    budget: f64,
    /// The number of requests in a round.
    count: u32,
    child: Child,
    begin: ChildStdin,
    done: BufReader<ChildStdout>,
    processor: Duration,
    time: Duration,
}

impl Client {
    fn rust(kind: &'static str, url: &str, concurrency: &str) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.args([CLIENT, kind]);
        let name = if kind == "ours" { "ours" } else { "reqwest and serde_json" };
        Self::start(name, 1.10, 10_000, command, url, concurrency)
    }

    fn javascript(url: &str, concurrency: &str) -> io::Result<Option<Self>> {
        let Some(modules) = installed(JAVASCRIPT)? else { return Ok(None) };
        let mut command = Command::new("node");
        command.env("NODE_PATH", modules).arg(script("query.cjs"));
        Self::start("the SDK for JavaScript", 0.20, 1_000, command, url, concurrency).map(Some)
    }

    fn python(url: &str, concurrency: &str) -> io::Result<Option<Self>> {
        let Some(python) = installed(PYTHON)? else { return Ok(None) };
        let mut command = Command::new(python);
        command.arg(script("query.py"));
        Self::start("the SDK for Python", 0.20, 300, command, url, concurrency).map(Some)
    }

    fn start(
        name: &'static str,
        budget: f64,
        count: u32,
        mut command: Command,
        url: &str,
        concurrency: &str,
    ) -> io::Result<Self> {
        command.args([url, concurrency, &count.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(begin), Some(done)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let (processor, time) = (Duration::MAX, Duration::MAX);
        Ok(Self { name, budget, count, child, begin, done: BufReader::new(done), processor, time })
    }

    /// Returns the requests per second.
    fn rate(&self) -> f64 {
        1.0 / self.time.as_secs_f64()
    }

    /// Performs a round of requests. The least times are updated if it `counts`.
    fn round(&mut self, counts: bool) -> Result<(), Box<dyn Error>> {
        let (processor, begun) = (self.processor_time()?, Instant::now());
        self.begin.write_all(b"\n")?;
        let mut line = String::new();
        self.done.read_line(&mut line)?;
        if line != "done\n" {
            return Err(format!("{} failed: {line}", self.name).into());
        }
        let (time, processor) = (begun.elapsed() / self.count, self.processor_time()? - processor);
        if counts {
            self.time = self.time.min(time);
            self.processor = self.processor.min(processor / self.count);
        }
        Ok(())
    }

    /// Returns the time that all threads of the process have spent on a processor. No client ends a
    /// thread during a round.
    fn processor_time(&self) -> Result<Duration, Box<dyn Error>> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let stat = fs::read_to_string(task?.path().join("schedstat"))?;
            nanos += stat.split_whitespace().next().ok_or("schedstat is empty")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The paths of the SDKs that `tests/peers/run` installs, relative to the target directory of this
/// program.
const JAVASCRIPT: &str = "peers/js/node_modules";
const PYTHON: &str = "peers/python/venv/bin/python";

fn installed(path: &str) -> io::Result<Option<PathBuf>> {
    let program = env::current_exe()?;
    Ok(program.ancestors().nth(2).map(|target| target.join(path)).filter(|path| path.exists()))
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// Runs this program as one of the clients. The arguments are the client, the address, the requests
/// at a time and those in a round. It has one thread, as the SDKs have.
pub(crate) fn be_client(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [kind, url, concurrency, count] = arguments else { return Err("four arguments".into()) };
    let (concurrency, count) = (concurrency.parse::<u32>()?, count.parse::<u32>()?);
    let calls = Rc::new(Calls::new(url)?);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    for line in io::stdin().lines() {
        line?;
        let left = Rc::new(Cell::new(count));
        LocalSet::new().block_on(&runtime, async {
            let start = |_| spawn_local(ask(Rc::clone(&calls), kind == "ours", Rc::clone(&left)));
            for asking in Vec::from_iter((0..concurrency).map(start)) {
                asking.await??;
            }
            Ok::<_, Box<dyn Error>>(())
        })?;
        println!("done");
    }
    Ok(())
}

/// Sends requests one after the other until `left` is 0.
async fn ask(calls: Rc<Calls>, ours: bool, left: Rc<Cell<u32>>) -> Result<(), Box<dyn Error>> {
    while let Some(rest) = left.get().checked_sub(1) {
        left.set(rest);
        let rows = if ours { calls.ours().await? } else { calls.bare().await? };
        assert_eq!(rows, 10);
    }
    Ok(())
}
