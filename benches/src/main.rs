//! Measurements, each beside a peer in the same run or beside its budget. Build with `--release`.
//!
//! `cargo run --release -p instant-benches` prints all; a name after `--` prints one group.

mod calls;
mod client;
mod compile;
mod data;
mod decode;
mod embedded;
mod engine;
mod measure;
mod peers;
mod rules;
mod served;
mod stub;

use std::error::Error;

type Group = (&'static str, fn() -> Result<(), Box<dyn Error>>);

const GROUPS: [Group; 8] = [
    ("client", client::run),
    ("peers", peers::run),
    ("decode", decode::run),
    ("embedded", embedded::run),
    ("engine", engine::run),
    ("rules", rules::run),
    ("served", served::run),
    ("compile", compile::run),
];

fn main() -> Result<(), Box<dyn Error>> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let Some((peers::CLIENT, arguments)) = wanted.split_first().map(|(first, rest)| (first.as_str(), rest))
    {
        return peers::be_client(arguments);
    }
    // What is measured of the compiler does not depend on how this program was built.
    if cfg!(debug_assertions) && wanted != ["compile"] {
        println!("This build is not optimized; for figures that mean something, add --release.");
    }
    if let Some(unknown) = wanted.iter().find(|name| GROUPS.iter().all(|(known, _)| known != name)) {
        let known = GROUPS.map(|(name, _)| name).join(", ");
        return Err(format!("there is no group {unknown:?}; the groups are {known}").into());
    }
    for (name, run) in GROUPS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            run()?;
        }
    }
    Ok(())
}
