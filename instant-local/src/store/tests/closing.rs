//! Tests of flushing and closing a store, on disks that work and disks that fail.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::limited::Limited;
use super::*;
use crate::store::file::File;

/// Opens a store on a disk that is full when `room` is 0.
fn limited(path: &Path, durability: Durability) -> (Store, Arc<AtomicU64>) {
    let room = Arc::new(AtomicU64::new(u64::MAX));
    let opened = File::open(path, durability, |file| Box::new(Limited::new(file, &room)));
    let (file, view) = opened.expect("the file opens");
    (Store::new(Snapshot::of_file(view), Some(file)), room)
}

/// Writes 60 keys of 10 KB; the disk is full when a number of them are written, in between them
/// possibly flushed. Every acknowledged write that the reopened file lacks is in the count of the
/// error.
#[test]
fn closing_a_full_disk_counts_the_acknowledged_writes_that_are_lost() {
    let (mut lost, mut kept) = (0, 0);
    for (full_after, flush_after, size) in [
        (0, 0, 10),
        (1, 0, 10),
        (40, 20, 10),
        (59, 0, 10_000),
        (60, 50, 10_000),
        (60, 60, 10),
        (30, 29, 100_000),
    ] {
        let case = format!("full after {full_after}, flushed after {flush_after}, {size} bytes");
        let directory = directory();
        let path = directory.path().join("data");
        let (store, room) = limited(&path, Durability::Relaxed);
        let mut acknowledged = 0;
        for number in 0..60 {
            if number == full_after {
                room.store(0, Ordering::Relaxed);
            }
            match insert(&store, number, size) {
                Ok(()) => acknowledged += 1,
                Err(error) => assert!(number >= full_after && error.is_full(), "{case}: {error}"),
            }
            if number + 1 == flush_after {
                store.flush().expect("there is room");
            }
        }
        room.store(0, Ordering::Relaxed);
        let unsynced = match store.close() {
            Ok(()) => 0,
            Err(error) => {
                assert!(error.is_full(), "{case}: {error}");
                error.unsynced_writes()
            }
        };
        let reopened = open(&path, Durability::Relaxed).snapshot();
        let found = reopened.scan(b"", Direction::Ascending).expect("the range begins").count() as u64;
        assert_eq!(found + unsynced, acknowledged, "{case}: {found} found");
        (lost, kept) = (lost + unsynced, kept + found);
    }
    assert!(lost > 20 && kept > 100, "{lost} lost, {kept} kept");
}

fn insert(store: &Store, number: usize, size: usize) -> Result<(), StoreError> {
    store.write(|transaction| {
        transaction.insert(format!("{number:02}").as_bytes(), &vec![b'v'; size]);
        Ok(())
    })
}

#[test]
fn failed_flush_names_the_file_the_count_and_the_cause() {
    let directory = directory();
    let path = directory.path().join("data");
    let (store, room) = limited(&path, Durability::Relaxed);
    for number in 0..3 {
        insert(&store, number, 10).expect("there is room");
    }
    room.store(0, Ordering::Relaxed);
    for error in [store.flush(), store.flush(), store.close()].map(Result::unwrap_err) {
        assert_eq!(
            error.to_string().replace(&path.display().to_string(), "it"),
            "failed to sync `it`: the last 3 acknowledged transactions may be lost"
        );
        let cause = error.source().expect("a cause").to_string();
        assert!(cause.contains("the disk is full; free some space"), "{cause}");
    }
    store.close().expect("it is closed already");
}

/// A durable store has nothing to lose, but closing it reports an earlier failure.
#[test]
fn durable_store_loses_nothing_when_the_disk_is_full() {
    let directory = directory();
    let path = directory.path().join("data");
    let (store, room) = limited(&path, Durability::Immediate);
    insert(&store, 0, 10).expect("there is room");
    store.flush().expect("everything is synced");
    room.store(0, Ordering::Relaxed);
    assert!(insert(&store, 1, 10).is_err_and(|error| error.is_full()));
    store.flush().expect("everything acknowledged is synced");
    let error = store.close().expect_err("a write failed");
    assert!(error.is_full() && error.unsynced_writes() == 0, "{error}");
    assert_eq!(get(&open(&path, Durability::Immediate).snapshot(), "00").as_deref(), Some("vvvvvvvvvv"));
}

#[test]
fn closed_store_releases_its_file_and_rejects_reads_and_writes() {
    for durability in [Durability::Immediate, Durability::Relaxed] {
        let directory = directory();
        let path = directory.path().join("data");
        let store = open(&path, durability);
        insert(&store, 0, 10).expect("the write succeeds");
        let (snapshot, fork, other) = (store.snapshot(), store.fork(), store.clone());
        store.close().expect("the file closes");
        let reopened = open(&path, durability);
        assert_eq!(dump(&reopened.snapshot()), "00=vvvvvvvvvv", "{durability:?}");
        let is_closed = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Closed { .. }));
        assert!(is_closed(insert(&other, 1, 10)), "{durability:?}");
        // Pages that were read before are still in memory.
        for snapshot in [snapshot, fork.snapshot(), other.snapshot()] {
            let read = snapshot.get(b"00").map(|value| assert!(value.is_some()));
            assert!(read.is_ok() || is_closed(read), "{durability:?}");
        }
        other.close().expect("it is closed already");
        other.flush().expect("everything is synced");
        drop((store, other));
        insert(&reopened, 1, 1).expect("the other handle does not matter");
    }
}

#[test]
fn closing_a_store_in_memory_does_nothing() {
    let store = Store::in_memory();
    store.close().expect("nothing to close");
    insert(&store, 0, 1).expect("it is open");
    assert_eq!(dump(&store.snapshot()), "00=v");
}
