//! Acknowledged transactions survive `kill -9`, and no transaction is stored in part.
//!
//! Several clients write pairs of linked entities, one transaction each, to `instant dev` on a file.
//! The server is killed after a number of acknowledgements that differs in each round, and started
//! again on the same file. `INSTANT_CRASH_ROUNDS` sets the number of rounds; the default is 4.

mod common;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use common::Dev;
use instant_core::{Uuid, Value};

const CLIENTS: usize = 4;

#[test]
fn acknowledged_transactions_survive_being_killed() {
    let rounds = std::env::var("INSTANT_CRASH_ROUNDS").map_or(4, |rounds| rounds.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--port", "0", "--dir", directory.path().to_str().unwrap()];
    let mut acknowledged = HashSet::new();
    let mut moments = 0x9e37_79b9_u64;
    for round in 0..rounds {
        assert_intact(directory.path(), round);
        let mut dev = Dev::start(&arguments);
        check(&dev, &acknowledged, round);
        // A fixed generator, so that a failure can be reproduced.
        moments = moments.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = (moments >> 33) as usize % 120;
        acknowledged.extend(write_until(&mut dev, moment));
    }
    assert_intact(directory.path(), rounds);
    check(&Dev::start(&arguments), &acknowledged, rounds);
    assert!(
        acknowledged.len() > rounds,
        "expected more than one acknowledged transaction per round, got {}",
        acknowledged.len()
    );
}

/// Writes from several clients, kills the server at the `moment`-th acknowledgement, and returns the
/// acknowledged ids.
fn write_until(dev: &mut Dev, moment: usize) -> Vec<Uuid> {
    let count = AtomicUsize::new(0);
    let process = dev.child.id().to_string();
    let server = &*dev;
    let acknowledged = thread::scope(|scope| {
        let client = || {
            let mut acknowledged = Vec::new();
            loop {
                let left = Uuid::new_v4();
                match server.try_request("POST", "/admin/transact", &pair(left)) {
                    Ok((200, _)) => acknowledged.push(left),
                    Ok((status, body)) => panic!("{status} {body}"),
                    Err(_) => return acknowledged,
                }
                if count.fetch_add(1, Ordering::Relaxed) == moment {
                    kill(&process);
                }
            }
        };
        let clients = Vec::from_iter((0..CLIENTS).map(|_| scope.spawn(client)));
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    dev.child.wait().unwrap();
    acknowledged
}

/// Asserts that `instant check` finds no problems.
fn assert_intact(directory: &Path, round: usize) {
    let check = Command::new(env!("CARGO_BIN_EXE_instant")).arg("check").arg(directory).output().unwrap();
    assert!(check.status.success(), "round {round}: {check:?}");
}

/// Sends SIGKILL by a program, since `Child::kill` needs exclusive access to the child.
fn kill(process: &str) {
    assert!(Command::new("kill").args(["-9", process]).status().unwrap().success());
}

/// Returns steps that create two linked entities, each with an indexed and a unique value.
fn pair(left: Uuid) -> String {
    let right = Uuid::new_v4();
    format!(
        r#"{{"steps":[["update","left","{left}",{{"of":"{right}"}}],["update","right",["of","{left}"],{{"note":"right"}}],
           ["link","left","{left}",{{"right":[["of","{left}"]]}}]]}}"#
    )
}

/// Asserts that every acknowledged entity is stored, and that every stored entity has its partner.
fn check(dev: &Dev, acknowledged: &HashSet<Uuid>, round: usize) {
    let query = r#"{"query":{"left":{"right":{}},"right":{}}}"#;
    let (status, body) = dev.request("POST", "/admin/query", query);
    assert_eq!(status, 200, "{body}");
    let answer = Value::parse(&body).unwrap();
    let rows = |namespace: &str| answer.get(namespace).and_then(Value::as_array).unwrap_or_default();
    let id = |value: &Value| value.as_str().and_then(|text| text.parse::<Uuid>().ok());
    let rights: HashMap<_, _> = rows("right")
        .iter()
        .map(|right| (right.get("of").and_then(id), right.get("id").and_then(id)))
        .collect();
    let mut lefts = HashSet::new();
    for left in rows("left") {
        let left_id = left.get("id").and_then(id);
        let linked = left.get("right").and_then(Value::as_array).unwrap_or_default();
        let linked = Vec::from_iter(linked.iter().map(|right| right.get("id").and_then(id)));
        assert_eq!(
            rights.get(&left_id).map(|right| vec![*right]),
            Some(linked),
            "round {round}: {left} is there by half"
        );
        lefts.extend(left_id);
    }
    assert_eq!(lefts.len(), rights.len(), "round {round}: there are right halves without a left one");
    let lost = Vec::from_iter(acknowledged.difference(&lefts));
    assert!(lost.is_empty(), "round {round}: acknowledged and lost: {lost:?}");
}
