//! Tests of reads: by key, by range and by prefix, of snapshots, forks and transactions.

use super::*;

#[test]
fn get_returns_the_last_value_of_a_key() {
    on_every_store(|kind, store| {
        put(&store, &[("a", Some("1")), ("", Some("no key")), ("b", Some(""))]);
        let found = ["a", "", "b", "c"].map(|key| get(&store.snapshot(), key));
        let expected = [Some("1"), Some("no key"), Some(""), None].map(|value| value.map(str::to_owned));
        assert_eq!(found, expected, "{kind}");
        put(&store, &[("a", Some("2")), ("b", None), ("never there", None)]);
        assert_eq!(dump(&store.snapshot()), "=no key a=2", "{kind}");
    });
}

#[test]
fn range_returns_keys_between_its_bounds() {
    on_every_store(|kind, store| {
        put(&store, &[("b", Some("1")), ("ba", Some("2")), ("c", Some("3")), ("d", Some("gone"))]);
        put(&store, &[("d", None), ("a", Some("0")), ("c", Some("4"))]);
        let check = |from: &str, to: Option<&str>, expected: &str| {
            let snapshot = store.snapshot();
            let range = |direction| snapshot.range(from.as_bytes(), to.map(str::as_bytes), direction);
            assert_eq!(list(range(Direction::Ascending)), expected, "{kind}: {from}..{to:?}");
            let mut reversed = expected.split(' ').rev().collect::<Vec<_>>().join(" ");
            reversed.truncate(expected.len());
            assert_eq!(list(range(Direction::Descending)), reversed, "{kind}: {from}..{to:?} descending");
        };
        check("", None, "a=0 b=1 ba=2 c=4");
        check("b", Some("c"), "b=1 ba=2");
        check("b", Some("c\0"), "b=1 ba=2 c=4");
        check("b\0", Some("c"), "ba=2");
        check("aa", Some("bb"), "b=1 ba=2");
        check("c", Some("zz"), "c=4");
        check("d", None, "");
        check("b", Some("b"), "");
        check("c", Some("a"), "");
        check("", Some(""), "");
    });
}

#[test]
fn scan_returns_keys_with_the_prefix() {
    on_every_store(|kind, store| {
        let keys: [&[u8]; 6] = [b"\x01", b"\x01\xff", b"\x01\xff\xff", b"\x02", b"\xff", b"\xff\xff\x01"];
        store
            .write(|transaction| {
                keys.iter().for_each(|key| transaction.insert(key, b""));
                Ok::<_, StoreError>(())
            })
            .expect("the write succeeds");
        let check = |prefix: &[u8], expected: &str| {
            let snapshot = store.snapshot();
            assert_eq!(list(snapshot.scan(prefix, Direction::Ascending)), expected, "{kind}: {prefix:?}");
        };
        check(b"\x01", r"\x01= \x01\xff= \x01\xff\xff=");
        check(b"\x01\xff", r"\x01\xff= \x01\xff\xff=");
        check(b"\xff", r"\xff= \xff\xff\x01=");
        check(b"\xff\xff", r"\xff\xff\x01=");
        check(b"\x03", "");
        check(b"\x02", r"\x02=");
    });
}

#[test]
fn snapshot_does_not_see_later_writes() {
    on_every_store(|kind, store| {
        put(&store, &[("a", Some("1")), ("b", Some("2"))]);
        let before = store.snapshot();
        let mut half_read = before.scan(b"", Direction::Ascending).expect("the range begins");
        half_read.next().expect("there is an entry").expect("the entry is read");
        put(&store, &[("a", Some("changed")), ("b", None), ("c", Some("3"))]);
        assert_eq!(list(Ok(half_read)), "b=2", "{kind}");
        assert_eq!(dump(&before), "a=1 b=2", "{kind}");
        assert_eq!(dump(&store.snapshot()), "a=changed c=3", "{kind}");
        drop(store);
        assert_eq!(dump(&before), "a=1 b=2", "{kind}");
    });
}

#[test]
fn fork_and_store_change_independently() {
    on_every_store(|kind, store| {
        put(&store, &[("a", Some("1")), ("b", Some("2"))]);
        let fork = store.fork();
        put(&store, &[("a", Some("of the store"))]);
        put(&fork, &[("b", None), ("c", Some("of the fork"))]);
        assert_eq!(dump(&store.snapshot()), "a=of the store b=2", "{kind}");
        assert_eq!(dump(&fork.snapshot()), "a=1 c=of the fork", "{kind}");
        assert_eq!(dump(&fork.fork().snapshot()), "a=1 c=of the fork", "{kind}");
        put(&fork, &[("a", None), ("b", Some("again"))]);
        assert_eq!(dump(&fork.snapshot()), "b=again c=of the fork", "{kind}");
    });
}

#[test]
fn transaction_reads_its_own_changes() {
    on_every_store(|kind, store| {
        put(&store, &[("a", Some("1")), ("b", Some("2")), ("d", Some("4"))]);
        let seen = store.write(|transaction| {
            transaction.insert(b"a", b"changed");
            transaction.remove(b"b");
            transaction.insert(b"c", b"3");
            let downwards = list(transaction.scan(b"", Direction::Descending));
            Ok::<_, StoreError>((dump(transaction), downwards, get(transaction, "b")))
        });
        let (upwards, downwards, removed) = seen.expect("the write succeeds");
        assert_eq!(upwards, "a=changed c=3 d=4", "{kind}");
        assert_eq!(downwards, "d=4 c=3 a=changed", "{kind}");
        assert_eq!(removed, None, "{kind}");
        assert_eq!(dump(&store.snapshot()), "a=changed c=3 d=4", "{kind}");
    });
}
