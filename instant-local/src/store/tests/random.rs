//! Property tests: a store behaves like the standard library's ordered map.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Change {
    Insert(Vec<u8>, Vec<u8>),
    Remove(Vec<u8>),
}

/// Generates short keys of few different bytes, the extreme ones among them, so that keys collide.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0, 1, 97, 255]), 0..4)
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => (key(), prop::collection::vec(any::<u8>(), 0..4)).prop_map(|(key, value)| Change::Insert(key, value)),
        1 => key().prop_map(Change::Remove),
    ]
}

/// Generates writes: the changes of each, and whether it is committed.
fn writes() -> impl Strategy<Value = Vec<(Vec<Change>, bool)>> {
    prop::collection::vec((prop::collection::vec(change(), 0..12), prop::bool::weighted(0.8)), 0..6)
}

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

fn apply(model: &mut Model, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Insert(key, value) => drop(model.insert(key.clone(), value.clone())),
            Change::Remove(key) => drop(model.remove(key)),
        }
    }
}

fn same(snapshot: &Snapshot, model: &Model, from: &[u8], to: Option<&[u8]>, place: &str) {
    let expected =
        model.iter().filter(|(key, _)| key.as_slice() >= from && to.is_none_or(|to| key.as_slice() < to));
    let mut expected = expected.map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>();
    for direction in [Direction::Ascending, Direction::Descending] {
        let range = snapshot.range(from, to, direction).expect("the range begins");
        let found = range.map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())));
        let found = found.collect::<Result<Vec<_>, _>>().expect("the entries are read");
        assert_eq!(found, expected, "{place}, {direction:?}");
        expected.reverse();
    }
    let missing = snapshot.get(from).expect("the key is read").map(|value| value.to_vec());
    assert_eq!(missing.as_ref(), model.get(from), "{place}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stores_are_ordered_maps(writes in writes(), from in key(), to in prop::option::of(key())) {
        on_every_store(|kind, store| {
            let mut model = Model::new();
            let mut before = Vec::new();
            for (changes, keep) in &writes {
                before.push((store.snapshot(), model.clone()));
                let mut changed = model.clone();
                apply(&mut changed, changes);
                let outcome = store.write(|transaction| {
                    for change in changes {
                        match change {
                            Change::Insert(key, value) => transaction.insert(key, value),
                            Change::Remove(key) => transaction.remove(key),
                        }
                    }
                    same(transaction, &changed, &from, to.as_deref(), kind);
                    if *keep { Ok(()) } else { Err(Rejected(None)) }
                });
                match outcome {
                    Ok(()) => model = changed,
                    Err(Rejected(None)) => {}
                    Err(Rejected(Some(error))) => panic!("{kind}: {error}"),
                }
            }
            before.push((store.fork().snapshot(), model.clone()));
            before.push((store.snapshot(), model));
            for (snapshot, model) in &before {
                same(snapshot, model, &from, to.as_deref(), kind);
                same(snapshot, model, b"", None, kind);
            }
        });
    }
}

/// The error of a write: the caller's own (`None`), or the store's.
#[derive(Debug)]
struct Rejected(Option<StoreError>);

impl From<StoreError> for Rejected {
    fn from(error: StoreError) -> Rejected {
        Rejected(Some(error))
    }
}
