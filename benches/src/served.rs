//! The embedded backend over HTTP on loopback: requests a second over 1, 16 and 64 kept-alive connections.
//!
//! The clients are plain sockets in this process, on the same cores. What is printed beside each figure is the goal for 64
//! connections, and what PocketBase and the real server do there.

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
use instant_local::{AppCredentials, Durability, Local};
use tokio::{net::TcpListener, runtime::Runtime};

const SCHEMA: &str = r#"{"entities":{"todos":{"attrs":{"title":{"valueType":"string","config":{"indexed":true}},
    "priority":{"valueType":"number","config":{"indexed":true}}}}}}"#;
const GET: &str = r#"{"query":{"todos":{"$":{"where":{"id":"00000000-0000-0000-0000-000000000007"}}}}}"#;
const RANGE: &str =
    r#"{"query":{"todos":{"$":{"where":{"priority":{"$gt":500}},"order":{"priority":"asc"},"limit":20}}}}"#;
/// Looks at all 2,000 rows, and finds none.
const SEARCH: &str = r#"{"query":{"todos":{"$":{"where":{"title":{"$like":"%nothing"}}}}}}"#;
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// How long each figure is measured.
const TIME: Duration = Duration::from_secs(2);

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let directory = tempfile::tempdir()?;
    let file =
        |durability| Local::open_dir_with(directory.path().join(format!("{durability:?}")), durability);
    for (store, local, reads, goal) in [
        ("memory", Local::in_memory(), true, "12,000"),
        ("relaxed", file(Durability::Relaxed)?, false, "10,000"),
        ("durable", file(Durability::Immediate)?, true, "4,000"),
    ] {
        let server = Server::start(&runtime, &local)?;
        if reads {
            let goal = "35,000; PocketBase 7,600, the real server 735";
            server.measure(&format!("{store}: get by id"), "/admin/query", &|| GET.to_owned(), goal)?;
            let goal = "15,000; PocketBase 3,400, the real server 170";
            server.measure(
                &format!("{store}: ordered range of 20"),
                "/admin/query",
                &|| RANGE.to_owned(),
                goal,
            )?;
            let what = format!("{store}: search in 2,000 titles");
            server.measure(&what, "/admin/query", &|| SEARCH.to_owned(), "none")?;
        }
        let row = || {
            let id = Uuid::new_v4();
            format!(r#"{{"steps":[["update","todos","{id}",{{"title":"w","priority":1}}]]}}"#)
        };
        let goal = format!("{goal}; PocketBase 3,900 relaxed, the real server 170");
        server.measure(&format!("{store}: write of 1 row"), "/admin/transact", &row, &goal)?;
    }
    Ok(())
}

struct Server {
    address: SocketAddr,
    app: AppCredentials,
}

impl Server {
    /// Serves an app with 2,000 rows until the process ends.
    fn start(runtime: &Runtime, local: &Local) -> Result<Self, Box<dyn Error>> {
        let app = local.create_app_with("bench", &Schema::parse(&Value::parse(SCHEMA)?)?, None)?;
        let direct = local.direct(app.id).ok_or("the app is gone")?;
        let row = |number: u128| {
            let id = Uuid::from_u128(number);
            format!(r#"["update","todos","{id}",{{"title":"Todo {number}","priority":{}}}]"#, number % 1000)
        };
        let steps = Vec::from_iter((0..2000).map(row)).join(",");
        direct.run_steps(&Value::parse(&format!("[{steps}]"))?)?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let local = local.clone();
        runtime.spawn(async move { local.serve(listener, std::future::pending()).await });
        Ok(Self { address, app })
    }

    fn measure(
        &self,
        what: &str,
        path: &str,
        body: &(dyn Fn() -> String + Sync),
        goal: &str,
    ) -> Result<(), Box<dyn Error>> {
        let mut rates = Vec::new();
        for connections in CONNECTIONS {
            rates.push(format!("{connections}: {}/s", self.rate(connections, path, body)?));
        }
        println!("{what:36} {} | goal {goal}", rates.join(", "));
        Ok(())
    }

    /// Requests a second.
    fn rate(
        &self,
        connections: usize,
        path: &str,
        body: &(dyn Fn() -> String + Sync),
    ) -> Result<u32, Box<dyn Error>> {
        let (count, done) = (AtomicU32::new(0), AtomicBool::new(false));
        let begun = Instant::now();
        let converse = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            let mut answers = BufReader::new(stream.try_clone()?);
            while !done.load(Ordering::Relaxed) {
                stream.write_all(self.request(path, &body()).as_bytes())?;
                read_answer(&mut answers)?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        };
        let outcome = thread::scope(|scope| {
            let clients = Vec::from_iter((0..connections).map(|_| scope.spawn(converse)));
            // A client that ends unparks this thread, too.
            while let Some(left) = TIME.checked_sub(begun.elapsed()) {
                thread::park_timeout(left);
            }
            done.store(true, Ordering::Relaxed);
            let rate = f64::from(count.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64();
            for client in clients {
                client.join().map_err(|_| "a client panicked")??;
            }
            Ok::<_, Box<dyn Error>>(rate)
        });
        Ok(outcome? as u32)
    }

    fn request(&self, path: &str, body: &str) -> String {
        let (id, token, length) = (self.app.id, self.app.admin_token, body.len());
        format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\napp-id: {id}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }
}

/// Reads one answer, which must be a good one.
fn read_answer(answers: &mut impl BufRead) -> std::io::Result<()> {
    let (mut line, mut length) = (String::new(), 0);
    answers.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(std::io::Error::other(format!("answered {}", line.trim())));
    }
    loop {
        line.clear();
        answers.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    answers.read_exact(&mut body)
}
