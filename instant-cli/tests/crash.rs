//! What was acknowledged is there after `kill -9`, and nothing is there by half.
//!
//! Several clients write pairs of linked entities, one transaction each, to `instant dev` on a
//! file; it is killed at moments that differ from round to round, and started again on the same
//! file. `INSTANT_CRASH_ROUNDS` says how often; a few times by default.

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
        agrees_with_itself(directory.path(), round);
        let mut dev = Dev::start(&arguments);
        check(&dev, &acknowledged, round);
        // A generator of its own, so that a failing series of moments can be repeated.
        moments = moments.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = (moments >> 33) as usize % 120;
        acknowledged.extend(write_until(&mut dev, moment));
    }
    agrees_with_itself(directory.path(), rounds);
    check(&Dev::start(&arguments), &acknowledged, rounds);
    assert!(acknowledged.len() > rounds, "too little was written to prove anything: {}", acknowledged.len());
}

/// Writes from several clients at once, kills the server at the `moment`-th acknowledgement, and
/// returns what was acknowledged.
fn write_until(dev: &mut Dev, moment: usize) -> Vec<Uuid> {
    let count = AtomicUsize::new(0);
    let process = dev.child.id().to_string();
    let server = &*dev;
    let acknowledged = thread::scope(|scope| {
        let client = || {
            let mut acknowledged = Vec::new();
            loop {
                let left = Uuid::new_v4();
                match server.ask("POST", "/admin/transact", &pair(left)) {
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

/// `instant check` finds documents, indexes and links in agreement.
fn agrees_with_itself(directory: &Path, round: usize) {
    let check = Command::new(env!("CARGO_BIN_EXE_instant")).arg("check").arg(directory).output().unwrap();
    assert!(check.status.success(), "round {round}: {check:?}");
}

/// SIGKILL, from a program of its own, because `Child::kill` wants the child for itself.
fn kill(process: &str) {
    assert!(Command::new("kill").args(["-9", process]).status().unwrap().success());
}

/// Two entities, each with an indexed and a unique value, and the link between them.
fn pair(left: Uuid) -> String {
    let right = Uuid::new_v4();
    format!(
        r#"{{"steps":[["update","left","{left}",{{"of":"{right}"}}],["update","right",["of","{left}"],{{"note":"right"}}],
           ["link","left","{left}",{{"right":[["of","{left}"]]}}]]}}"#
    )
}

/// Everything acknowledged is there with its other half, and so is everything else that is there.
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
