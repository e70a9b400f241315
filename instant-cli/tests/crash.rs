//! A program that breaks `instant dev` in the middle of writes: it kills the server, fills the disk,
//! and damages files.
//!
//! Several clients write pairs of linked entities over HTTP, one transaction each. Afterwards every
//! acknowledged transaction must be stored, or counted as lost by a relaxed server, none in part,
//! and `instant check` must find nothing. A damaged file must be rejected, or have all rows.
//!
//! `cargo test -p instant-cli --test crash -- --rounds 100` runs more rounds than the default of 3.
//! `--seed N` repeats other random choices.
#![cfg_attr(not(unix), allow(dead_code))]

mod common;

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use common::{Dev, command};
use instant_core::{Uuid, Value};

const CLIENTS: usize = 4;

fn main() {
    let arguments = Vec::from_iter(std::env::args().skip(1));
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        Some(arguments.get(at + 1)?.parse::<u64>().expect("a number"))
    };
    if arguments.iter().any(|argument| argument == "--list") || cfg!(not(unix)) {
        return;
    }
    let rounds = value("--rounds").unwrap_or(3);
    let mut random = Random(value("--seed").unwrap_or(0x9e37_79b9));
    kill_rounds(rounds, &mut random);
    for durability in [&[][..], &["--relaxed"]] {
        (0..rounds).for_each(|round| full_disk_round(round, durability, &mut random));
    }
    damage_rounds(rounds * 4, &mut random);
}

/// A fixed generator, so that a failure can be reproduced.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

/// Kills the server after a random number of acknowledged transactions, again and again on the same
/// file.
fn kill_rounds(rounds: u64, random: &mut Random) {
    let directory = tempfile::tempdir().unwrap();
    let arguments = arguments(directory.path(), &[]);
    let mut acknowledged = HashSet::new();
    for round in 0..rounds {
        let mut dev = Dev::start(&arguments);
        let moment = random.below(120);
        let (written, _) = write_until(&dev, |process, count| {
            if count == moment {
                signal(process, "-9");
            }
        });
        dev.child.wait().unwrap();
        acknowledged.extend(written);
        assert_intact(directory.path(), &format!("kill round {round}"));
        let stored = stored(&Dev::start(&arguments), &format!("kill round {round}"));
        let lost = acknowledged.difference(&stored).count();
        assert_eq!(lost, 0, "kill round {round}: acknowledged and lost");
    }
    assert!(acknowledged.len() as u64 > rounds, "{} acknowledged in {rounds} rounds", acknowledged.len());
    println!("kill: {rounds} rounds, {} acknowledged transactions, none lost", acknowledged.len());
}

/// Writes until the file reaches a random size limit, which stands for a full disk, and stops the
/// server.
fn full_disk_round(round: u64, durability: &[&str], random: &mut Random) {
    let name = format!("full disk round {round} {durability:?}");
    let directory = tempfile::tempdir().unwrap();
    let arguments = arguments(directory.path(), durability);
    drop(Dev::start(&arguments));
    let blocks = 3_000 + random.below(3_000);
    let script =
        format!("trap '' XFSZ; ulimit -f {blocks}; exec '{}' dev \"$@\"", env!("CARGO_BIN_EXE_instant"));
    let mut limited = Command::new("sh");
    limited.args(["-c", &script, "sh"]).args(&arguments).stderr(Stdio::piped());
    let mut dev = Dev::start_command(limited);
    let (acknowledged, rejected) = write_until(&dev, |_, _| ());
    signal(&dev.child.id().to_string(), "-15");
    let mut errors = String::new();
    dev.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    let status = dev.child.wait().unwrap();
    let counted = errors.split_once("the last ").and_then(|(_, rest)| rest.split_once(" acknowledged"));
    let counted = counted.map_or(0, |(count, _)| count.parse::<usize>().unwrap());
    assert_eq!(status.code(), Some(1), "{name}: {errors}");
    assert!(rejected > 0 && errors.contains("failed to write `"), "{name}: {errors}");
    assert_intact(directory.path(), &name);
    let stored = stored(&Dev::start(&arguments), &name);
    let lost = acknowledged.iter().filter(|id| !stored.contains(id)).count();
    assert!(
        lost <= counted && (lost == 0 || !durability.is_empty()),
        "{name}: {lost} lost, {counted} counted"
    );
    println!("{name}: {} acknowledged, {lost} lost, {counted} counted", acknowledged.len());
}

/// Changes a bit of a file, or cuts its end off, and serves it.
fn damage_rounds(rounds: u64, random: &mut Random) {
    let directory = tempfile::tempdir().unwrap();
    let arguments = arguments(directory.path(), &[]);
    let mut dev = Dev::start(&arguments);
    write_until(&dev, |process, count| {
        if count == 60 {
            signal(process, "-15");
        }
    });
    dev.child.wait().unwrap();
    let file = app_file(directory.path());
    let intact = fs::read(&file).unwrap();
    let rows = stored(&Dev::start(&arguments), "before damage");
    let (mut rejected, mut read_errors, mut silent) = (0, 0, 0);
    for round in 0..rounds {
        let mut damaged = intact.clone();
        let place = match round % 5 {
            0 => {
                damaged.truncate(random.below(intact.len()).max(1));
                format!("cut to {}", damaged.len())
            }
            _ => {
                let (at, bit) = (random.below(intact.len()), random.below(8));
                damaged[at] ^= 1 << bit;
                format!("bit {bit} of {at} flipped")
            }
        };
        fs::write(&file, &damaged).unwrap();
        let check = check(directory.path());
        assert!(!panicked(&check.stderr), "{place}: {check:?}");
        let verified = serve(&arguments);
        match &verified {
            None => rejected += 1,
            // Verifying finds damage; what it does not find is no damage.
            Some(found) => assert!(found.as_ref() == Ok(&rows), "{place}: served with other rows"),
        }
        fs::write(&file, &damaged).unwrap();
        match serve(&[&arguments[..], &["--verify", "0"]].concat()) {
            None => {}
            Some(Err(())) => read_errors += 1,
            Some(Ok(found)) if found == rows => {}
            Some(Ok(_)) => {
                silent += 1;
                assert!(!check.status.success() && verified.is_none(), "{place}: only reading shows it");
            }
        }
    }
    println!(
        "damage: {rounds} files, {rejected} rejected at open; without verification {read_errors} with errors, \
         {silent} with other rows"
    );
}

/// Serves a file that may be damaged. Returns `None` if the server rejects it, and the stored
/// entities or an error otherwise.
fn serve(arguments: &[&str]) -> Option<Result<HashSet<Uuid>, ()>> {
    let mut command = command(arguments);
    command.stderr(Stdio::piped());
    let mut dev = match Dev::try_start(command) {
        Ok(dev) => dev,
        Err(output) => {
            assert!(output.status.code() == Some(1) && !panicked(&output.stderr), "{output:?}");
            return None;
        }
    };
    let (status, body) = dev.request("POST", "/admin/query", QUERY);
    dev.child.kill().unwrap();
    let mut errors = Vec::new();
    dev.child.stderr.take().unwrap().read_to_end(&mut errors).unwrap();
    assert!(!panicked(&errors), "{}", String::from_utf8_lossy(&errors));
    Some(if status == 200 { Ok(pairs(&body).0) } else { Err(()) })
}

fn panicked(errors: &[u8]) -> bool {
    String::from_utf8_lossy(errors).contains("panicked")
}

fn arguments<'a>(directory: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    [&["--port", "0", "--dir", directory.to_str().unwrap()], more].concat()
}

fn app_file(directory: &Path) -> PathBuf {
    let mut paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.find(|path| path.extension().is_some_and(|extension| extension == "instant")).unwrap()
}

/// Writes from several clients until the server stops or rejects a write because of its disk. Calls
/// `acknowledged` with the server's process and the number of each acknowledged transaction. Returns
/// their ids and the number of rejected ones.
fn write_until(dev: &Dev, acknowledged: impl Fn(&str, usize) + Sync) -> (Vec<Uuid>, usize) {
    let count = AtomicUsize::new(0);
    let process = dev.child.id().to_string();
    let client = || {
        let mut written = Vec::new();
        loop {
            let left = Uuid::new_v4();
            match dev.try_request("POST", "/admin/transact", &pair(left)) {
                Ok((200, _)) => written.push(left),
                Ok((500, body)) if body.contains("storage-failed") => return (written, 1),
                Ok((status, body)) => panic!("{status} {body}"),
                Err(_) => return (written, 0),
            }
            acknowledged(&process, count.fetch_add(1, Ordering::Relaxed));
        }
    };
    thread::scope(|scope| {
        let clients = Vec::from_iter((0..CLIENTS).map(|_| scope.spawn(client)));
        clients.into_iter().map(|client| client.join().unwrap()).fold(
            (Vec::new(), 0),
            |mut all, (ids, rejected)| {
                all.0.extend(ids);
                (all.0, all.1 + rejected)
            },
        )
    })
}

fn check(directory: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_instant")).arg("check").arg(directory).output().unwrap()
}

/// Asserts that `instant check` finds no problems.
fn assert_intact(directory: &Path, name: &str) {
    let check = check(directory);
    assert!(check.status.success(), "{name}: {check:?}");
}

/// Sends a signal by a program, since `Child::kill` needs exclusive access to the child.
fn signal(process: &str, signal: &str) {
    assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
}

/// Returns steps that create two linked entities, each with an indexed and a unique value.
fn pair(left: Uuid) -> String {
    let right = Uuid::new_v4();
    format!(
        r#"{{"steps":[["update","left","{left}",{{"of":"{right}"}}],["update","right",["of","{left}"],{{"note":"{}"}}],
           ["link","left","{left}",{{"right":[["of","{left}"]]}}]]}}"#,
        "right ".repeat(400)
    )
}

const QUERY: &str = r#"{"query":{"left":{"right":{}},"right":{"$":{"fields":["of"]}}}}"#;

/// Returns the stored entities, after asserting that each has its partner.
fn stored(dev: &Dev, name: &str) -> HashSet<Uuid> {
    let (status, body) = dev.request("POST", "/admin/query", QUERY);
    assert_eq!(status, 200, "{name}: {body}");
    let (lefts, halves) = pairs(&body);
    assert_eq!(halves, Vec::<String>::new(), "{name}");
    lefts
}

/// Returns the ids on the left of a response, and the halves of pairs without the other half.
fn pairs(body: &str) -> (HashSet<Uuid>, Vec<String>) {
    let response = Value::parse(body).unwrap();
    let rows = |namespace: &str| response.get(namespace).and_then(Value::as_array).unwrap_or_default();
    let id = |value: &Value| value.as_str().and_then(|text| text.parse::<Uuid>().ok());
    let rights: HashMap<_, _> = rows("right")
        .iter()
        .map(|right| (right.get("of").and_then(id), right.get("id").and_then(id)))
        .collect();
    let (mut lefts, mut halves) = (HashSet::new(), Vec::new());
    for left in rows("left") {
        let left_id = left.get("id").and_then(id);
        let linked = left.get("right").and_then(Value::as_array).unwrap_or_default();
        let linked = Vec::from_iter(linked.iter().map(|right| right.get("id").and_then(id)));
        if rights.get(&left_id).map(|right| vec![*right]) != Some(linked) {
            halves.push(format!("{left} is stored in part"));
        }
        lefts.extend(left_id);
    }
    if lefts.len() != rights.len() {
        halves.push(format!("{} left halves, {} right ones", lefts.len(), rights.len()));
    }
    (lefts, halves)
}
