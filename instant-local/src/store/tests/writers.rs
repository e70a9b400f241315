//! Writers: what is kept and what is not, one after another and many at a time.

use std::sync::Barrier;
use std::thread;

use super::*;

/// An error of the caller's own.
#[derive(Debug)]
enum Failure {
    Refused(usize),
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}

#[test]
fn a_failed_write_leaves_nothing() {
    on_every_store(|kind, store| {
        put(&store, &[("a", Some("1"))]);
        let failed = store.write(|transaction| {
            transaction.insert(b"a", b"lost");
            transaction.insert(b"b", b"lost");
            Err::<(), _>(Failure::Refused(1))
        });
        assert!(matches!(failed, Err(Failure::Refused(1))), "{kind}: {failed:?}");
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
fn a_write_without_changes_commits_nothing() {
    on_every_store(|kind, store| {
        let read = store.write(|transaction| Ok::<_, StoreError>(get(transaction, "a")));
        assert_eq!(read.expect("the write succeeds"), None, "{kind}");
        assert_eq!(commits(&store), 0, "{kind}");
    });
}

#[test]
fn many_writers_lose_nothing() {
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
        let refused = THREADS * WRITES / 20;
        assert_eq!(number(&store.snapshot()), THREADS * WRITES - refused, "{kind}");
        let commits = commits(&store) as usize;
        assert!(commits < THREADS * WRITES - refused, "{kind}: {commits} commits");
    });
}

/// Adds one to the number in the store; then perhaps refuses.
fn count(store: &Store, refuse: bool) -> Result<(), Failure> {
    store.write(|transaction| {
        let next = number(transaction) + 1;
        transaction.insert(b"number", next.to_string().as_bytes());
        if refuse { Err(Failure::Refused(next)) } else { Ok(()) }
    })
}

fn number(snapshot: &Snapshot) -> usize {
    get(snapshot, "number").map_or(0, |number| number.parse().expect("a number"))
}

/// Nine writers, of whom eight certainly wait while the first has its turn.
#[test]
fn waiting_writers_share_one_commit() {
    on_every_store(|kind, store| {
        let before = commits(&store);
        let started = Barrier::new(2);
        thread::scope(|scope| {
            let first = scope.spawn(|| {
                store.write(|transaction| {
                    started.wait();
                    while store.0.turns.waiting() < 8 {
                        thread::yield_now();
                    }
                    transaction.insert(b"first", b"");
                    Ok::<_, Failure>(())
                })
            });
            started.wait();
            let others = [0, 1, 2, 3, 4, 5, 6, 7].map(|writer: usize| {
                let store = &store;
                scope.spawn(move || {
                    store.write(|transaction| {
                        transaction.insert(format!("{writer}").as_bytes(), b"");
                        match writer % 4 {
                            1 => Err(Failure::Refused(writer)),
                            2 => panic!("on purpose"),
                            _ => Ok(()),
                        }
                    })
                })
            });
            first.join().expect("no panic").expect("the first write succeeds");
            for (writer, other) in others.into_iter().enumerate() {
                let outcome = other.join().expect("the panic is caught");
                match writer % 4 {
                    1 => assert!(
                        matches!(outcome, Err(Failure::Refused(own)) if own == writer),
                        "{kind}: {outcome:?}"
                    ),
                    2 => assert!(
                        matches!(outcome, Err(Failure::Store(StoreError::Panicked { .. }))),
                        "{kind}: {outcome:?}"
                    ),
                    _ => outcome.expect("the write succeeds"),
                }
            }
        });
        assert_eq!(dump(&store.snapshot()), "0= 3= 4= 7= first=", "{kind}");
        if store.0.file.is_some() {
            assert_eq!(commits(&store) - before, 1, "{kind}");
        }
    });
}

fn commits(store: &Store) -> u64 {
    store.0.file.as_ref().map_or(0, |file| file.commits())
}
