//! Tests of both kinds of store, and of files.

mod closing;
mod files;
mod limited;
mod random;
mod reading;
mod writers;

use std::path::Path;

use tempfile::TempDir;

use super::{Direction, Durability, Snapshot, Store, StoreError, range::Range};

/// Runs a check on an empty store of each kind.
fn on_every_store(check: impl Fn(&str, Store)) {
    let directory = directory();
    let open = |name: &str, durability| open(&directory.path().join(name), durability);
    check("memory", Store::in_memory());
    check("fork of memory", Store::in_memory().fork());
    check("durable file", open("durable", Durability::Immediate));
    check("relaxed file", open("relaxed", Durability::Relaxed));
    check("fork of a file", open("forked", Durability::Immediate).fork());
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory for temporary files")
}

fn open(path: &Path, durability: Durability) -> Store {
    Store::open(path, durability).expect("the file opens")
}

/// Sets the keys that have a value, and removes those that have none, in one write.
fn put(store: &Store, changes: &[(&str, Option<&str>)]) {
    store
        .write(|transaction| {
            for (key, value) in changes {
                match value {
                    Some(value) => transaction.insert(key.as_bytes(), value.as_bytes()),
                    None => transaction.remove(key.as_bytes()),
                }
            }
            Ok::<_, StoreError>(())
        })
        .expect("the write succeeds");
}

fn get(snapshot: &Snapshot, key: &str) -> Option<String> {
    snapshot.get(key.as_bytes()).expect("the key is read").map(|value| value.escape_ascii().to_string())
}

/// Returns all entries, as `a=1 b=2`.
fn dump(snapshot: &Snapshot) -> String {
    list(snapshot.scan(b"", Direction::Ascending))
}

fn list(range: Result<Range<'_>, StoreError>) -> String {
    let entries = range.expect("the range begins").map(|entry| {
        let (key, value) = entry.expect("the entry is read");
        format!("{}={}", key.escape_ascii(), value.escape_ascii())
    });
    entries.collect::<Vec<_>>().join(" ")
}
