//! Tests of writers: which writes are kept, one at a time and concurrently.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use super::limited::Limited;
use super::*;
use crate::store::file::File;

/// An error of the caller.
#[derive(Debug)]
enum Failure {
    Rejected(usize),
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}

#[test]
fn failed_write_is_discarded() {
    on_every_store(|kind, store| {
        put(&store, &[("a", Some("1"))]);
        let failed = store.write(|transaction| {
            transaction.insert(b"a", b"lost");
            transaction.insert(b"b", b"lost");
            Err::<(), _>(Failure::Rejected(1))
        });
        assert!(matches!(failed, Err(Failure::Rejected(1))), "{kind}: {failed:?}");
        let panicked = store.write(|transaction| -> Result<(), Failure> {
            transaction.remove(b"a");
            panic!("on purpose, {}", 7)
        });
        let Err(Failure::Store(StoreError::Panicked { message })) = panicked else {
            panic!("{kind}: {panicked:?}")
        };
        assert_eq!(message, "on purpose, 7", "{kind}");
        assert_eq!(dump(&store.snapshot()), "a=1", "{kind}");
        put(&store, &[("b", Some("2"))]);
        assert_eq!(dump(&store.snapshot()), "a=1 b=2", "{kind}");
    });
}

#[test]
fn write_without_changes_does_not_commit() {
    on_every_store(|kind, store| {
        let read = store.write(|transaction| Ok::<_, StoreError>(get(transaction, "a")));
        assert_eq!(read.expect("the write succeeds"), None, "{kind}");
        assert_eq!(commits(&store), 0, "{kind}");
    });
}

#[test]
fn concurrent_writers_see_each_other() {
    const THREADS: usize = 8;
    const WRITES: usize = 200;
    on_every_store(|kind, store| {
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let store = &store;
                scope.spawn(move || {
                    (0..WRITES).for_each(|write| {
                        let counted = count(store, write % 20 == thread);
                        assert_eq!(counted.is_err(), write % 20 == thread);
                    });
                });
            }
        });
        let rejected = THREADS * WRITES / 20;
        assert_eq!(number(&store.snapshot()), THREADS * WRITES - rejected, "{kind}");
        let commits = commits(&store) as usize;
        assert!(commits < THREADS * WRITES - rejected, "{kind}: {commits} commits");
    });
}

/// Adds one to the number in the store. Then it fails if `reject` is set.
fn count(store: &Store, reject: bool) -> Result<(), Failure> {
    store.write(|transaction| {
        let next = number(transaction) + 1;
        transaction.insert(b"number", next.to_string().as_bytes());
        if reject { Err(Failure::Rejected(next)) } else { Ok(()) }
    })
}

fn number(snapshot: &Snapshot) -> usize {
    get(snapshot, "number").map_or(0, |number| number.parse().expect("a number"))
}

#[test]
fn waiting_writers_share_one_commit() {
    on_every_store(|kind, store| {
        let before = commits(&store);
        let outcomes = write_together(&store);
        assert_eq!(
            outcomes, "kept, kept, rejected, panicked, kept, kept, rejected, panicked, kept",
            "{kind}"
        );
        assert_eq!(dump(&store.snapshot()), "0= 1= 4= 5= 8=", "{kind}");
        if store.0.file.is_some() {
            assert_eq!(commits(&store) - before, 1, "{kind}");
        }
    });
}

/// The state that the writers of a group read was never committed, so that all of them fail.
#[test]
fn waiting_writers_share_one_failure() {
    let directory = directory();
    let path = directory.path().join("data");
    put(&open(&path, Durability::Immediate), &[("before", Some("1"))]);
    let room = Arc::new(AtomicU64::new(u64::MAX));
    let opened = File::open(&path, Durability::Immediate, |file| Box::new(Limited::new(file, &room)));
    let (file, view) = opened.expect("the file opens");
    let store = Store::new(Snapshot::of_file(view), Some(file));
    room.store(0, Ordering::Relaxed);
    let outcomes = write_together(&store);
    assert_eq!(outcomes, "full, full, full, full, full, full, full, full, full");
    assert_eq!(dump(&store.snapshot()), "before=1");
    let seen = store.write(|transaction| Ok::<_, Failure>(dump(transaction)));
    assert_eq!(seen.expect("nothing is written"), "before=1");
}

/// Runs nine writers, of which eight wait while the first has its turn. Returns their outcomes.
fn write_together(store: &Store) -> String {
    let started = Barrier::new(2);
    let write = |writer: usize| {
        let key = writer.to_string();
        let outcome = store.write(|transaction| {
            if writer == 0 {
                started.wait();
                while store.0.waiting.load(Ordering::Relaxed) < 8 {
                    thread::yield_now();
                }
            }
            transaction.insert(key.as_bytes(), b"");
            match writer % 4 {
                2 => Err(Failure::Rejected(writer)),
                3 => panic!("on purpose"),
                _ => Ok(()),
            }
        });
        let seen = get(&store.snapshot(), &key).is_some();
        match outcome {
            Ok(()) if seen => "kept",
            Err(Failure::Rejected(own)) if own == writer && !seen => "rejected",
            Err(Failure::Store(StoreError::Panicked { .. })) if !seen => "panicked",
            Err(Failure::Store(error)) if error.is_full() && !seen => "full",
            other => panic!("writer {writer}: {other:?}, seen: {seen}"),
        }
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| write(0));
        started.wait();
        let write = &write;
        let others = [1, 2, 3, 4, 5, 6, 7, 8].map(|writer| scope.spawn(move || write(writer)));
        let outcomes =
            [first].into_iter().chain(others).map(|writer| writer.join().expect("the panic is caught"));
        outcomes.collect::<Vec<_>>().join(", ")
    })
}

fn commits(store: &Store) -> u64 {
    store.0.file.as_ref().map_or(0, |file| file.commits())
}
