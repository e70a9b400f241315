//! The embedded backend over HTTP on loopback: requests per second over 1, 16 and 64 kept-alive
//! connections, the reads compared with a bare `hyper` server that sends as many bytes.
//!
//! The clients are plain sockets in this process, on the same cores.

use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use instant_client::Uuid;
use instant_core::{Value, schema::Schema};
use instant_local::{AppCredentials, Durability, Local, OpenOptions};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    bare,
    measure::{Budget, Measurement, Quantity::Rate, Results},
};

const SCHEMA: &str = r#"{"entities":{"todos":{"attrs":{"title":{"valueType":"string","config":{"indexed":true}},
    "priority":{"valueType":"number","config":{"indexed":true}}}}}}"#;
const GET: &str = r#"{"query":{"todos":{"$":{"where":{"id":"00000000-0000-0000-0000-000000000007"}}}}}"#;
const RANGE: &str =
    r#"{"query":{"todos":{"$":{"where":{"priority":{"$gt":500}},"order":{"priority":"asc"},"limit":20}}}}"#;
/// Examines all 2,000 rows and finds none.
const SEARCH: &str = r#"{"query":{"todos":{"$":{"where":{"title":{"$like":"%nothing"}}}}}}"#;
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// The time of each measurement.
const TIME: Duration = Duration::from_secs(2);

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let directory = tempfile::tempdir()?;
    let file =
        |durability| OpenOptions::from(durability).open_dir(directory.path().join(format!("{durability:?}")));
    for (store, local, reads, writes_a_second) in [
        ("memory", Local::in_memory(), true, 12_000.0),
        ("relaxed", file(Durability::Relaxed)?, false, 10_000.0),
        ("durable", file(Durability::Immediate)?, true, 4_000.0),
    ] {
        let server = Server::start(&runtime, &local)?;
        for (what, query, least) in [
            ("get by id", GET, Some(35_000.0)),
            ("ordered range of 20", RANGE, Some(15_000.0)),
            ("search in 2,000 titles", SEARCH, None),
        ]
        .into_iter()
        .filter(|_| reads)
        {
            let body = || query.to_owned();
            let length = server.converse_once("/admin/query", query)?;
            let bare = Server { address: bare::serve(&runtime, length)?, ..server.clone() };
            for connections in CONNECTIONS {
                let ours = server.rate(connections, "/admin/query", &body)?;
                let peer = bare.rate(connections, "/admin/query", &body)?;
                let measurement = Measurement::new(label(store, what, connections), Rate(ours))
                    .peer("bare hyper", Rate(peer));
                results.add(with_goal(measurement, connections, least));
            }
        }
        let row = || {
            let id = Uuid::new_v4();
            format!(r#"{{"steps":[["update","todos","{id}",{{"title":"w","priority":1}}]]}}"#)
        };
        for connections in CONNECTIONS {
            let rate = server.rate(connections, "/admin/transact", &row)?;
            let measurement = Measurement::new(label(store, "write of 1 row", connections), Rate(rate));
            results.add(with_goal(measurement, connections, Some(writes_a_second)));
        }
    }
    Ok(())
}

fn label(store: &str, what: &str, connections: usize) -> String {
    format!("{store}: {what}, {connections} connection{}", if connections == 1 { "" } else { "s" })
}

/// Adds the least rate, which is for 64 connections.
fn with_goal(measurement: Measurement, connections: usize, least: Option<f64>) -> Measurement {
    match least {
        Some(least) if connections == 64 => measurement.budget(Budget::AtLeast(Rate(least))),
        _ => measurement,
    }
}

#[derive(Clone)]
struct Server {
    address: SocketAddr,
    app: AppCredentials,
}

impl Server {
    /// Serves an app of 2,000 rows until the process ends.
    fn start(runtime: &Runtime, local: &Local) -> Result<Self, Box<dyn Error>> {
        let app = local.create_app_with("bench", &Schema::parse(&Value::parse(SCHEMA)?)?, None)?;
        let direct = local.engine(app.id).ok_or("the app is gone")?;
        let row = |number: u128| {
            let id = Uuid::from_u128(number);
            format!(r#"["update","todos","{id}",{{"title":"Todo {number}","priority":{}}}]"#, number % 1000)
        };
        let steps = Vec::from_iter((0..2000).map(row)).join(",");
        direct.transact(&Value::parse(&format!("[{steps}]"))?)?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let local = local.clone();
        runtime.spawn(async move { local.serve(listener, std::future::pending()).await });
        Ok(Self { address, app })
    }

    /// Sends one request and returns the length of the response body.
    fn converse_once(&self, path: &str, body: &str) -> std::io::Result<usize> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.write_all(self.request(path, body).as_bytes())?;
        read_response(&mut BufReader::new(stream))
    }

    /// Measures the requests per second.
    fn rate(
        &self,
        connections: usize,
        path: &str,
        body: &(dyn Fn() -> String + Sync),
    ) -> Result<f64, Box<dyn Error>> {
        let (count, done) = (AtomicU32::new(0), AtomicBool::new(false));
        let begun = Instant::now();
        let converse = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            let mut responses = BufReader::new(stream.try_clone()?);
            while !done.load(Ordering::Relaxed) {
                stream.write_all(self.request(path, &body()).as_bytes())?;
                read_response(&mut responses)?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        thread::scope(|scope| {
            let clients = Vec::from_iter((0..connections).map(|_| scope.spawn(converse)));
            // The end of a client unparks this thread as well.
            while let Some(left) = TIME.checked_sub(begun.elapsed()) {
                thread::park_timeout(left);
            }
            done.store(true, Ordering::Relaxed);
            let rate = f64::from(count.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64();
            for client in clients {
                client.join().map_err(|_| "a client panicked")??;
            }
            Ok::<_, Box<dyn Error>>(rate)
        })
    }

    fn request(&self, path: &str, body: &str) -> String {
        let (id, token, length) = (self.app.id, self.app.admin_token, body.len());
        format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\napp-id: {id}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }
}

/// Reads one response, which has to be successful, and returns the length of its body.
fn read_response(responses: &mut impl BufRead) -> std::io::Result<usize> {
    let (mut line, mut length) = (String::new(), 0);
    responses.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(std::io::Error::other(format!("unexpected response {}", line.trim())));
    }
    loop {
        line.clear();
        responses.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    responses.read_exact(&mut body)?;
    Ok(length)
}
