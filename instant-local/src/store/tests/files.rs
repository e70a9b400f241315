//! Tests of files: reopened, after a crash, on a full disk, and files of other programs.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::limited::Limited;
use super::*;
use crate::store::file::File;

#[test]
fn reopened_file_has_all_writes() {
    for durability in [Durability::Immediate, Durability::Relaxed] {
        let directory = directory();
        let path = directory.path().join("data");
        let store = open(&path, durability);
        put(&store, &[("a", Some("1")), ("b", Some("2"))]);
        put(&store, &[("b", None), ("c", Some("3"))]);
        drop(store);
        assert_eq!(dump(&open(&path, durability).snapshot()), "a=1 c=3", "{durability:?}");
        fs::write(&path, b"").expect("the file is emptied");
        assert_eq!(dump(&open(&path, durability).snapshot()), "", "{durability:?}");
    }
}

/// A copy of an open file has the content that a killed process would leave.
#[test]
fn acknowledged_writes_survive_a_crash() {
    for durability in [Durability::Immediate, Durability::Relaxed] {
        let directory = directory();
        let path = directory.path().join("data");
        let store = open(&path, durability);
        for write in 0..50 {
            put(&store, &[(&format!("{write:02}"), Some("1")), ("last", Some(&write.to_string()))]);
        }
        store.flush().expect("the flush succeeds");
        let copy = directory.path().join("copy");
        fs::copy(&path, &copy).expect("the file is copied");
        let left = open(&copy, durability).snapshot();
        assert_eq!(
            left.scan(b"", Direction::Ascending).expect("the range begins").count(),
            51,
            "{durability:?}"
        );
        assert_eq!(get(&left, "last").as_deref(), Some("49"), "{durability:?}");
    }
}

/// Unflushed writes may be missing, but only whole ones at the end.
#[test]
fn relaxed_file_has_an_earlier_state_after_a_crash() {
    let directory = directory();
    let path = directory.path().join("data");
    let store = open(&path, Durability::Relaxed);
    for write in 0..200 {
        let key = format!("{write:03}");
        put(&store, &[(&key, Some("1")), ("count", Some(&(write + 1).to_string()))]);
        if write == 100 {
            store.flush().expect("the flush succeeds");
        }
    }
    let copy = directory.path().join("copy");
    fs::copy(&path, &copy).expect("the file is copied");
    let left = open(&copy, Durability::Relaxed).snapshot();
    let count = get(&left, "count").expect("a count").parse::<usize>().expect("a number");
    assert!(count > 100, "{count}");
    let expected = (0..count).map(|write| format!("{write:03}=1")).collect::<Vec<_>>().join(" ");
    assert_eq!(dump(&left), format!("{expected} count={count}"));
}

/// Dropping the store flushes it even if a snapshot keeps the file open.
#[test]
fn closing_a_relaxed_file_flushes_it() {
    let directory = directory();
    let path = directory.path().join("data");
    let store = open(&path, Durability::Relaxed);
    let snapshot = store.snapshot();
    put(&store, &[("a", Some("1"))]);
    drop(store);
    let copy = directory.path().join("copy");
    fs::copy(&path, &copy).expect("the file is copied");
    assert_eq!(dump(&open(&copy, Durability::Relaxed).snapshot()), "a=1");
    assert_eq!(dump(&snapshot), "");
}

#[test]
fn snapshot_keeps_the_file_open() {
    let directory = directory();
    let path = directory.path().join("data");
    let store = open(&path, Durability::Immediate);
    put(&store, &[("a", Some("1"))]);
    let snapshot = store.snapshot();
    drop(store);
    assert!(Store::open(&path, Durability::Immediate).is_err_and(|error| error.is_locked()));
    assert_eq!(dump(&snapshot), "a=1");
    drop(snapshot);
    assert_eq!(dump(&open(&path, Durability::Immediate).snapshot()), "a=1");
}

/// The disk is full after any number of operations. Acknowledged writes can be read, before and
/// after the file is opened again.
#[test]
fn acknowledged_writes_survive_a_full_disk() {
    let (mut not_created, mut rejected, mut in_doubt) = (0, 0, 0);
    for room in 0..100 {
        let directory = directory();
        let path = directory.path().join("data");
        let mut written = 0;
        match File::open(&path, Durability::Immediate, |file| {
            Box::new(Limited::new(file, &Arc::new(AtomicU64::new(room))))
        }) {
            Ok((file, view)) => {
                let store = Store::new(Snapshot::of_file(view), Some(file));
                for number in 0..50 {
                    let Err(error) = insert(&store, number) else {
                        written += 1;
                        continue;
                    };
                    assert!(error.is_full(), "room for {room}: {error}");
                    assert!(insert(&store, 99).is_err_and(|error| error.is_full()), "room for {room}");
                    rejected += 1;
                    break;
                }
                assert_eq!(dump(&store.snapshot()), inserted(written), "room for {room}");
            }
            Err(error) => {
                assert!(error.is_full(), "room for {room}: {error}");
                not_created += 1;
            }
        }
        let store = open(&path, Durability::Immediate);
        // If the sync failed, the whole write may be there.
        if get(&store.snapshot(), &format!("{written:02}")).is_some() {
            in_doubt += 1;
            written += 1;
        }
        assert_eq!(dump(&store.snapshot()), inserted(written), "room for {room}, reopened");
        insert(&store, written).expect("there is room");
        assert_eq!(dump(&store.snapshot()), inserted(written + 1), "room for {room}, reopened and written");
    }
    let counts = format!(
        "{not_created} files not created, {rejected} writes rejected, of these {in_doubt} at the sync"
    );
    assert!(not_created > 5 && rejected > 50 && in_doubt < rejected / 4, "{counts}");
}

fn insert(store: &Store, number: usize) -> Result<(), StoreError> {
    store.write(|transaction| {
        transaction.insert(format!("{number:02}").as_bytes(), "v".repeat(number * 50).as_bytes());
        Ok(())
    })
}

fn inserted(count: usize) -> String {
    let entries = (0..count).map(|number| format!("{number:02}={}", "v".repeat(number * 50)));
    entries.collect::<Vec<_>>().join(" ")
}

#[test]
fn open_rejects_foreign_and_damaged_files() {
    let own = {
        let directory = directory();
        let path = directory.path().join("own");
        let store = open(&path, Durability::Immediate);
        (0..200).for_each(|write| put(&store, &[(&write.to_string(), Some(&"v".repeat(500)))]));
        drop(store);
        fs::read(path).expect("the file is read")
    };
    let foreign = {
        let directory = directory();
        let path = directory.path().join("foreign");
        let database = redb::Database::create(&path).expect("the database is made");
        let transaction = database.begin_write().expect("a transaction");
        let table = redb::TableDefinition::<u64, u64>::new("theirs");
        transaction.open_table(table).expect("a table").insert(1, 2).expect("an entry");
        transaction.commit().expect("a commit");
        drop(database);
        fs::read(path).expect("the file is read")
    };
    let check = |content: &[u8], expected: &str| {
        let directory = directory();
        let path = directory.path().join("it");
        fs::write(&path, content).expect("the file is made");
        let error = Store::open(&path, Durability::Immediate).map(drop).expect_err(expected);
        let message = error.to_string().replace(&path.display().to_string(), "it");
        assert!(message.starts_with(expected), "{message}");
        let after = fs::read(&path).expect("the file is read");
        assert!(after == content, "{expected}: the file was changed");
    };
    check(
        b"a letter",
        "failed to open `it`: it is not a database of this program but a file of another kind, of 8 bytes; \
         choose another path",
    );
    check(
        &[b'x'; 100_000],
        "failed to open `it`: it is not a database of this program but a file of another kind, of 100000 bytes; \
         choose another path",
    );
    check(
        &foreign,
        "failed to open `it`: it is not a database of this program but a redb database of another program, with \
         a table `theirs`; choose another path",
    );
    check(
        &own[..100],
        "`it` is damaged (truncated to 100 bytes); restore it from a backup, and keep a copy of the damaged file",
    );
    check(&own[..5000], "`it` is damaged (File truncated");
    check(&own[..own.len() / 2], "`it` is damaged (File truncated");
    check(&own[..own.len() - 1], "`it` is damaged (File truncated");
}

#[test]
fn open_explains_impossible_paths() {
    let directory = directory();
    let check = |name: &str, expected: &str| {
        let path = directory.path().join(name);
        let error = Store::open(&path, Durability::Immediate).map(drop).expect_err(expected);
        assert_eq!(error.to_string().replace(&path.display().to_string(), "it"), expected);
        assert!(std::error::Error::source(&error).is_some(), "{expected}");
    };
    check("missing/data", "failed to open `it`: its directory does not exist; create it first");
    check("", "failed to open `it`: it is a directory; choose a file in it");
}

/// The errors are constructed, because a test that runs as root is never denied access.
#[test]
fn io_errors_name_the_remedy() {
    use std::io::ErrorKind::*;
    let check = |operation, kind, expected: &str| {
        let error = StoreError::io(Path::new("it"), operation, std::io::Error::from(kind));
        assert_eq!(error.to_string(), expected, "{kind:?}");
    };
    let denied =
        "failed to open `it`: permission denied; allow reading and writing of the file and its directory";
    check("open", PermissionDenied, denied);
    check("open", ReadOnlyFilesystem, denied);
    check("read", Other, "failed to read `it`; check the disk, then open the file again");
    let full = "failed to write `it`: the disk is full; free some space and open the file again, it is read-only \
                until then";
    check("write", StorageFull, full);
    check("write", QuotaExceeded, full);
}
