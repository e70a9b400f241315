//! Measurements, each compared with a peer in the same run or with its budget. Build with
//! `--release`.
//!
//! `cargo run --release -p instant-benches` prints all, the name of a group after `--` prints that
//! group, and `report` prints all and writes `docs/benchmarks.md`.

mod bare;
mod calls;
mod client;
mod compile;
mod data;
mod decode;
mod embedded;
mod engine;
mod measure;
mod peers;
mod report;
mod rules;
mod served;
mod stub;

use std::error::Error;

use measure::Results;

/// Measurements that share their data and their method.
struct Group {
    name: &'static str,
    title: &'static str,
    method: &'static str,
    run: fn(&mut Results) -> Result<(), Box<dyn Error>>,
}

const GROUPS: [Group; 8] = [
    Group {
        name: "client",
        title: "The network client",
        method: "Processor time of the thread that sends a query for 10 rows and decodes them. The server is a stub on loopback that \
                 sends the same response each time. Least of 9 runs of 400 calls.",
        run: client::run,
    },
    Group {
        name: "peers",
        title: "The network client beside Instant's SDKs",
        method: "Each client is a process of its own that queries 10 rows from the same stub on loopback. Processor time is that of all \
                 its threads. Least of 12 rounds, the clients in turns. The SDKs for JavaScript and Python are included if \
                 `tests/peers/run` has installed them.",
        run: peers::run,
    },
    Group {
        name: "decode",
        title: "Decoding",
        method: "A response is decoded to rows with a nested link, and by `serde_json` to structs with derived `Deserialize`, in turns. \
                 Least of 21 runs of 20 calls.",
        run: decode::run,
    },
    Group {
        name: "embedded",
        title: "The embedded backend through the client",
        method: "From the query builder to the decoded row, within the process, in an app of 1,000 goals with a todo each. Least of 7 \
                 runs of 500 calls.",
        run: embedded::run,
    },
    Group {
        name: "engine",
        title: "The engine",
        method: "Queries and transactions without client and HTTP, on 10,000 goals, 100,000 todos and 1,000 owners, in memory, in a \
                 file with each commit synced (`file`, `durable`), and in a file that is synced in the background (`relaxed`). Least of \
                 5 to 7 runs. The peer of a durable write is an append of 4 KiB to a file in the same directory with `fdatasync`.",
        run: engine::run,
    },
    Group {
        name: "rules",
        title: "Permission rules",
        method: "The same work of a user with and without a rule that allows everything; the difference per row. Least of 9 runs.",
        run: rules::run,
    },
    Group {
        name: "served",
        title: "HTTP",
        method: "Requests over 1, 16 and 64 kept-alive connections on loopback, on an app of 2,000 rows, for 2 seconds each. The load \
                 generator is a blocking thread per connection in the same process, on the same cores. The peer is a bare `hyper` \
                 server that reads the request and sends a constant body of the same length. Writes have no peer.",
        run: served::run,
    },
    Group {
        name: "compile",
        title: "What the derive costs the compiler",
        method: "`cargo check` of one crate after a change, the dependencies checked before. Least of 3 runs, in turns.",
        run: compile::run,
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((peers::CLIENT, arguments)) =
        arguments.split_first().map(|(first, rest)| (first.as_str(), rest))
    {
        return peers::be_client(arguments);
    }
    let report = arguments == ["report"];
    // What the compiler costs does not depend on the build of this program.
    if cfg!(debug_assertions) && arguments != ["compile"] {
        if report {
            return Err("this build is not optimized; a report needs --release".into());
        }
        println!("This build is not optimized; for meaningful figures add --release.");
    }
    let wanted =
        |group: &Group| report || arguments.is_empty() || arguments.iter().any(|name| name == group.name);
    if let Some(unknown) =
        arguments.iter().find(|name| !report && GROUPS.iter().all(|group| group.name != **name))
    {
        let known = GROUPS.map(|group| group.name).join(", ");
        return Err(format!("unknown group {unknown:?}; the groups are {known}; `report` runs all").into());
    }
    let mut results = Results::default();
    for group in GROUPS.iter().filter(|group| wanted(group)) {
        results.begin(group.name);
        (group.run)(&mut results)?;
    }
    if report { report::write(&results) } else { Ok(()) }
}
