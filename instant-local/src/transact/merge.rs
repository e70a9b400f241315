//! Deep merge (`docs/protocol/transactions.md`, "5.3 merge").

use std::{cmp::Ordering, collections::BTreeMap};

use instant_core::{Object, Value};

use super::values::key_order;

/// A value into which patches are merged in place, so that many patches of one value cost as much
/// as their own size.
#[derive(Debug)]
pub(super) enum Merged {
    Value(Value),
    /// An object that was patched.
    Members(BTreeMap<Key, Merged>),
}

/// A key, in the order in which objects are stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key(String);

impl Merged {
    /// Merges a patch.
    ///
    /// Objects merge key by key at every depth, and a null removes its key. Any other patch replaces
    /// the value, including its nulls.
    pub(super) fn merge(&mut self, patch: Value) {
        let Value::Object(patch) = patch else {
            *self = Self::Value(patch);
            return;
        };
        if let Self::Value(Value::Object(members)) = self {
            let members = std::mem::take(members).into_iter();
            *self = Self::Members(members.map(|(key, value)| (Key(key), Self::Value(value))).collect());
        }
        let Self::Members(members) = self else {
            *self = Self::Value(Value::Object(patch));
            return;
        };
        for (key, patch) in patch {
            let key = Key(key);
            if patch.is_null() {
                members.remove(&key);
                continue;
            }
            match members.get_mut(&key) {
                Some(member) => member.merge(patch),
                None => drop(members.insert(key, Self::Value(patch))),
            }
        }
    }

    /// Returns the value. The members of patched objects are in the order in which they are stored.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Members(members) => {
                let mut object = Vec::with_capacity(members.len());
                // A loop, because the frames of iterators add up for deeply nested values.
                for (key, member) in members {
                    object.push((key.0, member.into_value()));
                }
                Value::Object(Object::from_iter(object))
            }
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        key_order(&self.0, &other.0)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_as_the_reference_lists() {
        for (stored, patch, want) in [
            ("{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}"),
            ("{\"a\":1,\"b\":2}", "{\"b\":null}", "{\"a\":1}"),
            ("{\"m\":{\"x\":1}}", "{\"m\":{\"x\":null,\"y\":2}}", "{\"m\":{\"y\":2}}"),
            ("{\"m\":{\"x\":1}}", "{\"m\":{}}", "{\"m\":{\"x\":1}}"),
            ("{\"m\":[1,2]}", "{\"m\":[3]}", "{\"m\":[3]}"),
            ("{\"m\":{\"x\":1}}", "{\"m\":5}", "{\"m\":5}"),
            ("{\"m\":5}", "{\"m\":{\"x\":null,\"y\":1}}", "{\"m\":{\"x\":null,\"y\":1}}"),
            ("{}", "{\"n\":{\"x\":null}}", "{\"n\":{\"x\":null}}"),
            ("\"text\"", "{\"y\":1}", "{\"y\":1}"),
            ("null", "{\"y\":1}", "{\"y\":1}"),
            ("{\"a\":1}", "null", "null"),
            ("{\"a\":1}", "\"z\"", "\"z\""),
            ("{\"a\":null}", "{\"a\":null}", "{}"),
            ("{\"a\":null}", "{\"a\":{\"x\":null}}", "{\"a\":{\"x\":null}}"),
        ] {
            let parsed = |json: &str| Value::parse(json).unwrap();
            let mut merged = Merged::Value(parsed(stored));
            merged.merge(parsed(patch));
            assert_eq!(merged.into_value().to_string(), want, "{patch} into {stored}");
        }
    }

    #[test]
    fn later_patches_see_earlier_ones() {
        for (stored, patches, want) in [
            ("{\"b\":1,\"aa\":2}", &["{\"a\":3}", "{\"b\":null}"][..], "{\"a\":3,\"aa\":2}"),
            ("{}", &["{\"m\":{\"x\":1}}", "{\"m\":{\"y\":2}}", "{\"m\":{\"x\":null}}"], "{\"m\":{\"y\":2}}"),
            ("{\"a\":1}", &["{\"b\":2}", "7", "{\"c\":null}"], "{\"c\":null}"),
            ("{\"a\":1}", &["null", "{\"b\":2}"], "{\"b\":2}"),
            ("{\"m\":{\"x\":1}}", &["{\"m\":[1]}", "{\"m\":{\"z\":null}}"], "{\"m\":{\"z\":null}}"),
        ] {
            let mut merged = Merged::Value(Value::parse(stored).unwrap());
            patches.iter().for_each(|patch| merged.merge(Value::parse(patch).unwrap()));
            assert_eq!(merged.into_value().to_string(), want, "{patches:?} into {stored}");
        }
    }
}
